"""Errors in the user's language: what kind of thing went wrong. The engine's own sentence is behind `Details`."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from liveswapping.domain.errors import (
    GPUMemoryError,
    LiveSwappingError,
    ModelDownloadError,
    ModelError,
    NoFaceFound,
    SettingsError,
    SinkError,
    SourceError,
)

_SENTENCES: Final[tuple[tuple[type[LiveSwappingError], object], ...]] = (
    (NoFaceFound, QT_TRANSLATE_NOOP("Problems", "No face was found. Use a photograph that shows it from the front.")),
    (ModelDownloadError, QT_TRANSLATE_NOOP("Problems", "The download did not succeed. Try again; it goes on.")),
    (ModelError, QT_TRANSLATE_NOOP("Problems", "A model file is missing or damaged. The Models page fetches it.")),
    (GPUMemoryError, QT_TRANSLATE_NOOP("Problems", "The graphics card is out of memory. Choose a smaller engine.")),
    (SettingsError, QT_TRANSLATE_NOOP("Problems", "These settings do not fit together.")),
    (SourceError, QT_TRANSLATE_NOOP("Problems", "The camera or file gives no picture.")),
    (SinkError, QT_TRANSLATE_NOOP("Problems", "The picture cannot be written there.")),
    (LiveSwappingError, QT_TRANSLATE_NOOP("Problems", "Something went wrong.")),
)
"""Special kinds before general ones."""


def summary(error: LiveSwappingError) -> str:
    """One line for a banner."""
    text = next(text for kind, text in _SENTENCES if isinstance(error, kind))
    return QCoreApplication.translate("Problems", str(text))
