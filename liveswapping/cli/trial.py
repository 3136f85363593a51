"""How fast an engine is, tried on this machine with pictures given to it: measured, never estimated."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from liveswapping.build import build_pipeline, demo_identity, load_cast, open_source
from liveswapping.cli.console import Console
from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.casting import Cast
    from liveswapping.domain.face import Identity
    from liveswapping.domain.frame import Image

PICTURES: Final = 60
"""So many pictures are swapped for one trial, …"""
_SECONDS: Final = 10.0
"""… or as many as a slow engine swaps in that time, …"""
_WARM_UP: Final = 5
"""… after so many that are not timed: buffers are made, and kernels loaded."""
BUILT_IN: Final = "mesh"
PUBLISHED: Final = "reswapper128"
"""What the published project swaps with."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an engine did."""

    engine: str
    provider: str
    p50_ms: float
    """From one picture to its result, nothing else in work, at the median; …"""
    p95_ms: float
    """… and at the slow end."""
    swapped: int
    """Faces, in the pictures that were timed."""

    @property
    def fps(self) -> float:
        """Pictures a second, one after the other."""
        return 1e3 / self.p50_ms


def first_pictures(settings: Settings, count: int = PICTURES) -> list[Image]:
    """The first pictures of the target. Raises as opening and reading it does."""
    from liveswapping.media.around import every_frame

    frames = every_frame(open_source(settings, realtime=False))
    try:
        return [frame.image for frame in islice(frames, count)]
    finally:
        frames.close()


def cast_of(settings: Settings, console: Console) -> Cast | Identity:
    """Whom the settings name, or else the demo's person."""
    return load_cast(settings, console.inform) if settings.sources or settings.mapping else demo_identity(settings)


def try_out(settings: Settings, who: Cast | Identity, pictures: Sequence[Image]) -> Trial:
    """Swap `pictures` as `settings` have it. Raises as building the engine does, and as it fails."""
    import numpy as np

    from liveswapping.pipeline.timing import Laps

    pipeline = build_pipeline(settings, who)
    try:
        for picture in pictures[:_WARM_UP]:
            pipeline.process(picture, settings, Laps())
        seconds: list[float] = []
        swapped = 0
        for picture in pictures:
            began = time.perf_counter()
            swapped += pipeline.process(picture, settings, Laps()).swapped
            seconds.append(time.perf_counter() - began)
            if sum(seconds) > _SECONDS:
                break
    finally:
        pipeline.close()
    p50, p95 = np.quantile(np.multiply(seconds, 1e3), [0.5, 0.95]).tolist()
    return Trial(settings.model, pipeline.provider, p50, p95, swapped)


def compare(settings: Settings, console: Console) -> list[Trial]:
    """The engine of `settings` and another one, on the target's first pictures: the published one or the built-in.

    Of an engine that cannot run here it is said why not, and it is left out.
    """
    pictures, trials = first_pictures(settings), []
    for model in (settings.model, PUBLISHED if settings.model == BUILT_IN else BUILT_IN):
        tried = replace(settings, model=model)
        try:
            trials.append(try_out(tried, cast_of(tried, console), pictures))
        except LiveSwappingError as error:
            console.inform(f"{model} was not tried: {error}")
    return trials


def values(trial: Trial) -> dict[str, object]:
    """A trial in types that JSON knows."""
    return {**asdict(trial), "fps": trial.fps}


def show(trials: Sequence[Trial], console: Console) -> None:
    """The trials as a table."""
    rows = [(one.engine, one.provider, f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}", f"{one.fps:.1f}") for one in trials]
    console.table(("engine", "runs on", "ms a picture", "slow end, ms", "pictures a second"), rows)
