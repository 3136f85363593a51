"""Taking things out of clips, as the window wants it: the one place where it drives that job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gui.background import Cancelled
from gui.file_work import KEPT
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image
    from liveswapping.jobs.inpaint import InpaintOutcome
    from liveswapping.jobs.progress import Progress

WHAT = ("box", "mask", "face", "person", "hair")
"""What can be taken out: what is drawn on the first picture, a file's white pixels, and people's."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go of which clip."""

    clip: Path
    output: Path
    mask: str
    """As the flag `--mask` takes it."""
    follow: bool
    """What is marked on the first picture is followed."""


@dataclass(frozen=True, slots=True)
class FirstPicture:
    """How a clip begins: (h, w, 4) for the screen, no larger than asked, and the clip's own size."""

    pixels: Image
    width: int
    height: int


def result_of(clip: Path) -> Path:
    """A name beside the clip that is not taken. A job that was stopped has none yet, and goes on under its own."""
    ending = clip.suffix if clip.suffix.lower() in KEPT else ".mp4"
    names = (
        clip.with_name(f"{clip.stem} without{number}{ending}") for number in ("", *(f" {n}" for n in range(2, 999)))
    )
    return next(name for name in names if not name.exists())


def first_picture(clip: Path, width: int, height: int) -> FirstPicture:
    """The first picture of a clip, for a place of this size. Raises SourceError."""
    from liveswapping.imaging.screen import fitted
    from liveswapping.media.video import VideoSource

    source = VideoSource(clip)
    try:
        frame = source.read(1.0)
    finally:
        source.close()
    assert frame is not None
    rows, columns = frame.image.shape[:2]
    return FirstPicture(fitted(frame.image, min(width, columns), min(height, rows)), columns, rows)


def take_out(settings: Settings, wish: Wish, report: Callable[[Progress], None]) -> InpaintOutcome:
    """Fill what the wish marks, in every picture. Where `report` raises Cancelled the job ends soon.

    What is done then is kept: the same wish goes on where it was. Raises what the command `inpaint` does.
    """
    from liveswapping.build_inpaint import InpaintOptions, inpaint_job
    from liveswapping.jobs.inpaint import InpaintPlan

    def show(progress: Progress) -> None:
        try:
            report(progress)
        except Cancelled:
            job.cancel()

    plan = InpaintPlan(str(wish.clip), wish.output)
    job = inpaint_job(settings, InpaintOptions(wish.mask, track=wish.follow), plan, show)
    return job.run()
