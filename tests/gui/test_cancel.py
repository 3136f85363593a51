"""Whatever takes a while can be given up, at every stage of it."""

import http.server
import threading

import cv2
import pytest
from PySide6.QtCore import QRect

from gui.pages import images as images_page
from liveswapping.jobs.journal import work_folder
from tests.clips import write_clip
from tests.gui.conftest import PATIENCE_MS


class _SlowWeights(http.server.BaseHTTPRequestHandler):
    """Sends half, and the rest so slowly that somebody can change their mind."""

    content = bytes(range(256)) * 4096
    ended = threading.Event()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        half = len(self.content) // 2
        try:
            self.wfile.write(self.content[:half])
            while not self.ended.wait(0.01):
                self.wfile.write(b"\0")
        except OSError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def slow_weights(serve_weights):
    """A store whose reswapper128 comes slowly."""
    _SlowWeights.ended.clear()
    yield serve_weights(_SlowWeights)
    _SlowWeights.ended.set()


def test_a_download_is_paused_goes_on_and_is_given_up(open_window, qtbot, slow_weights):
    window = open_window(begin=False)
    window.show_page("models")
    qtbot.waitUntil(lambda: "reswapper128" in window.page("models").rows, timeout=PATIENCE_MS)
    row = window.page("models").rows["reswapper128"]
    qtbot.waitUntil(lambda: row.entry.state == "missing", timeout=PATIENCE_MS)
    assert row.cancel.isHidden()
    row.get.click()
    row.agree.click()
    for way_out in (row.stop, row.cancel):
        qtbot.waitUntil(lambda: row.bar.value() > 0, timeout=PATIENCE_MS)
        way_out.click()
        qtbot.waitUntil(lambda: row.task is None, timeout=PATIENCE_MS)
        kept = way_out is row.stop
        qtbot.waitUntil(lambda kept=kept: (row.entry.begun > 0) == kept, timeout=PATIENCE_MS)
        assert (slow_weights.unfinished("reswapper128") > 0) == kept
        assert row.cancel.isHidden() != kept
        row.bar.setValue(0)
        row.get.click()  # the licence was agreed to: a paused download goes on at once
    assert row.asking
    assert list(slow_weights.directory.glob("*.part")) == []


def test_pictures_are_given_up_after_the_one_in_work(open_window, qtbot, tmp_path, astronaut_picture, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        cv2.imwrite(str(folder / f"{name}.png"), astronaut_picture[:320, 60:380])
    begun, cancelled, pair = threading.Event(), threading.Event(), images_page._pair

    def waiting(one):
        begun.set()
        assert cancelled.wait(PATIENCE_MS / 1000)
        return pair(one)

    monkeypatch.setattr(images_page, "_pair", waiting)
    page = open_window().page("images")
    page.take_files([str(folder)])
    page.start.click()
    qtbot.waitUntil(begun.is_set, timeout=PATIENCE_MS)
    page.cancel.click()
    cancelled.set()
    qtbot.waitUntil(lambda: page._task is None, timeout=PATIENCE_MS)
    assert sorted(path.name for path in folder.iterdir()) == ["a swapped.png", "a.png", "b.png", "c.png"]
    assert page.start.isEnabled()


def test_inpainting_is_given_up_and_what_is_done_is_kept(open_window, qtbot, tmp_path, astronaut_picture):
    clip = tmp_path / "clip.mp4"
    write_clip(clip, [cv2.resize(astronaut_picture, (96, 96))] * 4)
    page = open_window().page("inpaint")
    with qtbot.waitSignal(page.picture.changed, timeout=PATIENCE_MS):
        page.take_files([str(clip)])
    page.picture.draw(QRect(20, 20, 30, 30))
    output = page._wish().output
    page.start.click()
    page.cancel.click()
    qtbot.waitUntil(lambda: page._task is None, timeout=PATIENCE_MS)
    assert not output.exists()
    assert page.start.isEnabled()
    assert page.cancel.isHidden()
    page.start.click()
    qtbot.waitUntil(lambda: page._task is None, timeout=PATIENCE_MS)
    assert output.exists()
    assert not work_folder(output).exists()
