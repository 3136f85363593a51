import threading
from dataclasses import replace

import numpy as np
import pytest

from liveswapping.cli.display import controls_of, labelled
from liveswapping.domain.frame import Frame
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.beside import run_beside
from liveswapping.pipeline.status import Status


class Run:
    """The part of a Runner that the user's side knows."""

    def __init__(self, error=None):
        self.settings, self.status, self.stopped, self._error = Settings(), Status(fps=24.6), threading.Event(), error

    def update(self, settings):
        self.settings = settings

    def stop(self):
        self.stopped.set()

    def run(self):
        self.stopped.wait(5)
        if self._error is not None:
            raise self._error
        return self.status


FRAME = Frame(np.zeros((360, 640, 3), np.uint8), 0, 0.0)


def test_keys_change_the_run():
    run = Run()
    controls = controls_of(run, print)
    controls.delay(150)
    assert run.settings.delay_ms == 150
    controls.delay(50_000)
    assert run.settings.delay_ms == 10_000
    controls.pause(True)
    assert run.settings.paused
    assert run.settings.delay_ms == 10_000
    controls.quit()
    assert run.stopped.is_set()


def test_a_screenshot_is_saved_and_its_place_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = []
    controls_of(Run(), said.append).screenshot(FRAME)
    (path,) = (tmp_path / "outputs").iterdir()
    assert said == [f"saved outputs/{path.name}".replace("/", "\\" if "\\" in said[0] else "/")]


def test_a_screenshot_that_cannot_be_saved_does_not_end_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outputs").touch()
    said = []
    controls_of(Run(), said.append).screenshot(FRAME)
    assert "cannot be written" in said[0]


def test_the_words_are_written_into_a_copy():
    run = Run()
    run.settings = replace(run.settings, delay_ms=250)
    shown = labelled(FRAME, run, True)
    assert shown.image.any()
    assert not FRAME.image.any()
    assert shown.image[60:].sum() == 0
    assert labelled(FRAME, run, False) is FRAME


def test_beside_the_rate_stands_what_is_given_up():
    run = Run()
    plain = labelled(FRAME, run, True).image
    run.status = replace(run.status, rung="faces are not restored, the engine works beside the picture")
    assert (labelled(FRAME, run, True).image != plain).any(axis=2)[28:70].any()
    assert labelled(FRAME, run, False) is FRAME


def test_a_badge_says_that_a_real_face_may_be_seen():
    run = Run()
    run.status = replace(run.status, exposed=True)
    assert labelled(FRAME, run, False).image[-FRAME.image.shape[0] // 4 :].any()


def test_what_a_run_raises_is_raised_on_the_main_thread():
    run = Run(error=ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        run_beside(run, run.stop)


def test_an_interruption_stops_the_run_and_waits_for_its_end():
    run = Run()

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_beside(run, interrupt)
    assert run.stopped.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "runner"]
