"""What holds on every page: names, tooltips, languages, themes, the keyboard."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSlider,
    QSpinBox,
    QWidget,
)

from gui.choices import look_of
from gui.icons import icon, names
from gui.keys import KEYS
from gui.tokens import DARK, LIGHT
from scripts import translations
from tests.gui.conftest import PATIENCE_MS

CONTROLS = (QAbstractButton, QComboBox, QSlider, QSpinBox, QKeySequenceEdit, QLineEdit)


@pytest.fixture
def russian(qapp):
    """Speaks Russian, and English again at the end."""
    from gui.languages import Languages

    yield lambda window: window.desk.languages.choose("ru")
    qapp.findChild(Languages).choose("en")


@pytest.fixture
def dark_again(qapp):
    from gui.theme import Theme

    yield
    qapp.findChild(Theme).set_mode("dark")


def controls(window):
    """Everything that can be operated, but for what Qt puts into its own widgets."""
    for one in window.findChildren(QWidget):
        inner = one.parent() if isinstance(one, QLineEdit | QAbstractButton) else None
        if isinstance(one, CONTROLS) and not isinstance(inner, QComboBox | QSpinBox | QKeySequenceEdit | QLineEdit):
            yield one


def texts(window):
    found = {one.text().strip() for one in window.findChildren(QLabel)}
    return found | {one.text().strip() for one in window.findChildren(QAbstractButton)}


def filled(open_window, qtbot, tmp_path):
    """A window in which every page holds something, and nothing is going on."""
    window = open_window(begin=False)
    clip = tmp_path / "clip.mp4"
    clip.touch()
    window.page("video").take_files([str(clip)])
    qtbot.waitUntil(lambda: not window.tasks._tasks, timeout=PATIENCE_MS)
    from gui.model_files import entries

    page = window.page("models")
    page._show(entries())
    page.turns.finish()
    for key in window.keys_of_pages:
        window.page(key)
    window._timer.stop()  # figures change by themselves
    return window


def test_every_control_has_a_name_and_a_tooltip(open_window, qtbot, tmp_path):
    window = filled(open_window, qtbot, tmp_path)
    found = list(controls(window))
    assert len(found) > 100
    nameless = [repr(one) for one in found if not one.accessibleName()]
    assert not nameless
    without_tip = [one.accessibleName() for one in found if not one.toolTip()]
    assert not without_tip


def test_every_control_is_reached_by_the_keyboard(open_window, qtbot, tmp_path):
    window = filled(open_window, qtbot, tmp_path)
    unreachable = [one.accessibleName() for one in controls(window) if not reached(one)]
    assert not unreachable


def reached(control):
    """By Tab; of buttons of which one is chosen, by Tab and arrow keys."""
    group = control.group() if isinstance(control, QAbstractButton) else None
    together = group.buttons() if group is not None and group.exclusive() else [control]
    return any(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in together)


def test_the_language_is_switched_in_every_control_while_the_window_is_open(
    open_window, qtbot, qapp, tmp_path, russian
):
    window = filled(open_window, qtbot, tmp_path)
    before = {one: (one.accessibleName(), one.toolTip()) for one in controls(window)}
    english = texts(window)
    russian(window)
    qapp.processEvents()
    same = [one.accessibleName() for one, (name, tip) in before.items() if one.toolTip() == tip and " " in tip]
    assert not same
    assert "Настройки" in texts(window)
    left = {text for text in english & texts(window) if " " in text and any(c.isalpha() for c in text)}
    assert not {text for text in left if not text.isupper() and "/" not in text}
    window.desk.languages.choose("en")
    qapp.processEvents()
    figures = ("MB",)
    assert {one for one in texts(window) ^ english if not one.endswith(figures)} == set()


def _models():
    from liveswapping.inference.catalog import CATALOG

    return CATALOG.values()


def test_every_text_of_the_code_has_its_translation(tmp_path):
    assert translations.main(["--check"]) == 0


def test_themes_are_switched_while_the_window_is_open(open_window, qapp, dark_again):
    window = open_window(begin=False)
    for mode, colours in (("light", LIGHT), ("dark", DARK)):
        index = window.page("settings").theme.findData(mode)
        window.page("settings").theme.setCurrentIndex(index)
        window.page("settings").theme.activated.emit(index)
        assert qapp.palette().window().color().name() == colours.ground
        assert window.live.grab().toImage().pixelColor(2, 2).name() == colours.ground
        assert window.desk.preferences.values.theme == mode


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_text_can_be_read_on_what_is_behind_it(colours):
    for text, ground in (
        (colours.text, colours.surface),
        (colours.text, colours.raised),
        (colours.muted, colours.surface),
        (colours.muted, colours.ground),
        (colours.accent_ink, colours.surface),
        (colours.accent_ink, colours.accent_soft),
        (colours.live, colours.surface),
        (colours.good, colours.surface),
        (colours.warn, colours.surface),
        (colours.stage_text, colours.stage),
        (colours.accent_text, colours.accent),
    ):
        assert contrast(text, ground) >= 4.5, (text, ground)


def contrast(one, other):
    """WCAG 2.2, relative luminance and contrast ratio."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour):
    channels = [value / 255 for value in bytes.fromhex(colour[1:])]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0, 3.0])
