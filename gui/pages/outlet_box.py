"""Outputs for others: a virtual camera, browsers, a stream."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gui import tokens
from gui.desk import Desk
from gui.live.session import BROWSER, STREAM, VIRTUAL_CAMERA, Phase
from gui.widgets.buttons import Switch, describe
from gui.widgets.panels import label, tight
from gui.widgets.translated import Translated
from liveswapping.domain.errors import LiveSwappingError


class OutletBox(Translated, QWidget):
    """A switch for each. They follow what really happens; a line below says how the last one is doing."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.camera, self.browser, self.stream = Switch(), Switch(), Switch()
        self.address = QLineEdit(desk.preferences.values.stream_url)
        self.address.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)  # it ends with a key
        self.said = label("caption", wrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = tight(QVBoxLayout(self), tokens.GAP_S)
        for widget in (self.camera, self.browser, self.stream, self.address, self.said):
            layout.addWidget(widget)
        session = desk.session
        self._switches: dict[str, tuple[Switch, Callable[[], None]]] = {
            VIRTUAL_CAMERA: (self.camera, lambda: session.feed_camera("auto")),
            BROWSER: (self.browser, session.serve),
            STREAM: (self.stream, self._begin_stream),
        }
        for name, (switch, _) in self._switches.items():
            switch.clicked.connect(lambda _, name=name: self._toggle(name))
        self.address.editingFinished.connect(lambda: desk.preferences.change(stream_url=self.address.text().strip()))
        self.address.returnPressed.connect(lambda: self._toggle(STREAM))
        session.phase_changed.connect(self.refresh)
        session.output_failed.connect(self._on_failed)
        session.output_finished.connect(lambda _: self.refresh())
        session.output_said.connect(self._on_said)
        self.retranslate()

    def refresh(self) -> None:
        """Show what is so."""
        session = self._desk.session
        for name, (switch, _) in self._switches.items():
            switch.setEnabled(session.phase is Phase.LIVE)
            switch.setChecked(name in session.outputs)
        self.address.setEnabled(STREAM not in session.outputs)
        if not set(self._switches) & set(session.outputs):
            self.said.clear()
        self.said.setVisible(bool(self.said.text()))

    def retranslate(self) -> None:
        """Set all texts."""
        self.camera.setText(self.tr("Virtual camera"))
        tip = self.tr("Zoom, Teams, browsers and OBS can choose the picture as a camera")
        describe(self.camera, self.tr("Virtual camera"), tip)
        self.browser.setText(self.tr("Browsers and OBS"))
        tip = self.tr("Browsers and OBS on this machine can open the picture by its address")
        describe(self.browser, self.tr("Browsers and OBS"), tip)
        self.stream.setText(self.tr("Stream"))
        describe(
            self.stream, self.tr("Stream"), self.tr("Send the picture to the address below, with RTMP, SRT or UDP")
        )
        self.address.setPlaceholderText("rtmp://… srt://… udp://…")
        self.address.setAccessibleName(self.tr("Address of the stream"))
        self.address.setToolTip(self.tr("Where the stream goes: server and key, as the streaming service gives them"))
        self.refresh()

    def _toggle(self, name: str) -> None:
        session = self._desk.session
        if name in session.outputs:
            session.pull(name)
        elif session.phase is Phase.LIVE:
            self._switches[name][1]()
        self.refresh()

    def _begin_stream(self) -> None:
        url = self.address.text().strip()
        if url:
            self._desk.session.stream(url, self._desk.preferences.values.microphone)
        else:
            self.address.setFocus()

    def _on_said(self, name: str, line: str) -> None:
        if name in self._switches and name in self._desk.session.outputs:
            self.said.setText(line)
            self.said.setVisible(True)

    def _on_failed(self, name: str, error: LiveSwappingError) -> None:
        self.refresh()
        if name in self._switches:
            self._desk.complain(error)
            self.said.setText(str(error))
            self.said.setVisible(True)
