"""What is known of a source besides its frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from liveswapping.domain.protocols import Source


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A description to show, to plan a file job with, and to make a recording fit."""

    name: str
    """For people: a file's name, a camera's name, an address."""
    width: int
    """Pixels, as the frames come (already turned); 0 while not known."""
    height: int
    fps: Fraction | None = None
    """Frames a second on average; None where nobody knows."""
    frames: int | None = None
    """How many frames there will be, as far as can be told beforehand; None: no end, or unknown."""
    duration: Fraction | None = None
    """In seconds; None: no end, or unknown."""
    path: Path | None = None
    """The file behind it, where there is one: the recorder takes sound from here."""
    audio: tuple[str, ...] = ()
    """One line for each sound track, such as "aac, 48000 Hz, stereo, eng"."""
    time_base: Fraction | None = None
    """The unit in which the file counts its time stamps, in seconds."""
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel by its height."""
    full_range: bool = False
    """Whether black is 0 and white 255 in the file's own pictures."""
    bits: int = 8
    """Of each colour in the file; it is always worked on at 8."""
    hdr: str = ""
    """The curve of a high dynamic range: "PQ" or "HLG"; empty where the file has the usual one."""


class MediaSource(Source, Protocol):
    """A source that can say what it is."""

    @property
    def info(self) -> SourceInfo:
        """What is known now; a live source may know more later."""
        ...

    @property
    def damaged(self) -> int:
        """Pictures so far that could not be read, or only in part."""
        ...
