"""The application: from nothing to the window, and from the closed window to the exit code."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gui.screen_check import check_screen, scrub

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.main_window import MainWindow

_PATIENCE_MS = 9_000
"""How long a call into a library that cannot be interrupted is waited for after the window has closed."""


def main(arguments: list[str] | None = None, log: Path | None = None) -> int:
    """Open the window and stay until it is closed; answers the exit code. Raises SinkError where there is no screen."""
    check_screen(os.environ)
    scrub()
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from gui.interpreter import settle

    app = QApplication([sys.argv[0], *(arguments or [])])
    window = make_window(app, log)
    app.setQuitOnLastWindowClosed(False)
    window.closed.connect(app.quit)
    window.ready.connect(settle)
    given_up = QTimer(app)
    given_up.setSingleShot(True)
    given_up.timeout.connect(_leave)
    window.closing.connect(lambda: given_up.start(_PATIENCE_MS))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    window.show()
    QTimer.singleShot(0, window.begin)
    code = app.exec()
    if window.tasks.running:  # something is being compiled or imported: nothing is lost with it
        _leave()
    return code


def make_window(app: QApplication, log: Path | None = None) -> MainWindow:
    """The window with everything it works with, not shown yet."""
    from PySide6.QtCore import QStandardPaths

    from gui.interpreter import prepare
    from gui.languages import Languages
    from gui.main_window import MainWindow
    from gui.pages.folders_card import MODELS_VARIABLE
    from gui.preferences import Preferences
    from gui.promptness import be_prompt
    from gui.theme import Theme
    from liveswapping.provenance.folder import config_folder

    prepare()
    be_prompt()
    app.setApplicationName("LiveSwapping")
    app.setDesktopFileName("liveswapping")
    preferences = Preferences(config_folder(), app)
    if preferences.values.models_dir:
        os.environ.setdefault(MODELS_VARIABLE, preferences.values.models_dir)
    theme = app.findChild(Theme) or Theme(app)
    theme.set_mode(preferences.values.theme)
    languages = app.findChild(Languages) or Languages(app)
    languages.choose(preferences.values.language)
    data = os.environ.get("LIVESWAPPING_CONFIG_DIR") or QStandardPaths.writableLocation(
        QStandardPaths.StandardLocation.AppDataLocation
    )
    return MainWindow(preferences, theme, languages, Path(data), log)


def _leave() -> None:
    """Something hangs in a library: end all the same. Unfinished files have temporary names."""
    logging.shutdown()
    os._exit(0)
