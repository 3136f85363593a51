"""Taking something out of a clip, in the real window."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from liveswapping.jobs.journal import work_folder
from tests.clips import write_clip
from tests.gui.conftest import PATIENCE_MS


@pytest.fixture
def clip(tmp_path, astronaut_picture):
    image = cv2.resize(astronaut_picture, (160, 160))
    path = tmp_path / "clip.mp4"
    write_clip(path, [np.roll(image, 2 * time, axis=1) for time in range(8)])
    return path


@pytest.fixture
def page(open_window, qtbot, clip):
    window = open_window()
    window.show_page("inpaint")
    page = window.page("inpaint")
    with qtbot.waitSignal(page.picture.changed, timeout=PATIENCE_MS):
        page.take_files([str(clip)])
    return page


def test_a_box_drawn_with_the_mouse_is_taken_out(page, qtbot, clip):
    assert not page.start.isEnabled()
    place = page.picture._place()
    corners = [place.topLeft() + QPoint(place.width() * part // 4, place.height() * part // 4) for part in (1, 2)]
    QTest.mousePress(page.picture, Qt.MouseButton.LeftButton, pos=corners[0])
    QTest.mouseMove(page.picture, corners[1])
    QTest.mouseRelease(page.picture, Qt.MouseButton.LeftButton, pos=corners[1])
    assert page.picture.box == pytest.approx((40, 40, 40, 40), abs=2)
    page.start.click()
    assert not page.cancel.isHidden()
    qtbot.waitUntil(lambda: page._task is None, timeout=PATIENCE_MS)
    (made,) = clip.parent.glob("clip without*.mp4")
    assert "Done" in page._desk.banner.words.text()
    assert not work_folder(made).exists()


def test_a_click_takes_the_box_away_and_people_need_none(page):
    page.picture.draw(QRect(10, 10, 30, 30))
    assert page.start.isEnabled()
    QTest.mouseClick(page.picture, Qt.MouseButton.LeftButton, pos=page.picture.rect().center())
    assert page.picture.box is None
    assert not page.start.isEnabled()
    page.what.setCurrentIndex(page.what.findData("person"))
    assert page.start.isEnabled()
    assert page.follow.isHidden()


def test_what_is_no_clip_is_said(page, tmp_path):
    page.take_files([str(tmp_path / "text.txt")])
    assert "no clip" in page._desk.banner.words.text()
