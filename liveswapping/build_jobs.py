"""Jobs out of settings: the composition root of what runs unattended. `build` is that of a single run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from liveswapping.build import build_pipeline, load_cast, open_source, open_store, seal_of
from liveswapping.build_filling import Filling
from liveswapping.build_propainter import ProPainterOptions
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.settings import Settings
from liveswapping.jobs.progress import OnProgress, nobody

if TYPE_CHECKING:
    from liveswapping.domain.casting import Cast
    from liveswapping.domain.protocols import Analyser, Seal
    from liveswapping.jobs.analysis import Remembered
    from liveswapping.jobs.emptying import Ahead, EmptiedFilm
    from liveswapping.jobs.video import VideoJob, VideoPlan
    from liveswapping.media.codecs import Chosen
    from liveswapping.media.film_source import FilmSource, Place
    from liveswapping.media.info import MediaSource
    from liveswapping.pipeline.film import FilmPipeline, Keeper

Say = Callable[[str], None]
_NOT_LOOKS = (
    "output",
    "delay_ms",
    "paused",
    "threads",
    "models_dir",
    "model_download_url",
    "onnx_log_level",
    "credentials",
    "timestamp_server",
)
"""Settings that do not change what a film looks like."""
_DECIDE_FACES = ("analyser", "provider", "onnx_providers", "use_tensorrt")
"""Settings that change which faces are found, and where."""


def video_job(
    settings: Settings,
    plan: VideoPlan,
    on_progress: OnProgress = nobody,
    say: Say = lambda line: None,
    *,
    cast: Cast | None = None,
) -> VideoJob:
    """A job that swaps the film `plan.target`; nothing is opened before it runs.

    `cast`: everybody to become, where somebody has loaded them already.
    """
    from liveswapping.jobs.video import VideoJob

    return VideoJob(plan, FilmParts(settings, plan, say, cast), on_progress, say)


class FilmParts:
    """`VideoParts` out of settings."""

    def __init__(self, settings: Settings, plan: VideoPlan, say: Say, cast: Cast | None = None) -> None:
        self.settings = settings
        self._plan = plan
        self._say = say
        self._cast = cast
        self._remembered: Remembered | None = None
        self._filling: Filling | None = None

    def cast(self) -> Cast:
        """Everybody to become, loaded once; nobody where people are only to be hidden."""
        if self._cast is None:
            nobody = self._plan.emptying.hide is not None and not (self.settings.sources or self.settings.mapping)
            self._cast = _no_cast() if nobody else load_cast(self.settings, self._say)
        return self._cast

    def filling(self) -> Filling:
        """What fills what people are taken out of."""
        from liveswapping.inpainting.record import Record

        if self._filling is None:
            wanted = self._plan.emptying.engine
            self._filling = Filling(self.settings, wanted, ProPainterOptions(), Record(), self._say)
        return self._filling

    def key(self) -> str:
        """As `VideoParts.key`."""
        from liveswapping import __version__

        settings = {name: value for name, value in asdict(self.settings).items() if name not in _NOT_LOOKS}
        shaping = {**asdict(self._plan.shaping), "orientation": repr(self._plan.shaping.orientation)}
        plan = (self._plan.codec, self._plan.encoder, self._plan.quality, shaping)
        digest = hashlib.sha256(json.dumps([__version__, settings, plan], default=str).encode())
        for role in self.cast().roles:
            digest.update(repr((role.place, role.likeness is None or role.likeness.tobytes())).encode())
            for portrait in role.identity.portraits:
                digest.update(portrait.image.tobytes())
        add_content(digest.update, self._plan.target)
        if self._plan.emptying.wanted:
            digest.update(repr((self._plan.emptying, self.filling().engine)).encode())
            for file in self.filling().weights or ():
                add_content(digest.update, str(file))
        return digest.hexdigest()

    def seal(self) -> Seal | None:
        """As `VideoParts.seal`."""
        if not self._plan.emptying.wanted:
            return seal_of(self.settings, self._plan.target, say=self._say)
        from liveswapping.provenance.words import SOURCE_TYPE, WHAT_WAS_SWAPPED, WHAT_WAS_TAKEN_OUT, Done
        from liveswapping.wanted import model_names

        swaps, hides = bool(self.cast().roles), self._plan.emptying.hide is not None
        words = " ".join((*([WHAT_WAS_SWAPPED] if swaps else []), *([WHAT_WAS_TAKEN_OUT] if hides else [])))
        models = model_names(self.settings, open_store(self.settings)) if swaps else []
        done = Done(words, SOURCE_TYPE, (*models, f"{self.filling().engine} inpainting"))
        return seal_of(self.settings, self._plan.target, self._say, done)

    def source(self, place: Place | None) -> MediaSource:
        """As `VideoParts.source`."""
        from liveswapping.media.video import VideoSource

        start = self._plan.shaping.start
        if place is not None and place.source is not None:
            return VideoSource.at(Path(self._plan.target).expanduser(), start, place.source)
        settings = replace(self.settings, target=self._plan.target, mirror=False, rotate=0, fps=None)
        source = open_source(settings, realtime=False)
        if source.live:
            source.close()
            raise SettingsError(f"{self._plan.target} is live and has no end; use `realtime --record FILE` for it")
        if start and isinstance(source, VideoSource):
            source.close()
            source = VideoSource(Path(self._plan.target).expanduser(), start)
        return source if place is None else _read_up_to(source, place, self._plan.shaping.fps)

    def emptied(self, film: FilmSource, first: int, ahead: Ahead, attend: Callable[[], None]) -> EmptiedFilm:
        """As `VideoParts.emptied`."""
        from liveswapping.jobs.emptying import EmptiedFilm, RoleMarker
        from liveswapping.observers import open_analyser, open_recogniser

        store, emptying = open_store(self.settings), self._plan.emptying
        if emptying.outline and self.settings.model != "mesh":
            self._say(f"--fill_outline changes nothing: {self.settings.model} keeps a face's outline where it is")
        with ExitStack() as on_failure:
            on_failure.callback(film.close)
            analyser = self._remembering(open_analyser(self.settings, store, live=True))
            on_failure.callback(analyser.close)
            recogniser = open_recogniser(self.settings, store) if self.cast().recognises else None
            marker = RoleMarker(emptying, self.settings, self.cast(), analyser, recogniser, store.path, first)
            on_failure.callback(marker.close)
            emptied = EmptiedFilm(film, marker, self.filling().open(attend), first, ahead)
            on_failure.pop_all()
        return emptied

    def pipeline(self, keeper: Keeper, longest_gap: int, ahead: Ahead | None = None) -> FilmPipeline:
        """As `VideoParts.pipeline`."""
        from liveswapping.pipeline.film import FilmPipeline

        def make(analyser: Analyser, *others: Any) -> FilmPipeline:  # noqa: ANN401 - as FilmPipeline has them
            if ahead is not None:
                behind = ahead.behind
                return FilmPipeline(analyser, *others, keeper=keeper, longest_gap=longest_gap, behind=behind)
            return FilmPipeline(self._remembering(analyser), *others, keeper=keeper, longest_gap=longest_gap)

        built = build_pipeline(self.settings, self.cast(), self._say, make=make, analyser=ahead)
        return cast("FilmPipeline", built)

    def _remembering(self, analyser: Analyser) -> Analyser:
        """It, as a part that keeps what it finds where that is wanted."""
        from liveswapping.jobs.analysis import Remembered, RememberingAnalyser

        if self._plan.analyses is None:
            return analyser
        self._remembered = Remembered(self._plan.analyses, self._analysis_key())
        if self._remembered.complete:
            self._say("the faces of this film are known from an earlier run")
        return RememberingAnalyser(analyser, self._remembered)

    def done(self, frames: int) -> None:
        """As `VideoParts.done`."""
        if self._remembered is not None:
            self._remembered.finish(frames)

    def _analysis_key(self) -> str:
        """A digest of all that decides which faces are found, the film's bytes among it."""
        from liveswapping import __version__

        decides = {name: getattr(self.settings, name) for name in _DECIDE_FACES}
        shaping = {**asdict(self._plan.shaping), "orientation": repr(self._plan.shaping.orientation)}
        mesh = self.settings.model == "mesh"
        digest = hashlib.sha256(json.dumps([__version__, decides, shaping, mesh], default=str).encode())
        add_content(digest.update, self._plan.target)
        return digest.hexdigest()

    def chosen(self, source: MediaSource) -> Chosen:
        """As `VideoParts.chosen`."""
        import os

        from liveswapping.media.codecs import choose

        threads = max(1, min(16, 2 * (os.cpu_count() or 2)))
        return choose(self._plan.codec, self._plan.encoder, self._plan.quality, threads, source.info.full_range)


def _no_cast() -> Cast:
    from liveswapping.domain.casting import Cast

    return Cast(())


def add_content(update: Callable[[bytes], None], target: str) -> None:
    """The bytes of a file; of a folder its files' names and sizes; of anything else its name."""
    path = Path(target).expanduser()
    if path.is_dir():
        for one in sorted(path.iterdir()):
            update(f"{one.name} {one.stat().st_size} {one.stat().st_mtime_ns}\n".encode())
    elif path.is_file():
        with path.open("rb") as file:
            while chunk := file.read(1 << 22):
                update(chunk)
    else:
        update(target.encode())


def _read_up_to(source: MediaSource, place: Place, fps: Fraction | None) -> MediaSource:
    """A source that cannot be entered in the middle, read up to a place."""
    if fps is not None:
        raise SettingsError("a folder at another rate cannot be resumed; begin anew with --fresh")
    for _ in range(place.index):
        source.read(1.0)
    return source
