"""Every error a user can meet. Each message is one line: what happened, and what to do about it.

LiveSwappingError
├── SettingsError            a flag, key or file of settings that cannot be used
├── ModelError               anything about a model file
│   ├── ModelLoadError       present, but cannot be loaded
│   └── ModelDownloadError   could not be fetched or did not verify
├── GPUMemoryError           the device is out of memory
├── FaceDetectionError       finding faces failed
│   └── NoFaceFound          it worked, and there is none
├── SourceError              a camera, file or stream that cannot be read
│   └── EndOfStream          a source that is read to its end (control flow, never shown)
└── SinkError                a window, file or device that cannot be written
"""

from __future__ import annotations


class LiveSwappingError(Exception):
    """Base of all errors that the CLI prints as one line and the GUI shows as a banner."""


class SettingsError(LiveSwappingError):
    """A flag, key or settings file that cannot be used."""


class ModelError(LiveSwappingError):
    """Anything that is wrong with a model file."""


class ModelLoadError(ModelError):
    """The model file is present but cannot be loaded."""


class ModelDownloadError(ModelError):
    """The model file could not be fetched, or what came does not verify."""


class GPUMemoryError(LiveSwappingError):
    """The device is out of memory."""


class FaceDetectionError(LiveSwappingError):
    """Finding faces failed."""


class NoFaceFound(FaceDetectionError):
    """Finding faces worked, and there is none."""


class SourceError(LiveSwappingError):
    """A camera, file or stream that cannot be read."""


class EndOfStream(SourceError):
    """A source has been read to its end. Control flow: never shown to a user."""


class SinkError(LiveSwappingError):
    """A window, file or device that cannot be written."""
