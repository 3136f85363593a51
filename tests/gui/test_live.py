"""The live page, from the first run to a recorded file, in the real window."""

import re
import time

import av
import numpy as np
import pytest
import pyvirtualcam
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.live.feed import ACTUAL, FILL, FIT, Geometry
from gui.live.session import RECORDING, Phase
from liveswapping.imaging.screen import fitted
from liveswapping.provenance.consent import given
from liveswapping.provenance.inspection import VALID, inspect
from tests.gui.conftest import PATIENCE_MS, close


def go_live(window, qtbot):
    with qtbot.waitSignal(window.live.preview.first_frame, timeout=PATIENCE_MS):
        window.live.start.click()


def stop(window, qtbot):
    window.live.start.click()
    qtbot.waitUntil(lambda: window.session.phase is Phase.IDLE, timeout=PATIENCE_MS)


def swapped(window, frames):
    return lambda: window.session.status is not None and window.session.status.frames_swapped >= frames


def test_from_the_first_run_to_a_recorded_file(open_window, qtbot, recordings):
    window = open_window(consented=False)
    assert window.first.isVisible()
    assert not window.rail.isVisible()
    assert not window.first.go_on.isEnabled()
    window.first.agree.click()
    window.first.go_on.click()
    assert given()
    assert window.live.isVisible()
    assert window.desk.people.chosen is not None
    window.desk.preferences.keep_folder("recordings", recordings)
    go_live(window, qtbot)
    assert window.live.preview.has_picture
    window.live.output.record.click()
    assert window.live.output.recording
    qtbot.waitUntil(swapped(window, window.session.status.frames_swapped + 12), timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.session.output_finished, timeout=PATIENCE_MS):
        window.live.output.record.click()
    (path,) = recordings.glob("*.mp4")
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) >= 5
    assert path.name in window.banner.words.text()
    assert inspect(path).credentials == VALID
    stop(window, qtbot)
    assert not window.live.preview.has_picture


def test_the_picture_goes_to_a_virtual_camera_and_to_browsers_while_it_is_live(open_window, qtbot, monkeypatch):
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})  # as on a machine that has none
    window = open_window()
    box = window.live.output.outlets
    assert not box.camera.isEnabled()
    go_live(window, qtbot)
    box.camera.click()
    qtbot.waitUntil(lambda: "no virtual camera" in box.said.text(), timeout=PATIENCE_MS)
    assert box.camera.isChecked()
    box.browser.click()
    qtbot.waitUntil(lambda: "http://127.0.0.1:" in box.said.text(), timeout=PATIENCE_MS)
    address = re.search(r"http://\S+/stream\.mjpg", box.said.text())[0]
    with av.open(address, "r", format="mpjpeg", timeout=60.0) as container:
        picture = next(container.decode(video=0))
    assert picture.width == window.session.info.width
    for switch in (box.camera, box.browser):
        with qtbot.waitSignal(window.session.output_finished, timeout=PATIENCE_MS):
            switch.click()
    assert window.session.outputs == ()
    assert not box.browser.isChecked()
    assert window.session.phase is Phase.LIVE
    an_address_that_nothing_can_be_sent_to_is_said_and_the_switch_goes_back(window, box, qtbot)


def an_address_that_nothing_can_be_sent_to_is_said_and_the_switch_goes_back(window, box, qtbot):
    box.stream.click()  # there is no address yet
    assert window.session.outputs == ()
    box.address.setText("http://example.com")
    with qtbot.waitSignal(window.session.output_failed, timeout=PATIENCE_MS):
        box.stream.click()
    assert "begins with one of rtmp://" in box.said.text()
    assert window.banner.isVisible()
    assert not box.stream.isChecked()


def test_closing_while_live_and_recording_lets_everything_go(open_window, qtbot, recordings):
    window = open_window()
    window.desk.preferences.keep_folder("recordings", recordings)
    go_live(window, qtbot)
    window.live.output.record.click()
    qtbot.waitUntil(swapped(window, 5), timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.closed, timeout=PATIENCE_MS):
        window.close()
        assert not window.isVisible()
    assert [path.suffix for path in recordings.iterdir()] == [".mp4"]


def test_stopping_while_it_starts_is_heeded(open_window, qtbot):
    window = open_window()
    window.live.start.click()
    assert window.session.phase is Phase.STARTING
    stop(window, qtbot)
    assert window.session.status is None


