"""Pictures, clips and models, in the real window."""

import http.server

import av
import cv2
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.choices import settings_of
from gui.pages.clip_row import DONE, FAILED, HELD, WORKING
from gui.widgets.timeline import PICTURES
from liveswapping.domain.errors import ModelError
from liveswapping.jobs.journal import work_folder
from liveswapping.jobs.shaping import part_of
from tests.clips import write_clip
from tests.gui.conftest import PATIENCE_MS


@pytest.fixture
def clip(tmp_path, astronaut_picture):
    face = cv2.resize(astronaut_picture[:320, 60:380], (160, 160))
    path = tmp_path / "clip.mp4"
    write_clip(path, [face] * 60)
    return path


def test_pictures_are_swapped_and_what_cannot_be_is_said(open_window, qtbot, tmp_path, astronaut_picture):
    folder, results = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    results.mkdir()
    cv2.imwrite(str(folder / "a.png"), astronaut_picture)
    cv2.imwrite(str(folder / "b.png"), astronaut_picture[380:, :100])
    window = open_window()
    window.show_page("images")
    window.page("images").take_files([str(folder)])
    window.page("images").put_folder(str(results))
    window.page("images").start.click()
    assert not window.page("images").cancel.isHidden()
    qtbot.waitUntil(lambda: window.page("images")._task is None, timeout=PATIENCE_MS)
    assert [path.name for path in results.iterdir()] == ["a swapped.png"]
    assert window.page("images").grid.count() == 2
    assert "b.png" in window.page("images").grid.item(1).text()
    assert "no face" in window.page("images").grid.item(1).toolTip()
    assert "1 picture swapped. 1 could not be done" in window.banner.words.text()
    result = cv2.imread(str(results / "a swapped.png"))
    assert abs(result.astype(int) - astronaut_picture).max() > 20


def test_a_clip_is_swapped_after_a_pause_and_goes_on_where_it_was(open_window, qtbot, clip, tmp_path):
    window = open_window()
    window.show_page("video")
    page = window.page("video")
    page.take_files([str(clip)])
    (row,) = page.rows
    page.start.click()
    qtbot.waitUntil(lambda: row.progress is not None and row.progress.done > 0, timeout=PATIENCE_MS)
    row.hold.click()
    qtbot.waitUntil(lambda: row.task is None, timeout=PATIENCE_MS)
    assert row.state in (HELD, DONE)
    if row.state == HELD:
        assert "paused" in row.words.text()
        row.hold.click()
    qtbot.waitUntil(lambda: row.state == DONE, timeout=PATIENCE_MS)
    assert sorted(path.name for path in tmp_path.glob("clip*")) == ["clip swapped.mp4", "clip.mp4"]
    with av.open(str(row.wish.output)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 60


def test_a_part_of_a_clip_is_swapped_and_nonsense_is_no_part(open_window, qtbot, clip):
    window = open_window()
    page = window.page("video")
    page.take_files([str(clip)])
    (row,) = page.rows
    row.trim.setText("tomorrow")
    row.trim.editingFinished.emit()
    assert row.wish.trim == ""
    row.trim.setText("0-1")
    row.trim.editingFinished.emit()
    page.start.click()
    qtbot.waitUntil(lambda: row.state == DONE, timeout=PATIENCE_MS)
    with av.open(str(row.wish.output)) as film:
        assert 20 <= sum(1 for _ in film.decode(video=0)) <= 40


def test_a_removed_clip_leaves_nothing_and_the_next_one_begins(open_window, qtbot, clip, tmp_path):
    other = tmp_path / "other.mp4"
    other.write_bytes(b"no clip")
    window = open_window()
    page = window.page("video")
    page.take_files([str(clip), str(other)])
    first, second = page.rows
    page.start.click()
    qtbot.waitUntil(lambda: first.progress is not None, timeout=PATIENCE_MS)
    first.remove.click()
    qtbot.waitUntil(lambda: second.state == FAILED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=PATIENCE_MS)
    assert page.rows == [second]
    assert "no picture" in second.words.text()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("clip swapped")]


def test_closing_while_a_clip_is_in_work_ends_it(open_window, qtbot, clip, tmp_path):
    window = open_window()
    page = window.page("video")
    page.take_files([str(clip)])
    (row,) = page.rows
    page.start.click()
    qtbot.waitUntil(lambda: row.state == WORKING and row.progress is not None, timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.closed, timeout=PATIENCE_MS):
        window.close()
    assert not (tmp_path / "clip swapped.mp4").exists()


class _Weights(http.server.BaseHTTPRequestHandler):
    content = bytes(range(256)) * 8192

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def weights(serve_weights):
    """A store whose reswapper128 is there to be fetched."""
    return serve_weights(_Weights)


