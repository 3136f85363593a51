"""The live picture for people: what the window's keys do to the run, screenshots, and the words in the picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.errors import SinkError
from liveswapping.media.window import Controls

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame
    from liveswapping.pipeline.runner import Runner

_LONGEST_MS = 10_000
SCREENSHOTS = Path("outputs")


def controls_of(runner: Runner, say: Callable[[str], None]) -> Controls:
    """The keys, tied to a run; `say` is told where a screenshot went."""
    return Controls(
        quit=runner.stop,
        delay=lambda delay_ms: runner.update(replace(runner.settings, delay_ms=min(_LONGEST_MS, delay_ms))),
        pause=lambda paused: runner.update(replace(runner.settings, paused=paused)),
        screenshot=lambda frame: say(_save(frame)),
    )


def labelled(frame: Frame, runner: Runner) -> Frame:
    """A copy of `frame` with rate and delay written into it."""
    import cv2

    image = frame.image.copy()
    scale = image.shape[0] / 720
    words = f"{runner.status.fps:.0f} fps   Delay: {runner.settings.delay_ms} ms"
    place = (round(16 * scale), round(40 * scale))
    for colour, thickness in (((0, 0, 0), 5), ((255, 255, 255), 2)):
        cv2.putText(
            image, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, max(1, round(thickness * scale)), cv2.LINE_AA
        )
    return replace(frame, image=image)


def _save(frame: Frame) -> str:
    """Write a screenshot; answers what there is to say about it."""
    from liveswapping.media.images import write_image

    path = SCREENSHOTS / time.strftime("screenshot-%Y%m%d-%H%M%S.png")
    try:
        write_image(path, frame.image)
    except SinkError as error:
        return str(error)
    return f"saved {path}"
