"""When a decoded picture is to be shown."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from av.video.frame import VideoFrame

from liveswapping.media.decoder import Decoder

ClockState: TypeAlias = tuple[Fraction | None, Fraction | None]

_USUAL_FPS = Fraction(25)
_JUMP = Fraction(1)
"""Seconds back that are no mistake of order any more: the file's clock has begun anew."""


class PictureClock:
    """Times of a file's pictures, in seconds from the file's beginning, always growing.

    They are the file's own. Where it has none, one picture follows the other at the usual distance.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._step = 1 / (decoder.info.fps or _USUAL_FPS)
        self._offset: Fraction | None = None if decoder.untimed else -decoder.origin
        self._last: Fraction | None = None

    @property
    def state(self) -> ClockState:
        """What decides the times to come."""
        return self._offset, self._last

    @state.setter
    def state(self, state: ClockState) -> None:
        self._offset, self._last = state

    def time(self, picture: VideoFrame) -> Fraction | None:
        """The time of the next picture; None for one that damage has brought out after its turn."""
        expected = Fraction(0) if self._last is None else self._last + self._step
        stamp = picture.dts if self._decoder.untimed else picture.pts
        if stamp is None or picture.time_base is None:
            self._last = expected
            return expected
        raw = stamp * picture.time_base
        if self._offset is None or (self._last is not None and raw + self._offset < self._last - _JUMP):
            self._offset = expected - raw
        time = raw + self._offset
        if self._last is not None and time <= self._last:
            if self._decoder.damaged:
                return None
            time = self._last + picture.time_base
        self._last = time
        return time
