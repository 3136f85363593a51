"""What files say of themselves, wherever they say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AGENT: Final = "LiveSwapping"
SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a picture of which a part was made by a trained algorithm."""
SYNTHETIC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
"""IPTC's word for one of which a part was made by a computer, not by what learnt from examples."""
WHAT_WAS_SWAPPED: Final = "Faces in it were replaced by those of other people."
WHAT_WAS_TAKEN_OUT: Final = "Something in it was taken out, and what is seen in its place was made up."
TYPE_TAG: Final = "DIGITAL_SOURCE_TYPE"
AGENT_TAG: Final = "LIVESWAPPING"
"""Tags of a film's container."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to make a file."""

    words: str = WHAT_WAS_SWAPPED
    kind: str = SOURCE_TYPE
    """IPTC's digital source type."""
    models: tuple[str, ...] = ()
    """The engine and whatever restored or enlarged."""


def version() -> str:
    """Ours."""
    from liveswapping import __version__

    return __version__


def sentence(done: Done) -> str:
    """All of it in one line."""
    return f"{AGENT} {version()}: {done.words} Models: {', '.join(done.models) or 'unknown'}."


def tags(done: Done) -> dict[str, str]:
    """What a film's container says."""
    return {TYPE_TAG: done.kind, AGENT_TAG: sentence(done)}
