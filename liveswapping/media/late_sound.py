"""The microphone played as late as the picture is shown, for a call or a stream that takes both."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.media.sound_devices import RATE, Device, Heard, Played, open_loudspeaker, open_microphone

LONGEST: Final = 10.0
"""Seconds by which the picture may be held back."""
_SIZE: Final = int((LONGEST + 2) * RATE)
_BLOCKS: Final = 51
"""Blocks whose times are believed together, as their median: they jitter by milliseconds, and for its first second a
device may be wrong about them by more than half of one."""
_SETTLE: Final = 0.02
"""How much of what the sound is off is put right in each block."""
_JUMP: Final = 0.015
"""Seconds by which the sound may be off before it jumps to where it belongs; until then it is bent there."""
_BEND: Final = 0.005
"""Share by which a block is made longer or shorter at most, which nobody hears."""


class LateSound:
    """Takes blocks from one thread of the sound system and gives blocks to another; `delay` may change meanwhile.

    Everything that the two share is written by one of them only, and read by the other as whole values.
    """

    def __init__(self, delay: Callable[[], float]) -> None:
        """`delay`: seconds from a sound to its being heard again."""
        self._delay = delay
        self._ring = np.zeros(_SIZE, np.float32)
        self._written = 0
        self._origin: float | None = None
        self._origins: deque[float] = deque(maxlen=_BLOCKS)
        self._read: float | None = None

    def heard(self, block: F32, heard_at: float) -> None:
        """As `sound_devices.Heard`."""
        self._origins.append(heard_at - self._written / RATE)
        self._origin = float(np.median(self._origins))
        places = (self._written + np.arange(len(block))) % _SIZE
        self._ring[places] = block
        self._written += len(block)

    def played(self, count: int, heard_at: float) -> F32:
        """As `sound_devices.Played`: silence where nothing was heard."""
        origin, written = self._origin, self._written
        if origin is None:
            return np.zeros(count, np.float32)
        wanted = (heard_at - min(LONGEST, max(0.0, self._delay())) - origin) * RATE
        read = self._read
        if read is None or abs(wanted - read) > _JUMP * RATE:
            read = wanted
        step = 1.0 + float(np.clip(_SETTLE * (wanted - read) / count, -_BEND, _BEND))
        places = read + step * np.arange(count)
        self._read = read + step * count
        before = np.floor(places).astype(np.int64)
        share = (places - before).astype(np.float32)
        sound = (1 - share) * self._ring[before % _SIZE] + share * self._ring[(before + 1) % _SIZE]
        known = (before >= max(0, written - _SIZE + RATE)) & (before + 1 < written)
        return np.where(known, sound, 0).astype(np.float32)


class SoundDelay:
    """A microphone on a loudspeaker, late. Open from when it is made until `close`."""

    def __init__(
        self,
        source: str,
        target: str,
        delay: Callable[[], float],
        listen: Callable[[str, Heard], Device] = open_microphone,
        play: Callable[[str, Played], Device] = open_loudspeaker,
    ) -> None:
        """`source` and `target` are devices as `open_microphone` takes them. Raises SinkError."""
        late = LateSound(delay)
        self._microphone = listen(source, late.heard)
        try:
            self._loudspeaker = play(target, late.played)
        except BaseException:
            self._microphone.close()
            raise

    def close(self) -> None:
        """Silence."""
        self._loudspeaker.close()
        self._microphone.close()
