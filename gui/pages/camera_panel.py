"""Step two: what is swapped: a camera, a file played like one, or the demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from gui import tokens
from gui.desk import Desk
from gui.pages.ask import ask_file
from gui.widgets.buttons import IconButton, describe
from gui.widgets.panels import Card, label, row
from gui.widgets.translated import Translated

if TYPE_CHECKING:
    from liveswapping.media.camera_list import CameraInfo

DEMO = "demo:"
_FILE = "file"
_SIZES = ("", "640x480", "1280x720", "1920x1080", "3840x2160")
_RATES = (0, 24, 30, 60)


class CameraPanel(Translated, Card):
    """The list of cameras and how the picture comes from one."""

    changed = Signal()
    """Another source, or the same one in another way: a run has to open it again."""
    listed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(step="2")
        self._desk = desk
        self._cameras: tuple[CameraInfo, ...] = ()
        self._told = ""
        self.refresh = IconButton("refresh")
        self.header.addWidget(self.refresh)
        self.sources, self.resolution, self.rate = QComboBox(), QComboBox(), QComboBox()
        self.turn, self.flip = IconButton("redo"), IconButton("mirror", checkable=True)
        self.flip.setChecked(desk.preferences.values.mirror)
        self.negotiated = label("caption", wrap=True)
        self._options = QWidget()
        asked = row(self.resolution, self.rate, gap=tokens.GAP_XS)
        asked.setStretch(0, 3)
        asked.setStretch(1, 2)
        self._options.setLayout(asked)
        self.body.addLayout(row(self.sources, self.turn, self.flip, gap=tokens.GAP_XS))
        self.body.addWidget(self._options)
        self.body.addWidget(self.negotiated)
        for box in (self.sources, self.resolution, self.rate):
            box.setMinimumWidth(80)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sources.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fill()
        self.sources.activated.connect(self._on_source)
        self.resolution.activated.connect(lambda _: self._on_asked())
        self.rate.activated.connect(lambda _: self._on_asked())
        self.turn.clicked.connect(self._on_turn)
        self.flip.toggled.connect(lambda on: self._keep(mirror=on))
        self.refresh.clicked.connect(self.look_for_cameras)
        desk.preferences.defaulted.connect(self._on_defaults)
        self.retranslate()

    def look_for_cameras(self) -> None:
        """List the cameras again, on a thread beside."""
        self.refresh.setEnabled(False)
        self._desk.tasks.run("cameras", lambda _task: _cameras(), self._on_cameras, lambda _error: self._on_cameras(()))

    def tell(self, text: str, tone: str = "") -> None:
        """What the camera gives, as negotiated."""
        if text != self._told:
            self._told = text
            self.negotiated.setText(text)
            self.negotiated.setProperty("tone", tone)
        self._show_hint()

    def take_file(self, path: str) -> None:
        """Play a file as if it were a camera."""
        self._keep(camera=path)
        self._fill()

    def retranslate(self) -> None:
        """Set all texts."""
        self.heading.setText(self.tr("Camera"))
        describe(self.refresh, self.tr("Look for cameras"), self.tr("Look for cameras again"))
        describe(self.turn, self.tr("Turn the picture"), self.tr("Turn the camera's picture by a quarter"))
        describe(self.flip, self.tr("Flip the picture"), self.tr("Swap left and right, for everybody who sees it"))
        for box, name, tip in (
            (self.sources, self.tr("Camera"), self.tr("Which camera, file or demo is swapped")),
            (self.resolution, self.tr("Resolution"), self.tr("What to ask the camera for; below is what it gives")),
            (self.rate, self.tr("Frame rate"), self.tr("How many frames a second to ask the camera for")),
        ):
            describe(box, name, tip)
        self._fill()

    @property
    def found(self) -> Sequence[CameraInfo]:
        """The cameras of the last look."""
        return self._cameras

    def _fill(self) -> None:
        chosen = self._desk.preferences.values
        self.sources.clear()
        for camera in self._cameras:
            self.sources.addItem(camera.name, f"camera:{camera.index}")
        self.sources.addItem(self.tr("Demo person"), DEMO)
        known = [self.sources.itemData(i) for i in range(self.sources.count())]
        if chosen.camera not in known:
            numbered = chosen.camera.startswith("camera:")
            name = self.tr("Camera {0}").format(chosen.camera[7:]) if numbered else Path(chosen.camera).name
            self.sources.addItem(name, chosen.camera)
        self.sources.addItem(self.tr("Open a file …"), _FILE)
        self.sources.setCurrentIndex(self.sources.findData(chosen.camera))
        self.resolution.clear()
        for size in _SIZES:
            self.resolution.addItem(size.replace("x", " × ") or self.tr("Any size"), size)
        self.resolution.setCurrentIndex(max(0, self.resolution.findData(chosen.size)))
        self.rate.clear()
        for rate in _RATES:
            self.rate.addItem(self.tr("{0} fps").format(rate) if rate else self.tr("Any rate"), rate)
        self.rate.setCurrentIndex(max(0, self.rate.findData(chosen.fps)))
        self._show_hint()

    def _show_hint(self) -> None:
        spec = self._desk.preferences.values.camera
        self._options.setVisible(spec.startswith("camera:"))
        if not self._told:
            text = "" if self._cameras else self.tr("No camera was found. Connect one and look again, or use the demo.")
            self.negotiated.setText(text)
        self.negotiated.setVisible(bool(self.negotiated.text()))

    def _on_cameras(self, cameras: tuple[CameraInfo, ...]) -> None:
        self.refresh.setEnabled(True)
        first = self._cameras == () and not self._desk.preferences.values.consented
        self._cameras = cameras
        if first and cameras:
            self._desk.preferences.change(camera=f"camera:{cameras[0].index}")
        self._fill()
        self.listed.emit()

    def _on_source(self, index: int) -> None:
        spec = self.sources.itemData(index)
        if spec == _FILE:
            self._fill()
            self._choose_file()
        else:
            self._keep(camera=spec)

    def _choose_file(self) -> None:
        ask_file(self._desk, self, self.tr("Choose a clip or a picture"), "clips", self.take_file)

    def _on_asked(self) -> None:
        self._keep(size=self.resolution.currentData(), fps=self.rate.currentData())

    def _on_defaults(self) -> None:
        blocked = self.flip.blockSignals(True)
        self.flip.setChecked(self._desk.preferences.values.mirror)
        self.flip.blockSignals(blocked)
        self._fill()
        self.changed.emit()

    def _on_turn(self) -> None:
        self._keep(rotate=(self._desk.preferences.values.rotate + 90) % 360)

    def _keep(self, **values: object) -> None:
        before = self._desk.preferences.values
        if any(getattr(before, name) != value for name, value in values.items()):
            self._desk.preferences.change(**values)
            self._show_hint()
            self.changed.emit()


def _cameras() -> tuple[CameraInfo, ...]:
    from liveswapping.media.camera_list import list_cameras

    return list_cameras()
