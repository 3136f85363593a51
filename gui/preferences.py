"""What the window remembers. A file that cannot be read or written costs the memory, never the window."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from liveswapping.provenance.consent import given

_log = logging.getLogger(__name__)
_SAVE_AFTER_MS = 400


@dataclass(slots=True)
class Remembered:
    """Everything that is kept between two starts. Plain JSON values only."""

    consented: bool = False
    language: str = ""
    """"en", "ru", or "" for the system's."""
    theme: str = "system"
    geometry: str = ""
    """Qt's own, in base 64."""
    page: str = "live"
    people: list[dict[str, Any]] = field(default_factory=list)
    person: str = ""
    """The key of the chosen one."""
    sample_hidden: bool = False
    cast: dict[str, str] = field(default_factory=dict)
    """Place of a face from the left, from 0 → the key of who it becomes."""
    camera: str = "demo:"
    size: str = ""
    """"1280x720", or "" for what the camera likes best."""
    fps: int = 0
    mirror: bool = False
    rotate: int = 0
    engine: str = "mesh"
    provider: str = "auto"
    quality: str = "balanced"
    """One of gui.choices.QUALITIES."""
    max_latency_ms: int = 50
    target_fps: int = 0
    """0: as many as the camera gives."""
    faces: str = "largest"
    no_face: str = "blur"
    others: str = "blur"
    delay_ms: int = 0
    label: bool = True
    """A label in the picture says that it was made."""
    credentials: bool = True
    """Files say how they were made."""
    clear_memory_every: int = 300
    """Seconds; 0: never."""
    gpu_gb: int = 0
    """Of a graphics card's memory, at most; 0: what is needed."""
    models_dir: str = ""
    system_key: bool = True
    """The key that hides works in other programs' windows, too."""
    look: dict[str, Any] = field(default_factory=dict)
    clips: list[dict[str, Any]] = field(default_factory=list)
    """What waits or was not finished on the Video page."""
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)
    shortcuts: dict[str, str] = field(default_factory=dict)
    view: str = "fit"
    view_mirrored: bool = False
    overlay: bool = False
    stream_url: str = ""
    microphone: str = ""
    """What is heard in recordings and streams: "auto", a device, or "" for nothing."""
    sound_to: str = ""
    """Where the microphone is played as late as the picture: "auto", a device, or "" for nowhere."""
    folders: dict[str, str] = field(default_factory=dict)
    """The folder last used, by purpose."""


RUN: Final = (
    "size",
    "fps",
    "mirror",
    "rotate",
    "engine",
    "provider",
    "quality",
    "max_latency_ms",
    "target_fps",
    "faces",
    "no_face",
    "others",
    "delay_ms",
    "clear_memory_every",
    "gpu_gb",
    "look",
)
"""What a run depends on, but for who becomes whom and the camera."""


class Preferences(QObject):
    """The remembered values and their file."""

    defaulted = Signal()
    """Everything that a run depends on is as it was at first."""
    unwritable = Signal(str)
    """The file cannot be written, and why. Once."""

    def __init__(self, folder: Path | None, parent: QObject | None = None) -> None:
        """`folder` None: nothing is kept."""
        super().__init__(parent)
        self.file: Final = None if folder is None else folder / "desktop.json"
        self._told = False
        self.values = self._load()
        if folder is not None and given(folder):  # on the command line
            self.values.consented = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)

    def change(self, **values: object) -> None:
        """Set values by their names, and keep them soon."""
        for name, value in values.items():
            if getattr(self.values, name) != value:
                setattr(self.values, name, value)
                self._timer.start()

    def put_defaults(self) -> None:
        """What a run depends on becomes what it was at first; people, presets and the window stay."""
        self.change(**{name: getattr(Remembered(), name) for name in RUN})
        self.defaulted.emit()

    def folder(self, purpose: str, otherwise: Path) -> str:
        """The folder last used for `purpose`, while it is there."""
        kept = self.values.folders.get(purpose, "")
        return kept if kept and Path(kept).is_dir() else str(otherwise)

    def keep_folder(self, purpose: str, folder: Path) -> None:
        """Remember it for the next dialog."""
        self.change(folders={**self.values.folders, purpose: str(folder)})

    def save(self) -> None:
        """Write now. Says once where that cannot be."""
        self._timer.stop()
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            part = self.file.with_suffix(".part")
            part.write_text(json.dumps(asdict(self.values), indent=1), encoding="utf-8")
            os.replace(part, self.file)  # noqa: PTH105 - Path.replace is the same
        except OSError as error:
            _log.warning("%s cannot be written: %s", self.file, error)
            if not self._told:
                self._told = True
                self.unwritable.emit(f"{self.file}: {error.strerror or error}")

    def _load(self) -> Remembered:
        """What is kept; what does not fit any more is left at its default."""
        remembered = Remembered()
        if self.file is None:
            return remembered
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return remembered
        except (OSError, ValueError) as error:
            _log.warning("%s cannot be read: %s", self.file, error)
            return remembered
        for one in fields(Remembered):
            value = content.get(one.name) if isinstance(content, dict) else None
            if type(value) is type(getattr(remembered, one.name)):
                setattr(remembered, one.name, value)
        return remembered
