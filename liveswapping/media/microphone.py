"""The microphone's sound in a recording or a stream, in step with the pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet

from liveswapping.domain.frame import F32
from liveswapping.media.encoding import AddSound
from liveswapping.media.sound_devices import RATE, Device, Heard, open_microphone

_HELD: Final = 3000
"""Blocks that wait for a picture: 30 s; a run that is paused longer has silence there."""
_GAP: Final = 0.1
"""Seconds by which a block may be off before sound is left out, or silence put in."""
_BEND: Final = 0.005
"""Share by which a block is made longer or shorter at most: a sound card's clock is not ours, and nobody hears it."""
_SETTLE: Final = 0.05
"""How much of each block's own error is believed: its time jitters by milliseconds."""

_PRIMING: Final = 1024
"""Samples that FFmpeg's AAC encoder puts before the first. The track begins that much later: an MP4 that is safe from
its first picture on has its head written before its sound is known, and would play it that much too late."""

OpenMicrophone = Callable[[Heard], Device]


def microphone(device: str) -> AddSound:
    """What adds this microphone's sound to a container. Raises SinkError, now and later, where there is none."""
    open_microphone(device, lambda block, heard_at: None).close()
    return lambda container, began: MicrophoneTrack(container, began, lambda heard: open_microphone(device, heard))


class MicrophoneTrack:
    """One track of AAC. `until`, `rest` and `close` come from one thread, blocks from another."""

    def __init__(self, container: OutputContainer, began: float, listen: OpenMicrophone) -> None:
        """`began`: when the first picture was captured (`time.perf_counter`), at which the track begins."""
        self._began = began
        self._stream = container.add_stream("aac", rate=RATE, layout="mono")
        self._blocks: deque[tuple[F32, float]] = deque(maxlen=_HELD)
        self._next = _PRIMING
        self._off = 0.0
        self._empty = True
        self._device = listen(lambda block, heard_at: self._blocks.append((block, heard_at)))

    def until(self, time: Fraction) -> Iterator[Packet[Any]]:
        """All that was heard until now; what was heard after `time` is put in order by the container."""
        while self._blocks:
            block, heard_at = self._blocks.popleft()
            yield from self._encode(self._placed(block, round((heard_at - self._began) * RATE)))

    def rest(self, end: Fraction) -> Iterator[Packet[Any]]:
        """What was heard until the last picture's end."""
        self._device.close()
        yield from self.until(end)
        yield from self._stream.encode(None)

    def close(self) -> None:
        """Stop listening."""
        self._device.close()

    def _placed(self, block: F32, wanted: int) -> F32:
        """`block` as it follows on from what was written, when its first sample belongs at `wanted`."""
        off = wanted - self._next
        if off < -_GAP * RATE or (off < 0 and self._empty):
            return block[min(len(block), -off) :]
        if off > _GAP * RATE or self._empty:
            self._off = 0.0
            return np.concatenate([np.zeros(off, np.float32), block])
        self._off += _SETTLE * (off - self._off)
        bend = int(np.clip(round(self._off), -_BEND * len(block), _BEND * len(block)))
        if not bend:
            return block
        self._off -= bend
        places = np.linspace(0, len(block) - 1, len(block) + bend)
        return np.interp(places, np.arange(len(block)), block).astype(np.float32)

    def _encode(self, samples: F32) -> Iterator[Packet[Any]]:
        if len(samples):
            self._empty = False
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), self._next
            self._next += len(samples)
            yield from self._stream.encode(frame)
