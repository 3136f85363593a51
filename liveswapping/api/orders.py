"""What a request may order: a picture, a film or a batch, checked before it waits in line."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from liveswapping.api.refusal import Refused
from liveswapping.domain.errors import NoFaceFound
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liveswapping.jobs.batch import BatchJob
    from liveswapping.jobs.progress import OnProgress
    from liveswapping.jobs.video import VideoJob, VideoPlan

KINDS: Final = ("image", "video", "batch")
_FOLDER: Final = r"[A-Za-z0-9_][A-Za-z0-9_ ()+\-]{0,99}"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made of what."""

    kind: str
    settings: Settings
    targets: tuple[str, ...]
    """Paths; more than one for a batch."""
    output: Path
    """The result; of a batch the folder of the results."""
    options: Mapping[str, Any]
    """As the flags of the command line: those of `answers.Options`."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of an order."""

    kind: str
    complete: bool
    """False: cancelled; the same order goes on where this one was."""
    swapped: int
    """Frames of a film, files of a batch."""
    total: int
    failed: int = 0


def checked(order: Order, results: Path) -> Order:
    """The order, its output put into the folder of results. Raises Refused and SettingsError."""
    from liveswapping.build import refuse_unusable

    if order.kind not in KINDS:
        raise Refused(422, f"kind '{order.kind[:80]}': allowed: {', '.join(KINDS)}")
    if not order.targets or (order.kind != "batch" and len(order.targets) > 1):
        raise Refused(422, "name one target in `targets`; kind `batch` takes several")
    refuse_unusable(order.settings)
    placed = replace(order, output=results / _name(order))
    if order.kind != "image":
        _film(placed)  # so that what cannot be is refused before it waits
    return placed


def _name(order: Order) -> str:
    from liveswapping.api.shelf import checked_name

    name = str(order.output)
    if order.kind != "batch":
        return checked_name(name)
    if not re.fullmatch(_FOLDER, name):
        raise Refused(422, f"output '{name[:80]}' is no folder's name; use letters and digits")
    return name


def _film(order: Order) -> VideoPlan:
    """How films are made. Raises SettingsError and SinkError."""
    from liveswapping.jobs.emptying import Emptying
    from liveswapping.jobs.shaping import shaping_of
    from liveswapping.jobs.video import VideoPlan, container_of

    given = order.options
    if order.kind == "video":
        container_of(order.output, given.get("codec", "h264"))
    return VideoPlan(
        order.targets[0],
        order.output,
        shaping_of(order.settings, given),
        given.get("codec", "h264"),
        given.get("encoder", "software"),
        given.get("crf"),
        bool(given.get("fresh")),
        emptying=Emptying.of(given),
    )


class Work:
    """One order at work. `run` once; `cancel` from any thread."""

    def __init__(self, order: Order, tell: OnProgress, say: Callable[[str], None]) -> None:
        self._order = order
        self._tell = tell
        self._say = say
        self._job = None if order.kind == "image" else self._prepared()

    def cancel(self) -> None:
        """End soon; a picture is finished."""
        if self._job is not None:
            self._job.cancel()

    def run(self) -> Made:
        """Do it; blocks. Raises LiveSwappingErrors."""
        from liveswapping.jobs.batch import BatchJob
        from liveswapping.jobs.results import Status

        if self._job is None:
            return self._picture()
        if isinstance(self._job, BatchJob):
            batch = self._job.run()
            failed = batch.count(Status.FAILED)
            return Made("batch", batch.complete, batch.count(Status.DONE), batch.total, failed)
        film = self._job.run()
        return Made("video", film.complete, film.tally.swapped, film.tally.frames, film.tally.failed)

    def _prepared(self) -> VideoJob | BatchJob:
        from liveswapping.build_batch import batch_job
        from liveswapping.build_jobs import video_job
        from liveswapping.jobs.batch import BatchPlan
        from liveswapping.jobs.items import PATTERN

        order, given = self._order, self._order.options
        if order.kind == "video":
            return video_job(order.settings, _film(order), self._tell, self._say)
        plan = BatchPlan(
            order.targets,
            order.output,
            bool(given.get("recursive")),
            given.get("pattern") or PATTERN,
            given.get("existing") or "skip",
        )
        return batch_job(order.settings, plan, _film(order), self._tell)

    def _picture(self) -> Made:
        from liveswapping.build import load_cast, picture, seal_of, swap_picture
        from liveswapping.jobs.progress import Meter, Stage
        from liveswapping.media.images import check_writable, write_image

        order = self._order
        meter = Meter(Path(order.targets[0]).name, self._tell)
        meter.show(Stage.PREPARING, 0, 1)
        check_writable(order.output)
        image = picture(order.targets[0])
        try:
            swapped = swap_picture(image, load_cast(order.settings, self._say), order.settings, self._say)
        except NoFaceFound as error:
            raise NoFaceFound(f"{Path(order.targets[0]).name}: {error}") from None
        write_image(order.output, swapped.image, seal=seal_of(order.settings, order.targets[0], self._say))
        meter.show(Stage.DONE, 1, 1)
        return Made("image", True, swapped.swapped, 1)
