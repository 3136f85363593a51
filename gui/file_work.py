"""Files in, files out, as the window wants them: the one place where it drives jobs over files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gui.background import Cancelled
from liveswapping.domain.errors import LiveSwappingError, NoFaceFound
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.jobs.progress import Progress
    from liveswapping.jobs.video import VideoOutcome
    from liveswapping.media.film_source import Scale

CODECS = {"h264": "H.264", "hevc": "H.265", "av1": "AV1", "prores": "ProRes"}
"""What a clip can be encoded as, and what people call it."""
QUALITIES = {"usual": 0, "best": -6, "small": 6}
"""How much the codec's own figure of quality is changed; less is better. ProRes has no such figure."""
LINES = (0, 1080, 720, 480)
"""Heights that a clip can be made smaller to; 0: it stays as it is."""
KEPT = (".mp4", ".m4v", ".mov", ".mkv")
"""Endings that results keep; others become .mp4."""
CLIPS = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".gif", ".mpg", ".mpeg", ".wmv", ".ts")


@dataclass(frozen=True, slots=True)
class PictureDone:
    """One picture of a batch: what it was, what came of it, or why nothing did."""

    source: Path
    result: Path | None
    failure: str = ""


def beside(source: Path, folder: Path | None, ending: str = "") -> Path:
    """Where the result of `source` goes: a name that is not taken, in `folder` or else where it is."""
    place = folder or source.parent
    suffix = ending or source.suffix
    first = place / f"{source.stem} swapped{suffix}"
    names = (place / f"{source.stem} swapped {number}{suffix}" for number in range(2, 10_000))
    return first if not first.exists() else next((name for name in names if not name.exists()), first)


@dataclass(frozen=True, slots=True)
class ClipWish:
    """What is wanted of one clip."""

    output: Path
    trim: str = ""
    """Such as "0:10-1:30"; empty: all of it."""
    codec: str = "h264"
    quality: str = "usual"
    """One of QUALITIES."""
    lines: int = 0
    """At most so many lines of pixels; 0: as many as the clip has."""


def swap_clip(settings: Settings, wish: ClipWish, report: Callable[[Progress], None]) -> VideoOutcome:
    """Swap in every frame of `settings.target`, sound kept. Where `report` raises Cancelled the job ends soon.

    What is done then is kept: the same wish goes on where it was. Raises what the command `video` does.
    """
    from liveswapping.build_jobs import video_job
    from liveswapping.jobs.shaping import part_of
    from liveswapping.jobs.video import VideoPlan
    from liveswapping.media.codecs import CODECS as KNOWN
    from liveswapping.media.film_source import Shaping

    start, end = part_of(wish.trim) if wish.trim else (None, None)
    shaping = Shaping(start, end, scale=_scale(str(settings.target), wish.lines))
    change = QUALITIES[wish.quality]
    quality = KNOWN[wish.codec].quality + change if change and wish.codec != "prores" else None
    plan = VideoPlan(str(settings.target), wish.output, shaping, wish.codec, quality=quality)

    def show(progress: Progress) -> None:
        try:
            report(progress)
        except Cancelled:
            job.cancel()

    job = video_job(settings, plan, show)
    return job.run()


def _scale(target: str, lines: int) -> Scale | None:
    """What makes a clip smaller; None where it is not larger than that."""
    from liveswapping.media.film_source import Scale
    from liveswapping.media.open import open_source

    if not lines:
        return None
    source = open_source(target)
    source.close()
    return Scale(height=lines) if source.info.height > lines else None


def begun(wish: ClipWish) -> bool:
    """Whether an earlier run has left something to go on from."""
    from liveswapping.jobs.journal import work_folder

    return work_folder(wish.output).exists()


def forget(wish: ClipWish) -> None:
    """Remove what an unfinished job has kept. Raises SinkError."""
    from liveswapping.jobs.journal import Journal

    Journal(wish.output).remove()


def swap_pictures(
    settings: Settings, sources: Sequence[Path], folder: Path | None, report: Callable[[PictureDone], None]
) -> int:
    """Swap in one picture after the other; answers how many came out. `report` may raise to cancel.

    A picture that cannot be done is reported and left out. Raises what concerns all of them.
    """
    from liveswapping.build import build_pipeline, load_cast, seal_of
    from liveswapping.media.images import read_image, write_image
    from liveswapping.pipeline.marking import Marker, marked_still
    from liveswapping.pipeline.timing import Laps

    pipeline = build_pipeline(settings, load_cast(settings, lambda _line: None), live=False)
    good, marker = 0, Marker()
    try:
        for source in sources:
            try:
                image = read_image(source)
                swapped = pipeline.process(image, settings, Laps())
                pipeline.reset()
                if not swapped.swapped:
                    raise NoFaceFound("no face was found")
                output = beside(source, folder, ".png" if source.suffix.lower() in (".avif", ".jp2") else "")
                write_image(
                    output, marked_still(swapped, image, settings, marker).image, seal=seal_of(settings, source)
                )
                report(PictureDone(source, output))
                good += 1
            except Cancelled:
                raise
            except LiveSwappingError as error:
                report(PictureDone(source, None, str(error)))
    finally:
        pipeline.close()
    return good
