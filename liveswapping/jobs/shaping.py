"""From what a user writes of a part, a size and a rate to a Shaping."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liveswapping.media.film_source import Scale, Shaping

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")
_PART = re.compile(r"([\d:.]*)-([\d:.]*)")
_RATES = {23.976: Fraction(24000, 1001), 29.97: Fraction(30000, 1001), 59.94: Fraction(60000, 1001)}
"""What is written with a few digits and means a quotient."""
_SIDES = (16, 16384)


def shaping_of(settings: Settings, options: Mapping[str, Any]) -> Shaping:
    """What the flags make of a file before anything else. Raises SettingsError."""
    from liveswapping.media.film_source import Shaping
    from liveswapping.media.orientation import Orientation

    start, end = part_of(options["trim"]) if options.get("trim") else (None, None)
    if options.get("seconds"):
        limit = (start or Fraction(0)) + Fraction(str(options["seconds"]))
        end = limit if end is None else min(end, limit)
    return Shaping(
        start,
        end,
        options.get("frames"),
        None if settings.fps is None else rate_of(settings.fps),
        scale_of(options["scale"]) if options.get("scale") else None,
        Orientation.turned(settings.rotate, settings.mirror),
    )


def part_of(text: str) -> tuple[Fraction | None, Fraction | None]:
    """Such as "10-20", "1:30-" or "-0:45.5", in seconds. Raises SettingsError."""
    found = _PART.fullmatch(text.strip())
    sides = found.groups() if found else ("", "")
    start, end = (seconds_of(side) if side else None for side in sides)
    if start is None and end is None:
        raise SettingsError(f"--trim {text!r} cannot be used; write START-END, such as 10-20, 1:30- or -0:45")
    if end is not None and end <= (start or 0):
        raise SettingsError(f"--trim {text!r} ends before it begins; write START-END")
    return start or None, end


def seconds_of(text: str) -> Fraction:
    """Such as "90", "1:30" or "1:02:03.5". Raises SettingsError."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise SettingsError(f"--trim: {text!r} is no time; write seconds, or 1:02:03.5")
    hours, minutes, seconds = (Fraction(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def scale_of(text: str) -> Scale:
    """Such as "0.5", "720p", "1280x720", "1280x" or "x720". Raises SettingsError."""
    from liveswapping.media.film_source import Scale

    wanted = text.strip().lower().replace("×", "x")
    lines = re.fullmatch(r"(\d+)p", wanted)
    sides = re.fullmatch(r"(\d*)x(\d*)", wanted)
    if lines:
        return Scale(height=_side(lines[1], text))
    if sides and wanted != "x":
        width, height = (_side(side, text) if side else None for side in sides.groups())
        return Scale(width=width, height=height)
    if re.fullmatch(r"\d*\.?\d+", wanted) and Fraction(1, 16) <= Fraction(wanted) <= 8:
        return Scale(factor=Fraction(wanted))
    raise SettingsError(f"--scale {text!r} cannot be used; write 0.5, 720p, 1280x720, 1280x or x720")


def rate_of(fps: float) -> Fraction:
    """The exact rate that is meant."""
    return _RATES.get(fps) or Fraction(str(fps)).limit_denominator(1001)


def _side(text: str, whole: str) -> int:
    if not _SIDES[0] <= int(text) <= _SIDES[1]:
        raise SettingsError(f"--scale {whole!r} cannot be used; sides may be {_SIDES[0]} to {_SIDES[1]} pixels")
    return int(text)
