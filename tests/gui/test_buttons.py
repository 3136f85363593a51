"""Every button of every page, pressed."""

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu

from liveswapping.domain.errors import ModelDownloadError, SourceError
from liveswapping.domain.look import Look
from tests.clips import write_clip
from tests.gui.conftest import PATIENCE_MS


@pytest.fixture
def harmless(monkeypatch, tmp_path):
    """Nothing leaves this machine, and nothing outside the test's folder is removed or opened."""
    from liveswapping.doctor.facts import Facts

    def unreachable(*_):
        raise ModelDownloadError("there is no network")

    def no_camera(_spec):
        raise SourceError("there is no camera")

    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr("liveswapping.inference.providers.cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr("liveswapping.doctor.probes.gather", lambda _folders: Facts("9", "Linux", cpu="x", cores=2))
    monkeypatch.setattr("gui.pages.models.fetch", unreachable)
    monkeypatch.setattr("gui.pages.face_panel._one_picture", no_camera)
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    return opened


def pressable(page):
    """What can be pressed now."""
    return [one for one in page.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]


def test_every_button_does_something_harmless_and_nothing_ever_waits_for_a_dialog(
    open_window, qtbot, qapp, tmp_path, harmless, astronaut
):
    clip = tmp_path / "clip.mp4"
    write_clip(clip, [astronaut] * 2)
    window = open_window(begin=False)
    window.desk.preferences.keep_folder("recordings", tmp_path)
    window.show_page("video")
    window.page("video").take_files([str(clip)])
    pressed = 0
    for key in window.keys_of_pages:
        window.show_page(key)
        qtbot.waitUntil(lambda: not window.tasks.running, timeout=PATIENCE_MS)
        for button in pressable(window.page(key)):
            if button.isVisible() and button.isEnabled():  # an earlier one may have changed that
                button.click()
                pressed += 1
            qapp.processEvents()
            assert QApplication.activeModalWidget() is None
            for other in QApplication.topLevelWidgets():
                if isinstance(other, QDialog | QMenu) and other.isVisible():
                    assert not other.isModal()
                    other.close()
        qtbot.waitUntil(lambda: not window.tasks.running, timeout=PATIENCE_MS)
    assert pressed > 40
    assert str(tmp_path) in harmless
    assert window.live.look.look == Look()
    assert window.banner.words.text()