def test_sliders_and_the_button_that_hides_act_on_the_running_swap(open_window, qtbot):
    window = open_window()
    go_live(window, qtbot)
    sliders_act_and_can_be_undone(window)
    hiding_blackens_what_leaves_and_showing_goes_on(window, qtbot)
    stop(window, qtbot)


def sliders_act_and_can_be_undone(window):
    look = window.live.look
    look.sliders["opacity"].line.setValue(40)
    look.switches["keep_eyes"].click()
    assert window.session._run.runner.settings.look.opacity == 0.4
    assert window.session._run.runner.settings.look.keep_eyes
    look.undo.click()
    look.undo.click()
    assert window.session._run.runner.settings.look.opacity == 1.0
    assert not look.switches["keep_eyes"].isChecked()
    look.redo.click()
    assert window.live.settings.look.opacity == 0.4


def hiding_blackens_what_leaves_and_showing_goes_on(window, qtbot):
    window.live.toggle_hidden()
    assert window.live.bar.hide_me.isChecked()
    qtbot.waitUntil(lambda: not window.session.last_frame.image.any(), timeout=PATIENCE_MS)
    window.live.toggle_hidden()
    qtbot.waitUntil(lambda: window.session.last_frame.image.any(), timeout=PATIENCE_MS)


def test_pictures_before_the_swap_and_a_second_window_are_shown_while_live(open_window, qtbot):
    window = open_window()
    go_live(window, qtbot)
    comparing_shows_the_frame_as_it_came(window, qtbot)
    the_second_window_shows_the_same_and_closing_it_changes_nothing(window, qtbot)
    stop(window, qtbot)


def comparing_shows_the_frame_as_it_came(window, qtbot):
    window.live.bar.compare.click()
    qtbot.waitUntil(lambda: window.live.preview._before is not None, timeout=PATIENCE_MS)
    assert window.live.preview._before != window.live.preview._after
    window.live.bar.compare.click()
    qtbot.waitUntil(lambda: window.live.preview._before is None, timeout=PATIENCE_MS)


def test_another_face_is_taken_over_while_live(open_window, qtbot, portrait):
    window = open_window()
    go_live(window, qtbot)
    window.live.face.take_files([portrait])
    qtbot.waitUntil(lambda: window.desk.people.chosen.photos == (portrait,), timeout=PATIENCE_MS)
    assert window.session._run.runner.settings.sources == (portrait,)
    runner = window.session._run.runner
    qtbot.waitUntil(lambda: runner._settings.sources == (portrait,), timeout=PATIENCE_MS)
    stop(window, qtbot)


def test_another_camera_option_restarts_the_run(open_window, qtbot):
    window = open_window()
    go_live(window, qtbot)
    first = window.session._run
    window.live.camera.turn.click()

    def turned():  # the last picture of the run before may still be on its way
        picture = window.live.preview._picture
        return window.session._run is not first and picture is not None and picture.source_size == (720, 1280)

    qtbot.waitUntil(turned, timeout=PATIENCE_MS)
    stop(window, qtbot)


def the_second_window_shows_the_same_and_closing_it_changes_nothing(window, qtbot):
    window.live.output.capture.click()
    qtbot.waitUntil(lambda: window.detached is not None and window.detached.has_picture, timeout=PATIENCE_MS)
    window.detached.close()
    assert window.detached is None
    assert not window.live.output.capture.isChecked()
    assert window.session.phase is Phase.LIVE


def test_a_recording_that_cannot_be_written_is_said_and_the_picture_goes_on(open_window, qtbot, recordings):
    window = open_window()
    window.desk.preferences.keep_folder("recordings", recordings)
    go_live(window, qtbot)
    recordings.rmdir()
    recordings.write_text("a file now", encoding="utf-8")
    window.desk.preferences.values.folders["recordings"] = str(recordings)
    window.live.output._desk.preferences.folder = lambda *_: str(recordings)
    window.live.output.record.click()
    qtbot.waitUntil(lambda: window.banner.isVisible(), timeout=PATIENCE_MS)
    assert "cannot be written" in window.banner.words.text()
    assert RECORDING not in window.session.outputs
    before = window.session.status.frames_delivered
    qtbot.waitUntil(lambda: window.session.status.frames_delivered > before, timeout=PATIENCE_MS)
    stop(window, qtbot)


