"""Batches out of settings: the composition root of `jobs.batch`, and what does its items in whichever process."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from liveswapping.build import build_pipeline, load_cast, nobody_meant, seal_of
from liveswapping.build_jobs import video_job
from liveswapping.domain.errors import LiveSwappingError, NoFaceFound
from liveswapping.domain.settings import Settings
from liveswapping.jobs.crew import given_up
from liveswapping.jobs.items import Item, Kind
from liveswapping.jobs.progress import OnProgress, nobody
from liveswapping.jobs.results import Result, Status

if TYPE_CHECKING:
    from liveswapping.domain.casting import Cast
    from liveswapping.jobs.batch import BatchJob, BatchPlan
    from liveswapping.jobs.video import VideoPlan
    from liveswapping.pipeline.marking import Marker
    from liveswapping.pipeline.pipeline import Pipeline


class ItemWorker:
    """As `crew.Worker`, out of settings."""

    def __init__(self, settings: Settings, film: VideoPlan) -> None:
        """`film`: how films are made; its names are put in for each. Raises what loading people raises."""
        self._settings = settings
        self._film = film
        self._cast: Cast = load_cast(settings, lambda line: None)
        self._pipeline: Pipeline | None = None
        self._marker: Marker | None = None
        if not settings.credentials:
            seal_of(settings)  # which says so, once

    def do(self, item: Item) -> Result:
        """As `Worker.do`."""
        began = time.monotonic()
        try:
            result = self._picture(item) if item.kind is Kind.PICTURE else self._make_film(item)
        except LiveSwappingError as error:
            result = given_up(item, " ".join(str(error).split()))
        except MemoryError:
            result = given_up(item, "the memory is full; close other programs, or use fewer workers")
        except Exception as error:  # noqa: BLE001 - whatever one item does, the others are done
            result = given_up(item, f"unexpected {type(error).__name__}: {' '.join(str(error).split())}")
        return replace(result, seconds=round(time.monotonic() - began, 3))

    def close(self) -> None:
        """Release the parts."""
        with ExitStack() as parts:
            if self._pipeline is not None:
                parts.callback(self._pipeline.close)
                self._pipeline = None

    def _picture(self, item: Item) -> Result:
        from liveswapping.media.images import read_image, write_image
        from liveswapping.pipeline.marking import Marker, marked_still
        from liveswapping.pipeline.timing import Laps

        image = read_image(item.source)
        if self._pipeline is None:
            self._pipeline = build_pipeline(self._settings, self._cast, live=False)
        self._pipeline.reset()
        swapped = self._pipeline.process(image, self._settings, Laps())
        if not swapped.found:
            raise NoFaceFound("no face was found in it")
        if not swapped.swapped:
            raise NoFaceFound(nobody_meant(swapped.found))
        self._marker = self._marker or Marker()
        seal = seal_of(self._settings, item.source) if self._settings.credentials else None
        write_image(item.output, marked_still(swapped, image, self._settings, self._marker).image, seal=seal)
        return _done(item, swapped.found, 1, swapped.swapped)

    def _make_film(self, item: Item) -> Result:
        plan = replace(self._film, target=str(item.source), output=item.output)
        outcome = video_job(self._settings, plan, cast=self._cast).run()
        return _done(item, 0, outcome.tally.frames, outcome.tally.swapped)


def _done(item: Item, faces: int, frames: int, swapped: int) -> Result:
    names = str(item.source), str(item.output), item.kind.value
    return Result(item.index, *names, Status.DONE, "", faces, frames, swapped)


def open_worker(settings: Settings, film: VideoPlan) -> ItemWorker:
    """A worker; a function by name, so that it can be sent to another process."""
    return ItemWorker(settings, film)


def batch_job(
    settings: Settings,
    plan: BatchPlan,
    film: VideoPlan,
    on_progress: OnProgress = nobody,
    *,
    workers: int = 1,
    cluster: str | None = None,
) -> BatchJob:
    """A batch of pictures and films; nothing is opened before it runs.

    `film` says how films are made; its names count for nothing. `workers`: processes. `cluster`: a Ray cluster's
    address, or "" for a local one; None: this machine without Ray.
    """
    from liveswapping.jobs.batch import BatchJob
    from liveswapping.jobs.cluster import Cluster
    from liveswapping.jobs.crew import Alone, Crew, Processes

    opener = partial(open_worker, settings, film)

    def crew() -> Crew:
        if cluster is not None:
            return Cluster(opener, workers, cluster)
        return Alone(opener) if workers == 1 else Processes(opener, workers)

    return BatchJob(plan, crew, on_progress)
