"""One line at the bottom: how the run is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from gui import tokens
from gui.live.session import LiveSession, Phase
from gui.widgets.panels import ElidedLabel, label, set_tone
from liveswapping.inference.process_memory import resident_bytes

if TYPE_CHECKING:
    from liveswapping.pipeline.status import Status


class StatusBar(QFrame):
    """Figures of the run; `refresh` is called some times a second."""

    def __init__(self, session: LiveSession) -> None:
        super().__init__()
        self.setProperty("role", "status")
        self.setFixedHeight(32)
        self._session = session
        self.state, self.rate, self.latency, self.dropped, self.memory = (label("caption") for _ in range(5))
        self.note, self.provider = label("caption"), label("caption")
        self.given_up = ElidedLabel("caption")
        line = QHBoxLayout(self)
        line.setContentsMargins(tokens.GAP_L, 0, tokens.GAP_L, 0)
        line.setSpacing(tokens.GAP_XL)
        for one in (self.state, self.rate, self.latency, self.dropped):
            line.addWidget(one)
        line.addWidget(self.given_up, 1)
        for one in (self.note, self.provider, self.memory):
            line.addWidget(one)
        self._status: Status | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        status, phase = self._session.status, self._session.phase
        self._status = status
        lost = phase is Phase.LIVE and self._session.source_state in ("lost", "opening")
        self._put(self.state, self._state(phase, lost), "bad" if phase is Phase.LIVE else "")
        for one in (self.rate, self.latency, self.dropped):
            one.setVisible(status is not None)
        if status is not None:
            self._put(self.rate, self.tr("{0} fps").format(f"{status.fps:.1f}"))
            delays = f"{status.latency.p50_ms:.0f} / {status.latency.p95_ms:.0f}"
            self._put(self.latency, self.tr("{0} ms (median / 95 %)").format(delays))
            self._put(self.dropped, self.tr("{0} dropped").format(status.dropped))
        exposed = status is not None and phase is Phase.LIVE and status.exposed and not status.hidden
        self._put(self.note, self.tr("Real faces may show") if exposed else "", "warn")
        self._put(self.given_up, "" if status is None else status.rung)
        self._put(self.provider, "" if status is None else status.provider)
        self._put(self.memory, self.tr("{0} MB").format(resident_bytes() // 2**20))

    def figures(self) -> str:
        """The same as lines, for the preview, as of the last `refresh`."""
        status = self._status
        if status is None:
            return ""
        lines = [
            f"{status.fps:5.1f} fps",
            f"{status.latency.p50_ms:5.1f} ms p50",
            f"{status.latency.p95_ms:5.1f} ms p95",
        ]
        lines += [f"{spread.p50_ms:5.1f} ms {name}" for name, spread in status.stages.items()]
        return "\n".join(lines)

    def changeEvent(self, event: QEvent) -> None:
        """The language may have changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.refresh()
        super().changeEvent(event)

    def _state(self, phase: Phase, lost: bool) -> str:
        if lost:
            return self.tr("● Camera lost, looking for it …")
        return {
            Phase.IDLE: self.tr("Not live"),
            Phase.STARTING: self.tr("Starting …"),
            Phase.LIVE: self.tr("● Live"),
            Phase.STOPPING: self.tr("Stopping …"),
        }[phase]

    @staticmethod
    def _put(where: QLabel, text: str, tone: str = "") -> None:
        if where.text() != text:
            where.setText(text)
        set_tone(where, tone)
