from __future__ import annotations

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import LatestSlot
from liveswapping.media import window as window_module
from liveswapping.media.display import Display, has_display
from liveswapping.media.window import KEYS, Action, Controls, HighGui, Window

ESCAPE = 27


class Desk:
    """Somebody at a screen: presses the given keys, one a turn, and may close the window."""

    def __init__(self, *keys):
        self.keys = list(keys)
        self.events = []
        self.visible = False
        self.closes_after = None

    def open(self, width, height):
        self.events.append(("open", width, height))
        self.visible = True

    def show(self, image):
        self.events.append(("show", int(image[0, 0, 0])))
        self.visible = True  # as OpenCV does: showing opens a closed window again
        if self.closes_after == int(image[0, 0, 0]):
            self.visible = False

    def key(self):
        return self.keys.pop(0) if self.keys else -1

    def is_open(self):
        return self.visible

    def close(self):
        self.events.append("close")
        self.visible = False


class Heard:
    def __init__(self):
        self.calls = []
        self.controls = Controls(
            quit=lambda: self.calls.append("quit"),
            delay=lambda ms: self.calls.append(("delay", ms)),
            pause=lambda paused: self.calls.append(("pause", paused)),
            screenshot=lambda frame: self.calls.append(("screenshot", frame.index)),
            hide=lambda hidden: self.calls.append(("hide", hidden)),
        )


def frame(index):
    return Frame(np.full((20, 30, 3), index, np.uint8), index, 0.0)


def source_of(*steps):
    """`take` that gives these frames (None: nothing new), then closes."""
    slot = LatestSlot()
    steps = list(steps)

    def take(timeout):
        if not steps:
            slot.close()
            return slot.take(0)
        return steps.pop(0)

    return take


def press(*keys, delay_ms=0, frames=None):
    desk, heard = Desk(*keys), Heard()
    window = Window(heard.controls, delay_ms=delay_ms, screen=desk)
    window.run(source_of(*(frames or [frame(1)] + [None] * len(keys))))
    return desk, heard


def test_the_keys_are_those_of_the_published_window_and_one_that_hides():
    assert dict(KEYS) == {
        ord("q"): Action.QUIT,
        ord("+"): Action.LATER,
        ord("="): Action.LATER,
        ord("-"): Action.SOONER,
        ESCAPE: Action.PAUSE,
        ord("s"): Action.SCREENSHOT,
        ord("h"): Action.HIDE,
        ord(" "): Action.HIDE,
    }


def test_q_quits_and_the_window_goes():
    for key in "qQ":
        desk, heard = press(ord(key))
        assert heard.calls == ["quit"]
        assert desk.events[-1] == "close"


def test_plus_and_minus_move_the_delay_by_50_ms_and_not_below_zero():
    _, heard = press(ord("+"), ord("="), ord("-"), ord("-"), ord("-"))
    assert heard.calls == [("delay", 50), ("delay", 100), ("delay", 50), ("delay", 0), ("delay", 0)]
    assert press(ord("-"), delay_ms=70)[1].calls == [("delay", 20)]


def test_escape_pauses_and_goes_on():
    assert press(ESCAPE, ESCAPE)[1].calls == [("pause", True), ("pause", False)]


def test_s_saves_the_frame_that_is_shown():
    assert press(-1, ord("s"), frames=[frame(4), frame(5), None])[1].calls == [("screenshot", 5)]


def test_h_and_the_space_bar_hide_the_picture_and_show_it_again():
    _, heard = press(ord("h"), ord(" "))
    assert heard.calls == [("hide", True), ("hide", False)]


def test_other_keys_and_no_key_do_nothing():
    assert press(ord("x"), -1, 255)[1].calls == []


def test_the_window_comes_with_the_first_frame_and_goes_with_the_last():
    desk, heard = press(frames=[None, frame(1), frame(2)])
    assert desk.events == [("open", 30, 20), ("show", 1), ("show", 2), "close"]
    assert heard.calls == []  # nobody has asked to quit


def test_closing_the_window_quits_and_no_frame_opens_it_again():
    desk, heard = Desk(), Heard()
    desk.closes_after = 2
    Window(heard.controls, screen=desk).run(source_of(frame(1), frame(2), frame(3), frame(4)))
    assert heard.calls == ["quit"]
    assert [event for event in desk.events if event[0] == "show"] == [("show", 1), ("show", 2)]


def test_without_a_display_no_window_is_tried(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert not has_display()
    with pytest.raises(SinkError, match="DISPLAY is not set"):
        Window(Heard().controls)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are X's")
def test_a_display_that_does_not_answer_is_refused_before_qt_ends_the_process(monkeypatch):
    monkeypatch.setattr("liveswapping.media.display._PAUSE", 0.0)
    monkeypatch.setenv("DISPLAY", ":7654")
    with pytest.raises(SinkError, match=r"':7654' does not answer|a library is missing"):
        Display()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_always_have_a_display(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert has_display()
    Display().close()


def test_an_opencv_without_windows_is_one_line(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")

    def missing(*args):
        raise cv2.error("The function is not implemented")

    monkeypatch.setattr(window_module.cv2, "namedWindow", missing)
    with pytest.raises(SinkError, match="headless"):
        HighGui("test").open(10, 10)


SHOW = """
import time
import numpy as np
from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import Closed
from liveswapping.media.recorder import VideoRecorder  # with PyAV loaded, as in a real run
from liveswapping.media.window import Controls, Window

def take(timeout, left=[3]):
    if not left[0]:
        raise Closed
    left[0] -= 1
    return Frame(np.full((120, 160, 3), 90, np.uint8), left[0], time.perf_counter())

nothing = lambda *what: print("unexpected", what)
Window(Controls(nothing, nothing, nothing, nothing)).run(take)
print("shown")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux") or not has_display(), reason="needs an X display")
def test_a_real_window_shows_frames_and_goes_without_a_word():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "QT_QPA_PLATFORM": "wayland"}
    ran = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, timeout=30)
    assert (ran.stdout, ran.stderr) == ("shown\n", "")