def test_icons_are_as_sharp_as_the_screen(qapp, scale):
    drawn = icon("plus", "#ffffff").pixmap(QSize(20, 20), scale)
    assert drawn.width() == round(20 * scale)
    assert drawn.devicePixelRatio() == scale


@pytest.mark.parametrize("width", [960, 1280])
def test_nothing_is_cut_at_the_side_in_any_language(open_window, qapp, russian, width):
    window = open_window(begin=False)
    for speak in (lambda: None, lambda: russian(window)):
        speak()
        window.resize(width, 600)
        for key in window.keys_of_pages:
            window.show_page(key)
            qapp.processEvents()
            for area in window.page(key).findChildren(QScrollArea):
                assert area.widget().minimumSizeHint().width() <= area.viewport().width(), key
        window.show_page("live")
        qapp.processEvents()
        for button in (*window.live.bar.findChildren(QAbstractButton), window.live.start):
            assert button.width() >= button.minimumSizeHint().width(), button.accessibleName()


def test_every_icon_that_is_used_is_there():
    import re
    from pathlib import Path

    used = set()
    for path in (Path(__file__).parents[2] / "gui").rglob("*.py"):
        found = re.findall(
            r'(?:Button|Symbol|DropZone|EmptyState|Card)\((?:"\w*", )?"([\w-]+)"', path.read_text("utf-8")
        )
        used |= set(found) - {"primary", "start", "link"}
    assert used <= set(names())


def test_what_was_chosen_is_there_after_a_restart(open_window, portrait):
    window = open_window(begin=False)
    person = window.desk.people.add("Eileen", [portrait])
    window.live.look.sliders["shape"].line.setValue(30)
    window.desk.preferences.change(presets={"Soft": {"edge": 1.0}})
    window.show_page("settings")
    window.desk.keys.put("record", "Ctrl+K")
    window.close()
    again = open_window(begin=False)
    assert again.desk.people.chosen == person
    assert again.live.look.look.shape == 0.3
    assert again.live.look.preset.itemText(0) == "Soft"
    assert again.stack.currentWidget() is again.page("settings")
    assert again.desk.keys.of("record") == "Ctrl+K"


def test_whoever_is_chosen_is_marked_in_the_gallery_wherever_that_was_done(open_window, portrait):
    window = open_window(begin=False)
    gallery = window.live.face.gallery
    eileen = window.desk.people.add("Eileen", [portrait])
    assert gallery.key == eileen.key
    box = window.page("video").person
    box.setCurrentIndex(box.findData("sample"))
    box.activated.emit(box.currentIndex())
    assert gallery.key == "sample"


def test_a_key_that_is_taken_is_refused(open_window):
    window = open_window(begin=False)
    edit = window.page("settings")._key_rows["record"][1]
    edit.setKeySequence(QKeySequence(KEYS["hide"][0]))
    edit.editingFinished.emit()
    assert window.desk.keys.of("record") == KEYS["record"][0]
    assert "taken" in window.banner.words.text()


def test_presets_go_to_a_file_and_come_from_one(open_window, tmp_path):
    window = open_window(begin=False)
    look = window.live.look
    look.sliders["edge"].line.setValue(90)
    look.preset.setEditText("Night")
    look.save.click()
    window.page("settings").presets.write_to(str(tmp_path / "presets.json"))
    look.remove.click()
    assert window.desk.preferences.values.presets == {}
    look.put(look_of({}))
    window.page("settings").presets.take_from(str(tmp_path / "presets.json"))
    assert look.preset.findText("Night") >= 0
    look.preset.setCurrentIndex(look.preset.findText("Night"))
    look.preset.activated.emit(look.preset.currentIndex())
    assert look.look.edge == 0.9
    window.page("settings").presets.take_from(str(tmp_path / "nothing.json"))
    assert "no presets" in window.banner.words.text()
