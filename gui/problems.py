"""Errors in the user's language: what kind of thing went wrong. The engine's own sentence is behind `Details`."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

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


def summary(error: LiveSwappingError) -> str:
    """One line for a banner."""
    say = QCoreApplication.translate
    if isinstance(error, NoFaceFound):
        return say("Problems", "No face was found. Use a photograph that shows the face from the front.")
    if isinstance(error, ModelDownloadError):
        return say("Problems", "The download did not succeed. Check the connection and try again; it goes on.")
    if isinstance(error, ModelError):
        return say("Problems", "A model file is missing or damaged. The Models page fetches it.")
    if isinstance(error, GPUMemoryError):
        return say("Problems", "The graphics card is out of memory. Choose a smaller engine.")
    if isinstance(error, SettingsError):
        return say("Problems", "These settings do not fit together.")
    if isinstance(error, SourceError):
        return say("Problems", "The camera or file gives no picture.")
    if isinstance(error, SinkError):
        return say("Problems", "The picture cannot be written there.")
    return say("Problems", "Something went wrong.")
