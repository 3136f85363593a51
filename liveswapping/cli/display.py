"""The live picture for people: window, keys, screenshots and the line that says how it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.cli.keys import press
from liveswapping.domain.errors import SinkError
from liveswapping.domain.handover import Closed

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame, Image
    from liveswapping.media.window import Window
    from liveswapping.pipeline.preview import Preview
    from liveswapping.pipeline.runner import Runner

_WAIT_S = 0.02
"""How long to wait for a picture before looking at the keys."""
SCREENSHOTS = Path("outputs")


class Display:
    """Shows the newest picture of `preview` in `window` and does what the keys say. Main thread only."""

    def __init__(self, preview: Preview, window: Window, text: bool, say: Callable[[str], None]) -> None:
        """`text`: write rate and delay into the picture; `say` is told where screenshots went."""
        self._preview = preview
        self._window = window
        self._text = text
        self._say = say
        self._newest: Frame | None = None

    def attend(self, runner: Runner) -> None:
        """Show what is new, then see to the keys. Returns soon."""
        try:
            frame = self._preview.take(_WAIT_S)
        except Closed:
            time.sleep(_WAIT_S)
            return
        if frame is not None:
            self._newest = frame
            self._window.show(self._labelled(frame.image, runner) if self._text else frame.image)
        for key in self._window.pressed():
            press(key, runner, self._screenshot)
        if self._window.closed:
            runner.stop()

    def _labelled(self, image: Image, runner: Runner) -> Image:
        """A copy with the rate and the delay written on it."""
        import cv2

        image = image.copy()
        scale = image.shape[0] / 720
        words = f"{runner.status.fps:.0f} fps   Delay: {runner.settings.delay_ms} ms"
        place = (int(16 * scale), int(40 * scale))
        for colour, thickness in (((0, 0, 0), 4), ((255, 255, 255), 2)):
            width = max(1, round(thickness * scale))
            cv2.putText(image, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, width, cv2.LINE_AA)
        return image

    def _screenshot(self) -> None:
        from liveswapping.media.images import write_image

        if self._newest is None:
            return
        path = SCREENSHOTS / time.strftime("screenshot-%Y%m%d-%H%M%S.png")
        try:
            write_image(path, self._newest.image)
            self._say(f"saved {path}")
        except SinkError as error:
            self._say(str(error))
