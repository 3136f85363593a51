"""The live page: pick a face, pick a camera, go live."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QCursor, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui import tokens
from gui.choices import movies, settings_of
from gui.desk import Desk
from gui.live.session import Phase
from gui.pages.camera_panel import CameraPanel
from gui.pages.cast_menu import CastMenu
from gui.pages.engine_panel import EnginePanel
from gui.pages.face_panel import FacePanel
from gui.pages.look_panel import LookPanel
from gui.pages.output_panel import OutputPanel
from gui.pages.view_bar import ViewBar
from gui.people import PICTURES, SAMPLE, with_cast
from gui.system_key import SystemKey
from gui.widgets.banner import Action
from gui.widgets.buttons import TextButton, describe
from gui.widgets.panels import Page, scrolled, tight
from gui.widgets.preview import Preview
from liveswapping.domain.errors import LiveSwappingError, ModelError, NoFaceFound, SourceError
from liveswapping.domain.settings import Settings

_ROOMY = 1120
"""From this width on the panels beside the picture have theirs, in logical pixels."""


class LivePage(Page):
    """Everything about the live picture."""

    fullscreen_wanted = Signal()
    window_wanted = Signal(bool)
    live_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._again = False
        self._ready = False
        self.hidden = False
        """The picture is black, and nothing that the camera sees leaves."""
        self.preview = Preview()
        self.bar = ViewBar(desk)
        self.face, self.camera = FacePanel(desk), CameraPanel(desk)
        self.look, self.output, self.engine = LookPanel(desk), OutputPanel(desk), EnginePanel(desk)
        self.start = TextButton("start", "play")
        self.system_key = SystemKey(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    @property
    def settings(self) -> Settings:
        """What a run would be started with now."""
        settings = with_cast(settings_of(self._desk.preferences.values, None), self._desk.people)
        return replace(settings, hidden=self.hidden)

    def set_ready(self) -> None:
        """What a run needs has been imported: Start may be clicked."""
        self._ready = True
        self._show_phase()

    def toggle(self) -> None:
        """Go live, or stop."""
        session = self._desk.session
        if session.phase is Phase.IDLE and self.start.isEnabled():
            self.hidden = False
            session.start(self.settings)
        elif session.phase in (Phase.STARTING, Phase.LIVE):
            session.stop()

    def toggle_hidden(self) -> None:
        """Hide, or show again."""
        if self._desk.session.phase is Phase.LIVE:
            self.hidden = not self.hidden
            self.update_run()
            self.bar.show_hidden(self.hidden)
            self._show_hint()

    def save_picture(self) -> None:
        """Write the frame that is shown as a PNG."""
        frame = self._desk.session.last_frame
        if frame is None:
            return
        folder = Path(self._desk.preferences.folder("recordings", movies()))
        path = folder / time.strftime("LiveSwapping %Y-%m-%d %H-%M-%S.png")
        saved, settings = self.tr("Saved {0}").format(path.name), self.settings
        self._desk.tasks.run(
            "snapshot",
            lambda _task: _write(path, frame.image, settings),
            lambda _: self._desk.banner.say(saved, "good", str(path)),
            self._desk.complain,
        )

    def ask_who(self, places: list[int], at: QPoint) -> CastMenu:
        """Open the menu that gives faces people of their own; the picture goes on below it."""
        menu = CastMenu(self._desk, places, self)
        menu.popup(at)
        return menu

    def _ask_all(self) -> None:
        button = self.bar.cast
        places = list(range(len(self._desk.session.faces)))
        self.ask_who(places, button.mapToGlobal(QPoint(0, -button.height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the picture gets it."""
        side = tokens.SIDE if self.width() >= _ROOMY else tokens.SIDE_NARROW
        self._left.setFixedWidth(side)
        self._right.setFixedWidth(side + tokens.GAP_S)
        super().resizeEvent(event)

    def set_bare(self, bare: bool) -> None:
        """Nothing but the picture, for the whole screen."""
        for widget in (self._left, self._right, self.bar):
            widget.setVisible(not bare)
        self.preview.rounded = not bare
        margin = 0 if bare else tokens.GAP_L
        self._outer.setContentsMargins(margin, margin, margin, margin)

    def take_dropped(self, paths: list[str]) -> None:
        """Files on the preview: pictures are faces, anything else is played as a camera."""
        if all(Path(path).is_dir() or path.lower().endswith(PICTURES) for path in paths):
            self.face.take_files(paths)
        elif paths:
            self.camera.take_file(paths[0])

    def retranslate(self) -> None:
        """Set all texts."""
        self.preview.labels = (self.tr("Before"), self.tr("After"))
        self.preview.face_words = self.tr("Face {0}: click to choose who")
        self.preview.setAccessibleName(self.tr("Live picture"))
        self.preview.setToolTip("")
        self._show_phase()

    def _lay_out(self) -> None:
        self._left, self._right = QWidget(), QWidget()
        left = QVBoxLayout(self._left)
        tight(left, tokens.GAP_M)
        left.addWidget(self.face, 1)
        left.addWidget(self.camera)
        left.addWidget(self.start)
        cards = QVBoxLayout()
        tight(cards, tokens.GAP_M)
        for card in (self.look, self.output, self.engine):
            cards.addWidget(card)
        cards.addStretch(1)
        right = QVBoxLayout(self._right)
        tight(right, 0)
        right.addWidget(scrolled(cards))
        middle = QVBoxLayout()
        tight(middle, tokens.GAP_M)
        stage = QFrame()
        stage.setProperty("role", "stack")
        inside = QVBoxLayout(stage)
        tight(inside, 0)
        inside.addWidget(self.preview)
        middle.addWidget(stage, 1)
        middle.addWidget(self.bar)
        self._outer = QHBoxLayout(self)
        tight(self._outer, tokens.GAP_M, tokens.GAP_L)
        self._outer.addWidget(self._left)
        self._outer.addLayout(middle, 1)
        self._outer.addWidget(self._right)

    def _connect(self) -> None:
        desk, session = self._desk, self._desk.session
        self.start.clicked.connect(self.toggle)
        for name, run in (("start", self.toggle), ("hide", self.toggle_hidden), ("snapshot", self.save_picture)):
            desk.keys.on(name, run)
        desk.keys.changed.connect(self.retranslate)
        desk.keys.changed.connect(self.hold_key)
        self.system_key.pressed.connect(self.toggle_hidden)
        session.phase_changed.connect(self._on_phase)
        session.failed.connect(self._on_failed)
        session.noted.connect(self.engine.tell)
        desk.people.chosen_changed.connect(self._on_person)
        desk.people.cast_changed.connect(self._on_person)
        self.preview.faces = lambda: desk.session.faces
        self.preview.face_clicked.connect(lambda place: self.ask_who([place], QCursor.pos()))
        self.bar.cast_clicked.connect(self._ask_all)
        self.camera.changed.connect(self._restart)
        self.camera.listed.connect(self._show_phase)
        self.camera.listed.connect(self.output.sound.look_for_devices)
        self.look.changed.connect(self.update_run)
        self.engine.changed.connect(self.update_run)
        self.output.changed.connect(self.update_run)
        self.engine.wants_models.connect(lambda: desk.go("models"))
        self.output.window_wanted.connect(self.window_wanted)
        self.bar.view_changed.connect(self._on_view)
        self.bar.hide_clicked.connect(self.toggle_hidden)
        self.bar.snapshot_clicked.connect(self.save_picture)
        self.bar.fullscreen_clicked.connect(self.fullscreen_wanted)
        self.preview.double_clicked.connect(self.fullscreen_wanted)
        self.preview.dropped.connect(self.take_dropped)
        self._on_view()

    def _on_view(self) -> None:
        self.preview.set_view(self.bar.mode, self.bar.mirrored)
        self.preview.comparing = self.bar.comparing
        self._desk.session.compare(self.bar.comparing)
        self.preview.update()

    def _on_person(self) -> None:
        self._show_phase()
        self.update_run()

    def update_run(self) -> None:
        """What was chosen holds from the next frame on."""
        if self._desk.session.phase in (Phase.STARTING, Phase.LIVE) and self._desk.people.chosen is not None:
            self._desk.session.update(self.settings)

    def _restart(self) -> None:
        """Another camera: the run ends and begins again with it."""
        self._show_phase()
        if self._desk.session.phase in (Phase.STARTING, Phase.LIVE):
            self._again = True
            self._desk.session.stop()

    def hold_key(self) -> None:
        """While live the key that hides is ours in every window, where the system allows that."""
        wanted = self._desk.session.phase is Phase.LIVE and self._desk.preferences.values.system_key
        if wanted:
            self.system_key.hold(self._desk.keys.of("hide"))
        else:
            self.system_key.release()

    def _on_phase(self) -> None:
        phase = self._desk.session.phase
        self.hold_key()
        if phase is Phase.IDLE:
            self.preview.clear()
            self.hidden = False
            self.bar.show_hidden(False)
            if self._again:
                self._again = False
                QTimer.singleShot(0, self.toggle)
        self._show_phase()
        self.live_changed.emit()

    def _show_phase(self) -> None:
        phase, person = self._desk.session.phase, self._desk.people.chosen
        live = phase is Phase.LIVE
        words = {
            Phase.IDLE: self.tr("Go live") if self._ready else self.tr("Getting ready …"),
            Phase.STARTING: self.tr("Starting … click to cancel"),
            Phase.LIVE: self.tr("Stop"),
            Phase.STOPPING: self.tr("Stopping …"),
        }
        self.start.setText(words[phase])
        tip = self.tr("Swap the face of the camera's picture, or stop that")
        describe(self.start, words[phase], tip, self._desk.keys.shown("start"))
        self.start.setEnabled(self._ready and person is not None and phase is not Phase.STOPPING)
        self.start.set_look("play" if phase is Phase.IDLE else "stop", "live" if phase is not Phase.IDLE else "")
        self.bar.show_live(live)
        if phase is Phase.IDLE:
            self.camera.tell("")
        self._show_hint()

    def _show_hint(self) -> None:
        person, phase = self._desk.people.chosen, self._desk.session.phase
        if phase is not Phase.IDLE:
            self.preview.hint = ("live", self.tr("Starting …"), self.tr("Reading photographs, opening the camera"))
        elif person is None:
            words = self.tr("Drop a photograph here, or click + on the left.")
            self.preview.hint = ("face", self.tr("Who do you want to be?"), words)
        else:
            name = self.tr("the sample face") if person.key == SAMPLE else person.name
            words = self.tr("Click “Go live” to become {0}.").format(name)
            self.preview.hint = ("live", self.tr("Ready"), words)
        self.preview.update()

    def _on_failed(self, error: LiveSwappingError) -> None:
        action = Action(self.tr("Try again"), self.toggle)
        if isinstance(error, ModelError):
            action = Action(self.tr("Open Models"), lambda: self._desk.go("models"))
        elif isinstance(error, NoFaceFound):
            action = Action(self.tr("Add a photograph"), self.face.add.click)
        elif isinstance(error, SourceError):
            action = Action(self.tr("Look for cameras"), self.camera.look_for_cameras)
        self._desk.complain(error, action)


def _write(path: Path, image: object, settings: Settings) -> None:
    from liveswapping.build import seal_of
    from liveswapping.media.images import write_image

    write_image(path, image, seal=seal_of(settings))  # type: ignore[arg-type]
