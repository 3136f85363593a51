"""Settings that runs depend on, and the key that hides from everywhere."""

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from gui.choices import settings_of
from gui.preferences import Remembered
from gui.system_key import windows_code, x11_symbol
from liveswapping.domain.look import Look
from liveswapping.domain.settings import RULES, Settings


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Remembered(quality="fast"), Settings(max_latency_ms=30)),
        (Remembered(quality="balanced"), Settings()),
        (Remembered(quality="best"), Settings(quality="fixed")),
        (
            Remembered(quality="custom", max_latency_ms=80, target_fps=24),
            Settings(max_latency_ms=80, target_fps=24),
        ),
        (Remembered(quality="as published"), Settings()),
        (Remembered(clear_memory_every=60, gpu_gb=4), Settings(clear_memory_every=60, gpu_mem_limit=4 * 2**30)),
    ],
)
def test_what_is_chosen_becomes_the_settings_of_a_run(chosen, expected):
    found = settings_of(chosen, None)
    assert found == replace(expected, target="demo:", no_face="blur", others="blur")
    for name in ("max_latency_ms", "clear_memory_every"):
        RULES[name].parse(getattr(found, name))


def test_figures_of_ones_own_are_shown_where_quality_is_custom(open_window):
    window = open_window(begin=False)
    engine = window.live.engine
    assert engine.lag.isHidden()
    engine.quality.setCurrentIndex(engine.quality.findData("custom"))
    engine.quality.activated.emit(engine.quality.currentIndex())
    assert not engine.lag.isHidden()
    engine.lag.setValue(70)
    assert window.live.settings.max_latency_ms == 70


def test_back_to_the_defaults_leaves_people_and_presets(open_window, portrait):
    window = open_window(begin=False)
    window.desk.people.add("Eileen", [portrait])
    window.desk.preferences.change(presets={"Soft": {"edge": 1.0}})
    window.live.look.sliders["shape"].line.setValue(30)
    window.live.engine.delay.setValue(200)
    page = window.page("settings")
    page.runs.limit.setValue(3)
    assert window.live.settings.gpu_mem_limit == 3 * 2**30
    page.runs.defaults.click()
    assert window.live.settings.look == Look()
    assert window.live.engine.delay.value() == page.runs.limit.value() == 0
    assert window.live.settings.gpu_mem_limit is None
    assert window.desk.people.chosen.name == "Eileen"
    assert window.desk.preferences.values.presets
    window.live.look.undo.click()
    assert window.live.settings.look.shape == 0.3


def test_models_lie_where_the_settings_say_also_after_a_restart(open_window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", "")  # so that it is put back at the end
    monkeypatch.delenv("LIVESWAPPING_MODELS_DIR")
    from liveswapping.inference.store import model_directory

    window = open_window(begin=False)
    folder = tmp_path / "models of mine"
    folder.mkdir()
    window.page("settings").folders.put_models(str(folder))
    assert model_directory() == folder
    assert window.page("settings").folders.models.text() == str(folder)
    window.close()
    os.environ.pop("LIVESWAPPING_MODELS_DIR")
    open_window(begin=False)
    assert model_directory() == folder


def test_what_was_computed_is_removed(open_window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("liveswapping.inference.providers.cache_directory", lambda: tmp_path / "cache")
    (tmp_path / "cache" / "openvino").mkdir(parents=True)
    folders = open_window(begin=False).page("settings").folders
    folders.empty.click()
    qtbot.waitUntil(lambda: not (tmp_path / "cache").exists(), timeout=10_000)


def test_where_keys_work_is_said_as_it_is(open_window):
    page = open_window(begin=False).page("settings")  # not on X11 here: nobody can have keys of other windows
    assert not page.everywhere.isEnabled()
    assert "only while" in page._keys_lead.text()


@pytest.mark.parametrize(
    ("key", "symbol", "code"),
    [
        (Qt.Key.Key_H, 0x68, 0x48),
        (Qt.Key.Key_7, 0x37, 0x37),
        (Qt.Key.Key_F9, 0xFFC6, 0x78),
        (Qt.Key.Key_Pause, 0xFF13, 0x13),
    ],
)
def test_keys_have_the_numbers_that_systems_give_them(key, symbol, code):
    assert (x11_symbol(key), windows_code(key)) == (symbol, code)


def test_a_key_that_no_system_gives_is_refused():
    with pytest.raises(ValueError, match="not in front"):
        x11_symbol(Qt.Key.Key_Tab)


@pytest.fixture
def display():
    """An X server of its own."""
    if not sys.platform.startswith("linux") or shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb, in which a key could be held")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-noreset"], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(20)


def test_a_key_is_held_for_the_whole_desktop_until_it_is_let_go(display):
    from gui.x11_key import CONTROL, SHIFT, X11Key

    pressed = threading.Event()
    held = X11Key(x11_symbol(Qt.Key.Key_H), CONTROL | SHIFT, pressed.set, display)
    with pytest.raises(OSError, match="another program"):
        X11Key(x11_symbol(Qt.Key.Key_H), CONTROL | SHIFT, pressed.set, display)
    other = X11Key(x11_symbol(Qt.Key.Key_J), CONTROL | SHIFT, pressed.set, display)
    other.close()
    if press(display, ["Control_L", "Shift_L", "h"]):
        assert pressed.wait(20)
    held.close()
    held.close()
    X11Key(x11_symbol(Qt.Key.Key_H), CONTROL | SHIFT, pressed.set, display).close()


def press(display, names):
    """Press keys as a keyboard would, by the XTEST extension; False where its library is not here."""
    program = (
        "import ctypes, sys\n"
        "try: x, t = ctypes.CDLL('libX11.so.6'), ctypes.CDLL('libXtst.so.6')\n"
        "except OSError: sys.exit(3)\n"
        "x.XOpenDisplay.restype = ctypes.c_void_p\n"
        "d = ctypes.c_void_p(x.XOpenDisplay(sys.argv[1].encode()))\n"
        "x.XStringToKeysym.restype = ctypes.c_ulong\n"
        "codes = [x.XKeysymToKeycode(d, ctypes.c_ulong(x.XStringToKeysym(n.encode()))) for n in sys.argv[2:]]\n"
        "for c in codes: t.XTestFakeKeyEvent(d, c, 1, ctypes.c_ulong(0))\n"
        "for c in reversed(codes): t.XTestFakeKeyEvent(d, c, 0, ctypes.c_ulong(0))\n"
        "x.XSync(d, 0)\n"
    )
    return subprocess.run([sys.executable, "-c", program, display, *names], check=False).returncode == 0
