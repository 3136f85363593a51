"""The live picture for people: what the window's keys do to the run, screenshots, and the words in the picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.build import seal_of
from liveswapping.domain.errors import SinkError
from liveswapping.media.window import Controls

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame, Image
    from liveswapping.domain.protocols import Seal
    from liveswapping.pipeline.runner import Runner

_LONGEST_MS = 10_000
SCREENSHOTS = Path("outputs")


def controls_of(runner: Runner, say: Callable[[str], None]) -> Controls:
    """The keys, tied to a run; `say` is told where a screenshot went."""
    return Controls(
        quit=runner.stop,
        delay=lambda delay_ms: runner.update(replace(runner.settings, delay_ms=min(_LONGEST_MS, delay_ms))),
        pause=lambda paused: runner.update(replace(runner.settings, paused=paused)),
        screenshot=lambda frame: say(_save(frame, seal_of(runner.settings, say=say))),
        hide=lambda hidden: runner.update(replace(runner.settings, hidden=hidden)),
    )


def labelled(frame: Frame, runner: Runner, rate: bool) -> Frame:
    """`frame` as the window shows it: with rate and delay if `rate`, and a badge where a real face may leave."""
    status = runner.status
    if not rate and not status.exposed and not status.hidden:
        return frame
    image = frame.image.copy()
    if rate:
        _write(image, f"{status.fps:.0f} fps   Delay: {runner.settings.delay_ms} ms", 40, (255, 255, 255))
        for line, words in enumerate(filter(None, status.rung.split(", "))):
            _write(image, words, 80 + 32 * line, (200, 200, 200), 0.7)
    if status.hidden:
        _write(image, "HIDDEN - H shows the picture again", 700, (255, 255, 255))
    elif status.exposed:
        _write(image, "PRIVACY OFF - a real face may be seen", 700, (60, 80, 255))
    return replace(frame, image=image)


def _write(image: Image, words: str, row: int, colour: tuple[int, int, int], size: float = 1.0) -> None:
    """Words into a picture, `row` pixels down one of 720."""
    import cv2

    scale, font = image.shape[0] / 720, cv2.FONT_HERSHEY_SIMPLEX
    place = (round(16 * scale), round(row * scale))
    for ink, thickness in (((0, 0, 0), 5), (colour, 2)):
        stroke = max(1, round(thickness * scale * size))
        cv2.putText(image, words, place, font, scale * size, ink, stroke, cv2.LINE_AA)


def _save(frame: Frame, seal: Seal | None) -> str:
    """Write a screenshot; answers what there is to say about it."""
    from liveswapping.media.images import write_image

    path = SCREENSHOTS / time.strftime("screenshot-%Y%m%d-%H%M%S.png")
    try:
        write_image(path, frame.image, seal=seal)
    except SinkError as error:
        return str(error)
    return f"saved {path}"
