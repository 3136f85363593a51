"""How good a swap is: `python scripts/quality.py [--clip C …] [--source S …] [--only GROUP …] [--json]`.

Every figure is measured on what the real pipeline makes of a clip. A clip is a file or one of the portraits that the
demo animates; a source is a photograph or a short name (astronaut, hanks, t1). Groups, by the bars they answer:

- `group` (3): faces found in a still and in a moving picture of six people;
- `likeness` (4): who an independent recogniser sees; it is put into an environment of its own, once
  (`--recogniser DIR`; `--make-recogniser DIR` does only that);
- `following` (4): mesh, mouth and head angles of the output against the input's, with the shape slider at 0;
- `steadiness` (5): a still frame with sensor noise; the lag of the smoothing;
- `seams`, `occlusion`, `forehead` (6).

How each is defined is said where it is measured, in `scripts/measures/`. With `--json`, the last thing printed is one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveswapping.build import identity_of, open_store
from liveswapping.domain.face import Identity
from liveswapping.domain.settings import Settings
from scripts.measures.bars import Bar
from scripts.measures.clips import SYNTHETIC, Clip, load_clip
from scripts.measures.following import following
from scripts.measures.forehead import forehead, with_fringe
from scripts.measures.group import group
from scripts.measures.likeness import likeness, make_recogniser, recogniser_python
from scripts.measures.occlusion import UNMOVED, occlusion
from scripts.measures.people import identity, picture_of
from scripts.measures.seams import seams
from scripts.measures.steadiness import lateness, steadiness
from scripts.measures.swapping import swap_clip

GROUPS = ("group", "likeness", "following", "steadiness", "seams", "occlusion", "forehead")
CLIPS = ("astronaut", "hanks", "t1-3")
SOURCES = {"astronaut": ("hanks",), "hanks": ("astronaut",)}
"""Who is put onto a synthetic portrait, where nobody was asked for: never the person themselves."""
PLAIN_SOURCES = ("astronaut", "hanks")
OCCLUDED_FRAMES = 90
"""Of each clip, for every object: once over the face and back."""
RECOGNISER = Path(__file__).resolve().parents[1] / "temp" / "recogniser"


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for and print it. Answers the exit code: 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(description="Measure the quality of the swap.")
    parser.add_argument("--clip", nargs="+", default=list(CLIPS), help=f"files, or of: {', '.join(SYNTHETIC)}")
    parser.add_argument("--source", nargs="+", help="photographs, each of another person")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="measure only these")
    parser.add_argument("--frames", type=int, default=300, help="at most so many frames of each clip")
    parser.add_argument("--recogniser", type=Path, default=RECOGNISER, help="its environment; made where it is missing")
    parser.add_argument("--make-recogniser", type=Path, metavar="DIR", help="make that environment and nothing else")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    if options.make_recogniser:
        print(make_recogniser(options.make_recogniser))
        return 0
    if "likeness" in options.only and options.recogniser is None:
        parser.error(
            "likeness needs --recogniser DIR (make one with --make-recogniser DIR), or leave it out with --only"
        )
    bars = []
    for bar in measured(options):
        print(bar, flush=True)
        bars.append(bar)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def measured(options: argparse.Namespace) -> Iterator[Bar]:
    """All bars that were asked for, one after the other."""
    if "group" in options.only:
        yield from group(options.frames)
    for name in options.clip:
        clip = load_clip(name, options.frames)
        sources = options.source or SOURCES.get(name.partition("-")[0], PLAIN_SOURCES)
        people = {Path(source).stem: identity((source,)) for source in sources}
        yield from of_clip(clip, people, options)


def of_pair(clip: Clip, pair: str, person: Identity, fully: bool, options: argparse.Namespace) -> Iterator[Bar]:
    """The bars of one person in one clip; what does not depend on the person only if `fully`."""
    if {"likeness", "seams"} & set(options.only):
        swapped = swap_clip(clip.frames, person)
        if "likeness" in options.only:
            yield from likeness(recogniser_python(options.recogniser), pair, swapped, person)
        if "seams" in options.only:
            yield from seams(pair, swapped)
    if {"following", "occlusion"} & set(options.only):
        unmoved = swap_clip(clip.frames, person, UNMOVED)
        if "following" in options.only:
            yield from following(pair, unmoved)
        if "occlusion" in options.only and fully:
            yield from occlusion(pair, unmoved[:OCCLUDED_FRAMES], person)


def of_clip(clip: Clip, people: dict[str, Identity], options: argparse.Namespace) -> Iterator[Bar]:
    """The bars of one clip: all of them for the first person, those that depend on the person for the others."""
    first = next(iter(people.values()))
    for who, person in people.items():
        yield from of_pair(clip, f"{clip.name} × {who}", person, person is first, options)
    if "steadiness" in options.only:
        yield from steadiness(clip.name, clip.frames[len(clip.frames) // 2], first)
        yield from lateness(clip.name, clip.frames)
    if "forehead" in options.only:
        for who, person in (("astronaut", identity(("astronaut",))), ("hanks with a fringe", fringed("hanks"))):
            yield from forehead(f"{clip.name} × {who}", swap_clip(clip.frames[::3], person))


def fringed(name: str) -> Identity:
    """A person with a fringe drawn on."""
    settings = Settings()
    return identity_of([(name, with_fringe(picture_of(name)))], settings, open_store(settings))


if __name__ == "__main__":
    sys.exit(main())
