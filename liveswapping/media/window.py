"""The CLI's window: it shows the newest frame and turns keys into calls. For the main thread only."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import cv2

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.handover import Closed
from liveswapping.media.chatter import silence_opencv
from liveswapping.media.display import Display

TITLE = "Live Face Swap"
DELAY_STEP_MS = 50
_ESCAPE = 27
_PATIENCE = 0.01
"""Seconds to wait for a frame before the window gets its turn."""
_LARGEST = (1600, 900)
"""A new window is made no larger than this, in pixels; the user may."""


class Action(enum.Enum):
    """What a key does."""

    QUIT = "quit"
    LATER = "delay the picture more"
    SOONER = "delay the picture less"
    PAUSE = "pause or go on"
    SCREENSHOT = "save a screenshot"
    HIDE = "hide the picture everywhere, or show it again"


KEYS: Mapping[int, Action] = {
    ord("q"): Action.QUIT,
    ord("+"): Action.LATER,
    ord("="): Action.LATER,
    ord("-"): Action.SOONER,
    _ESCAPE: Action.PAUSE,
    ord("s"): Action.SCREENSHOT,
    ord("h"): Action.HIDE,
    ord(" "): Action.HIDE,
}
"""Capital letters do the same."""


def _nothing(_: bool) -> None:
    """Leave it as it is."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What a window calls, on its own thread."""

    quit: Callable[[], None]
    delay: Callable[[int], None]
    """With the new delay in milliseconds."""
    pause: Callable[[bool], None]
    """With whether it is paused now."""
    screenshot: Callable[[Frame], None]
    """With the frame that is shown."""
    hide: Callable[[bool], None] = _nothing
    """With whether the picture is hidden now."""


class Screen(Protocol):
    """The one window of a window system."""

    def open(self, width: int, height: int) -> None:
        """Make the window. Raises SinkError where that cannot be."""
        ...

    def show(self, image: Image) -> None:
        """Put a picture into it."""
        ...

    def key(self) -> int:
        """Let the window have its turn; the key that was pressed, or -1."""
        ...

    def is_open(self) -> bool:
        """Whether the user has left it open."""
        ...

    def close(self) -> None:
        """Take it away."""
        ...


class Window:
    """Shows frames until the user quits, closes the window, or no more frames come."""

    def __init__(
        self, controls: Controls, *, title: str = TITLE, delay_ms: int = 0, screen: Screen | None = None
    ) -> None:
        """`delay_ms` is the delay to begin with. Raises SinkError where there is no display."""
        self._controls = controls
        self._delay_ms = delay_ms
        self._screen = screen or HighGui(title)
        self._paused = self._hidden = False
        self._shown: Frame | None = None

    def run(self, take: Callable[[float], Frame | None]) -> None:
        """Block until the end. `take` gives the newest frame or, after so many seconds, None; it raises Closed at last.

        When the user ends it, `controls.quit` is called first.
        """
        try:
            while self._turn(take(_PATIENCE)):
                pass
        except Closed:
            return
        finally:
            self._screen.close()

    def _turn(self, frame: Frame | None) -> bool:
        """Show `frame` and act on a key; False when the user has ended it."""
        if self._shown is not None and not self._screen.is_open():  # before `show`, which would open it again
            self._controls.quit()
            return False
        if frame is not None:
            if self._shown is None:
                self._screen.open(frame.image.shape[1], frame.image.shape[0])
            self._screen.show(frame.image)
            self._shown = frame
        if self._shown is None:
            return True
        pressed = self._screen.key()
        action = KEYS.get(ord(chr(pressed).lower())) if pressed >= 0 else None
        if action is Action.QUIT:
            self._controls.quit()
            return False
        self._act(action, self._shown)
        return True

    def _act(self, action: Action | None, shown: Frame) -> None:
        if action in (Action.LATER, Action.SOONER):
            step = DELAY_STEP_MS if action is Action.LATER else -DELAY_STEP_MS
            self._delay_ms = max(0, self._delay_ms + step)
            self._controls.delay(self._delay_ms)
        elif action is Action.PAUSE:
            self._paused = not self._paused
            self._controls.pause(self._paused)
        elif action is Action.HIDE:
            self._hidden = not self._hidden
            self._controls.hide(self._hidden)
        elif action is Action.SCREENSHOT:
            self._controls.screenshot(shown)


class HighGui:
    """OpenCV's window as a Screen."""

    def __init__(self, title: str) -> None:
        """Raises SinkError where there is no display."""
        self._display = Display()  # kept until Qt is connected too
        self._title = title
        silence_opencv()
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # Qt misses fonts that nothing here needs
        if sys.platform.startswith("linux"):
            os.environ["QT_QPA_PLATFORM"] = "xcb"  # OpenCV's Qt has no other, and ends the process when asked for one

    def open(self, width: int, height: int) -> None:
        """Make the window, as large as the picture where the screen is likely to hold it."""
        try:
            cv2.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        except cv2.error as error:
            raise SinkError(
                "no window can be opened: this OpenCV has none (opencv-python-headless?); install opencv-python"
            ) from error
        scale = min(1.0, _LARGEST[0] / width, _LARGEST[1] / height)
        cv2.resizeWindow(self._title, round(width * scale), round(height * scale))

    def show(self, image: Image) -> None:
        """Put a picture into it."""
        cv2.imshow(self._title, image)

    def key(self) -> int:
        """Let the window have its turn; the key that was pressed, or -1."""
        pressed = cv2.waitKey(1)
        return pressed & 0xFF if pressed >= 0 else -1

    def is_open(self) -> bool:
        """Whether the user has left it open."""
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # Qt forgets a window that was closed
            return False

    def close(self) -> None:
        """Take it away, if it is still there."""
        if self.is_open():
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)
        self._display.close()