def test_a_model_is_fetched_after_its_licence_was_agreed_to_and_deleted_again(open_window, qtbot, weights):
    window = open_window(begin=False)
    window.show_page("models")
    qtbot.waitUntil(lambda: "reswapper128" in window.page("models").rows, timeout=PATIENCE_MS)
    row = window.page("models").rows["reswapper128"]
    qtbot.waitUntil(lambda: row.entry.state == "missing", timeout=PATIENCE_MS)
    row.get.click()
    assert not row.question.isHidden()
    row.refuse.click()
    assert row.task is None
    assert row.question.isHidden()
    row.get.click()
    row.agree.click()
    qtbot.waitUntil(lambda: row.entry.state == "ready", timeout=PATIENCE_MS)
    assert weights.file("reswapper128").read_bytes() == _Weights.content
    qtbot.waitUntil(lambda: window.live.engine.engine.findData("reswapper128") >= 0, timeout=PATIENCE_MS)
    row.delete.click()
    qtbot.waitUntil(lambda: row.entry.state == "missing", timeout=PATIENCE_MS)
    with pytest.raises(ModelError):
        weights.path("reswapper128")


def test_weights_of_the_users_own_become_an_engine(open_window, qtbot, weights, tmp_path):
    own = tmp_path / "somebody.dfm"
    own.write_bytes(b"weights")
    window = open_window(begin=False)
    window.page("models").take_files([str(own)])
    qtbot.waitUntil(lambda: window.live.engine.engine.findText("somebody.dfm") >= 0, timeout=PATIENCE_MS)
    window.page("models").take_files([str(tmp_path / "notes.txt")])
    assert "no weights" in window.banner.words.text()


def test_diagnostics_name_this_machine_and_make_a_report(open_window, qtbot, qapp, monkeypatch):
    from liveswapping.doctor.facts import Facts

    facts = Facts(version="9.9", system="Linux", cpu="a processor", cores=2)
    monkeypatch.setattr("liveswapping.doctor.probes.gather", lambda _folders: facts)
    window = open_window(begin=False)
    window.show_page("diagnostics")
    qtbot.waitUntil(lambda: window.page("diagnostics").copy.isEnabled(), timeout=PATIENCE_MS)
    window.page("diagnostics").copy.click()
    assert "LiveSwapping: 9.9" in qapp.clipboard().text()
    assert "v4l2loopback" in qapp.clipboard().text()


def test_a_frame_of_a_clip_is_shown_with_the_look_and_a_part_is_cut_on_the_timeline(open_window, qtbot, clip):
    window = open_window()
    window.show_page("video")
    page = window.page("video")
    page.take_files([str(clip)])
    (row,) = page.rows
    editor = page.editor
    assert editor.row is row
    qtbot.waitUntil(lambda: editor.picture._before is not None, timeout=PATIENCE_MS)
    assert editor.picture._before != editor.picture._after
    qtbot.waitUntil(lambda: len(editor.timeline._pictures) == PICTURES, timeout=PATIENCE_MS)
    length = editor.timeline.seconds
    assert length == pytest.approx(60 / 25, abs=0.1)
    line = editor.timeline
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 4, 40))
    assert line.position == pytest.approx(length / 4, abs=0.05)
    editor.begin_here.click()
    QTest.keyClick(line, Qt.Key.Key_Right)
    editor.end_here.click()
    start, end = part_of(row.trim.text())
    assert float(start) == pytest.approx(length / 4, abs=0.06)
    assert float(end - start) == pytest.approx(1.0, abs=0.05)
    editor.all_of_it.click()
    assert row.wish.trim == ""
    page.rows[0].remove.click()
    assert editor.isHidden()


def test_dragging_an_end_of_the_timeline_cuts_there(open_window, qtbot, clip):
    window = open_window(begin=False)
    window.show_page("video")
    line = window.page("video").editor.timeline
    line.begin(10.0)
    line.resize(1020, line.height())
    with qtbot.waitSignal(line.trimmed, timeout=PATIENCE_MS):
        QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(1014, 40))
        QTest.mouseMove(line, QPoint(510, 40))
        QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(510, 40))
    assert line.start == 0
    assert line.end == pytest.approx(5.0, abs=0.1)


def test_clips_that_are_not_done_are_there_after_a_restart_with_what_was_wanted(open_window, qtbot, clip):
    window = open_window(begin=False)
    page = window.page("video")
    page.quality.setCurrentIndex(page.quality.findData("best"))
    page.take_files([str(clip)])
    page.rows[0].trim.setText("0:00-0:01")
    page.rows[0].trim.editingFinished.emit()
    wish = page.rows[0].wish
    work_folder(wish.output).mkdir()  # as a run leaves it that something ended
    window.close()
    again = open_window(begin=False).page("video")
    (row,) = again.rows
    assert row.wish == wish
    assert wish.quality == "best"
    qtbot.waitUntil(lambda: row.state == HELD, timeout=PATIENCE_MS)
    assert "goes on" in row.words.text()


def test_frames_of_a_clip_without_a_face_stay_as_they_are(open_window, clip):
    window = open_window(begin=False)
    settings = settings_of(window.desk.preferences.values, None, file=clip)
    assert (settings.no_face, settings.others) == (None, None)
    assert settings_of(window.desk.preferences.values, None).no_face == "blur"
