"""Where the picture goes beside the preview."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices

from gui.choices import movies
from gui.desk import Desk
from gui.live.session import RECORDING, Phase
from gui.pages.outlet_box import OutletBox
from gui.pages.policy_box import PolicyBox
from gui.pages.sound_box import SoundBox
from gui.widgets.banner import Action
from gui.widgets.buttons import Switch, describe
from gui.widgets.panels import Card, label
from gui.widgets.translated import Translated
from liveswapping.domain.errors import LiveSwappingError

_BOX = 168
"""Width of what is chosen from."""


class OutputPanel(Translated, Card):
    """Switches, one for each output. They follow what really happens, not what was clicked."""

    window_wanted = Signal(bool)
    changed = Signal()
    """Another policy."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("output")
        self._desk = desk
        self._path: Path | None = None
        self.record, self.capture = Switch(), Switch()
        self.where = label("caption", wrap=True)
        self.body.addWidget(self.record)
        self.body.addWidget(self.where)
        self.body.addWidget(self.capture)
        self.outlets, self.sound = OutletBox(desk), SoundBox(desk, _BOX)
        self.body.addWidget(self.outlets)
        self.body.addWidget(self.sound)
        self.policies = PolicyBox(desk, _BOX)
        self.body.addWidget(self.policies)
        self.policies.changed.connect(self.changed)
        self.record.clicked.connect(self.toggle_recording)
        self.capture.clicked.connect(self.window_wanted)
        desk.keys.on("record", self.toggle_recording)
        session = desk.session
        session.phase_changed.connect(self.refresh)
        session.output_failed.connect(self._on_failed)
        session.output_finished.connect(self._on_finished)
        self.retranslate()

    @property
    def recording(self) -> bool:
        """A file is being written."""
        return RECORDING in self._desk.session.outputs

    @property
    def path(self) -> Path | None:
        """The newest recording."""
        return self._path

    def toggle_recording(self) -> None:
        """Begin to record, or finish the file."""
        session = self._desk.session
        if self.recording:
            session.pull(RECORDING)
        elif session.phase is Phase.LIVE:
            folder = Path(self._desk.preferences.folder("recordings", movies()))
            self._path = folder / time.strftime("LiveSwapping %Y-%m-%d %H-%M-%S.mp4")
            session.record(self._path, self._desk.preferences.values.microphone)
        self.refresh()

    def refresh(self) -> None:
        """Show what is so."""
        self.record.setEnabled(self._desk.session.phase is Phase.LIVE)
        self.record.setChecked(self.recording)
        text = ""
        if self.recording and self._path is not None:
            text = self.tr("Recording to {0}").format(self._path.name)
        elif self._desk.session.phase is not Phase.LIVE:
            text = self.tr("Recording begins when you are live.")
        self.where.setText(text)
        self.where.setVisible(bool(text))

    def retranslate(self) -> None:
        """Set all texts."""
        self.heading.setText(self.tr("Output"))
        self.record.setText(self.tr("Record a video"))
        key = self._desk.keys.shown("record")
        describe(self.record, self.tr("Record a video"), self.tr("Write what is shown into a video file"), key)
        self.capture.setText(self.tr("Window to capture"))
        tip = self.tr("A second window with nothing but the picture, for OBS or a meeting to capture")
        describe(self.capture, self.tr("Window to capture"), tip)
        self.refresh()

    def _on_failed(self, name: str, error: LiveSwappingError) -> None:
        self.refresh()
        if name == RECORDING:
            self._desk.complain(error)

    def _on_finished(self, name: str) -> None:
        self.refresh()
        if name != RECORDING or self._path is None or not self._path.is_file():
            return
        folder = str(self._path.parent)
        action = Action(self.tr("Open folder"), lambda: _open(folder))
        self._desk.banner.say(self.tr("Saved {0}").format(self._path.name), "good", str(self._path), action)


def _open(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
