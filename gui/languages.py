"""The languages of the window, switched while it is open."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

LANGUAGES: Final = {"en": "English", "ru": "Русский"}
"""By code, each in its own words. The catalogue of English, which the code speaks, holds only plurals."""
_FOLDER = Path(__file__).parent / "i18n"


class Languages(QObject):
    """What is spoken. Installing a catalogue makes Qt send LanguageChange to every window."""

    changed = Signal()

    def __init__(self, app: QApplication, chosen: str = "") -> None:
        super().__init__(app)
        self._app = app
        self._installed: list[QTranslator] = []
        self.current = ""
        self.choose(chosen)

    def choose(self, code: str) -> None:
        """Speak `code`; "" is the system's language where we know it, else English."""
        wanted = code if code in LANGUAGES else QLocale.system().name()[:2]
        wanted = wanted if wanted in LANGUAGES else "en"
        if wanted == self.current:
            return
        self.current = wanted
        for translator in self._installed:
            self._app.removeTranslator(translator)
        self._installed = []
        for name, folder in ((f"liveswapping_{wanted}", str(_FOLDER)), (f"qtbase_{wanted}", _qt_catalogues())):
            translator = QTranslator(self)
            if translator.load(name, folder):
                self._app.installTranslator(translator)
                self._installed.append(translator)
        QLocale.setDefault(QLocale(wanted))
        self.changed.emit()


def _qt_catalogues() -> str:
    return QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