def test_full_screen_leaves_nothing_but_the_picture_and_escape_leaves_it(open_window, qtbot):
    window = open_window()
    window.toggle_fullscreen()
    assert window.isFullScreen()
    assert not window.rail.isVisible()
    assert not window.live.start.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.rail.isVisible()
    assert window.live.start.isVisible()


@pytest.mark.parametrize("name", ["nobody.jpg", "empty"])
def test_a_file_that_is_no_photograph_is_said(open_window, qtbot, tmp_path, name):
    window = open_window()
    path = tmp_path / name
    path.write_bytes(b"no picture")
    window.live.take_dropped([str(path)] if path.suffix else [str(tmp_path / "gone.jpg")])
    qtbot.waitUntil(lambda: window.banner.isVisible(), timeout=PATIENCE_MS)
    close(window, qtbot)


class _Camera:
    """A camera that can be unplugged."""

    live = True
    damaged = 0

    def __init__(self, image):
        from liveswapping.media.live import LiveState

        self._states = LiveState
        self.plugged, self._image, self._index = True, image, 0

    @property
    def state(self):
        return self._states.LIVE if self.plugged else self._states.LOST

    @property
    def info(self):
        from liveswapping.media.info import SourceInfo

        return SourceInfo("camera", self._image.shape[1], self._image.shape[0])

    def read(self, timeout):
        from liveswapping.domain.frame import Frame

        time.sleep(min(timeout, 0.03))
        if not self.plugged:
            return None
        self._index += 1
        return Frame(self._image, self._index, time.perf_counter())

    def close(self):
        self.plugged = False


def test_a_lost_camera_is_said_and_comes_back_by_itself(open_window, qtbot, monkeypatch, astronaut):
    camera = _Camera(astronaut)
    monkeypatch.setattr("liveswapping.build.open_source", lambda _settings, realtime: camera)
    window = open_window()
    go_live(window, qtbot)
    camera.plugged = False
    qtbot.waitUntil(lambda: "Camera lost" in window.status.state.text(), timeout=PATIENCE_MS)
    assert window.session.phase is Phase.LIVE
    before = window.session.status.frames_delivered
    camera.plugged = True
    qtbot.waitUntil(lambda: window.status.state.text() == "● Live", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.session.status.frames_delivered > before + 2, timeout=PATIENCE_MS)
    stop(window, qtbot)


def test_a_click_on_a_face_gives_it_a_person_of_its_own(open_window, qtbot, portrait):
    window = open_window()
    people, preview = window.desk.people, window.live.preview
    eileen = people.add("Eileen", [portrait])
    people.choose("sample")
    go_live(window, qtbot)
    qtbot.waitUntil(lambda: bool(window.session.faces), timeout=PATIENCE_MS)
    menus = []
    ask = window.live.ask_who
    window.live.ask_who = lambda places, at: menus.append(ask(places, at))
    middle = preview._areas()[0].center().toPoint()
    QTest.mouseMove(preview, middle)
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.waitUntil(lambda: bool(menus), timeout=PATIENCE_MS)
    next(action for action in menus[0].actions() if action.text() == "Eileen").trigger()
    menus[0].close()
    qtbot.waitUntil(lambda: people.cast == {0: eileen}, timeout=PATIENCE_MS)
    runner = window.session._run.runner
    qtbot.waitUntil(lambda: runner._settings.mapping == (f"0={portrait}",), timeout=PATIENCE_MS)
    assert "1: Eileen" in window.live.face.hint.text()
    people.cast_nobody()
    qtbot.waitUntil(lambda: runner._settings.mapping == (), timeout=PATIENCE_MS)
    stop(window, qtbot)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("mode", [FIT, FILL, ACTUAL])
def test_a_face_is_outlined_where_it_is_seen(mode, mirrored):
    image = np.zeros((360, 640, 3), np.uint8)
    image[100:180, 200:260] = 255
    shown = fitted(image, 500, 400, mode, mirrored=mirrored)
    rows, columns = np.nonzero(shown[:, :, 0] > 128)
    left, top = (500 - shown.shape[1]) / 2, (400 - shown.shape[0]) / 2
    seen = columns.min() + left, rows.min() + top, columns.max() + 1 + left, rows.max() + 1 + top
    assert Geometry(500, 400, mode, mirrored).place((200, 100, 260, 180), (640, 360)) == pytest.approx(seen, abs=2)
