"""The window: the rail, the pages, the banner and the status bar, and how it all ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from gui import tokens
from gui.background import Task, Tasks
from gui.book import Book
from gui.desk import Desk
from gui.detached import Detached
from gui.icons import app_icon
from gui.keys import Keys
from gui.languages import Languages
from gui.live.session import LiveSession, Phase
from gui.navigation import Rail
from gui.pages.diagnostics import DiagnosticsPage
from gui.pages.first_run import FirstRunPage
from gui.pages.images import ImagesPage
from gui.pages.inpaint import InpaintPage
from gui.pages.live import LivePage
from gui.pages.models import ModelsPage
from gui.pages.settings import SettingsPage
from gui.pages.video import VideoPage
from gui.people import People
from gui.preferences import Preferences
from gui.status_bar import StatusBar
from gui.theme import Theme
from gui.warm_up import import_runtimes
from gui.widgets.banner import Banner
from gui.widgets.panels import Page, tight
from gui.widgets.preview import Preview

_REFRESH_MS = 250
_SIZE = (1360, 840)
_SMALLEST = (960, 600)


class MainWindow(QMainWindow):
    """The one window. `closed` comes when it is gone and everything has been let go."""

    closing = Signal()
    """It has gone from sight; things are being let go."""
    closed = Signal()
    ready = Signal()
    """The runtimes have been imported: Start can be clicked."""

    def __init__(
        self, preferences: Preferences, theme: Theme, languages: Languages, data: Path, log: Path | None
    ) -> None:
        """`data` is the folder for pictures that have no other place."""
        super().__init__()
        self.setWindowTitle("LiveSwapping")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*_SMALLEST)
        self.banner = Banner()
        self.session = LiveSession(self)
        self.tasks = Tasks(self)
        people = People(preferences, data / "faces", self)
        keys = Keys(self, preferences)
        self.desk = Desk(
            preferences, theme, languages, self.tasks, self.session, people, self.banner, keys, self.show_page, log
        )
        self.live = LivePage(self.desk)
        self.first = FirstRunPage(self.desk)
        self.stack = Book(self._makers())
        self.detached: Detached | None = None
        self.imports: dict[str, float] = {}
        """What was imported beside the window, and how many milliseconds each held the interpreter."""
        self._closing = False
        self._lay_out()
        self._connect()
        self._restore()

    def _makers(self) -> dict[str, Callable[[], Page]]:
        return {
            "live": lambda: self.live,
            "video": lambda: VideoPage(self.desk),
            "images": lambda: ImagesPage(self.desk),
            "inpaint": lambda: InpaintPage(self.desk),
            "models": self._make_models,
            "settings": self._make_settings,
            "diagnostics": lambda: DiagnosticsPage(self.desk),
        }

    def show_page(self, key: str) -> None:
        """Turn to a page."""
        if key not in self.keys_of_pages or not self.desk.preferences.values.consented:
            return
        self.desk.preferences.change(page=key)
        self.stack.setCurrentWidget(self.page(key))
        self.rail.show_page(key)

    @property
    def keys_of_pages(self) -> tuple[str, ...]:
        """The pages there are, in the order of the rail."""
        return self.stack.keys

    def page(self, key: str) -> Page:
        """A page, made when it is first asked for: the window is there sooner."""
        return self.stack.page(key)

    def begin(self) -> None:
        """Once the window is usable: import what a run needs, and look for cameras."""
        self.tasks.run("runtimes", self._import, lambda _: self._on_ready(), self.desk.complain, awaited=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the full screen."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.toggle_fullscreen()
        else:
            super().keyPressEvent(event)

    def toggle_fullscreen(self) -> None:
        """Nothing but the picture, or everything again."""
        bare = not self.isFullScreen()
        self.show_page("live")
        for widget in (self.rail, self.status):
            widget.setVisible(not bare)
        self.live.set_bare(bare)
        if bare:
            self._maximised = self.isMaximized()
            self.showFullScreen()
        elif self._maximised:
            self.showMaximized()
        else:
            self.showNormal()

    def show_detached(self, wanted: bool) -> None:
        """Open or close the second window."""
        if not wanted and self.detached is not None:
            self.detached.close()
        elif wanted and self.detached is None:
            self.detached = Detached(self, self.tr("LiveSwapping picture"))
            self.detached.gone.connect(self._on_detached_gone)
            self.detached.show()
            self._set_feeds()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go from sight at once; `closed` comes when the run has ended."""
        if not self._closing:
            self._closing = True
            geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
            self.desk.preferences.change(geometry="" if self.isFullScreen() else geometry)
            self.desk.preferences.save()
            self._timer.stop()
            self.stack.stop()
            self.show_detached(False)
            self.tasks.cancel_all()
            self.session.stop()
            self.hide()
            self.closing.emit()
            self._end()
        event.accept()

    def _end(self) -> None:
        """Wait for the run and the tasks without blocking."""
        if self.session.phase is Phase.IDLE and not any(task.awaited for task in self.tasks.running):
            for view in self.findChildren(Preview):
                view.feed.close(wait=True)
            self.closed.emit()
        else:
            QTimer.singleShot(20, self._end)

    def _lay_out(self) -> None:
        self.rail = Rail()
        self.stack.addWidget(self.first)
        self.stack.page("live")
        self.status = StatusBar(self.session)
        middle = QVBoxLayout()
        tight(middle, 0)
        above = QVBoxLayout()
        above.setContentsMargins(tokens.GAP_L, tokens.GAP_M, tokens.GAP_L, 0)
        above.addWidget(self.banner)
        middle.addLayout(above)
        middle.addWidget(self.stack, 1)
        across = QHBoxLayout()
        tight(across, 0)
        across.addWidget(self.rail)
        across.addLayout(middle, 1)
        all_of_it = QWidget()
        outer = QVBoxLayout(all_of_it)
        tight(outer, 0)
        outer.addLayout(across, 1)
        outer.addWidget(self.status)
        self.setCentralWidget(all_of_it)

    def _connect(self) -> None:
        self._maximised = False
        self.rail.turned.connect(self.show_page)
        self.first.agreed.connect(self._on_agreed)
        self.live.fullscreen_wanted.connect(self.toggle_fullscreen)
        self.live.window_wanted.connect(self.show_detached)
        self.desk.keys.on("fullscreen", self.toggle_fullscreen)
        self.desk.preferences.unwritable.connect(self._on_unwritable)
        for place, key in enumerate(self.keys_of_pages, 1):
            QShortcut(QKeySequence(f"Alt+{place}"), self, lambda chosen=key: self.show_page(chosen))
        self._set_feeds()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()

    def _restore(self) -> None:
        chosen = self.desk.preferences.values
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(_SIZE[0], screen.width()), min(_SIZE[1], screen.height()))
        if chosen.geometry:
            self.restoreGeometry(QByteArray.fromBase64(chosen.geometry.encode("ascii")))
        self.rail.setVisible(chosen.consented)
        self.status.setVisible(chosen.consented)
        if chosen.consented:
            self.show_page(chosen.page if chosen.page in self.keys_of_pages else "live")
        else:
            self.stack.setCurrentWidget(self.first)
            self.first.setFocus()

    def _set_feeds(self) -> None:
        views = [self.live.preview] if self.detached is None else [self.live.preview, self.detached]
        self.session.set_feeds(tuple(view.feed for view in views))

    def _refresh(self) -> None:
        self.status.refresh()
        self.live.preview.overlay = self.status.figures() if self.live.bar.figures.isChecked() else ""
        info = self.session.info
        if info is not None and self.session.phase is Phase.LIVE and info.width:
            rate = "" if info.fps is None else self.tr(", {0} fps").format(f"{float(info.fps):.0f}")
            self.live.camera.tell(f"{info.width} × {info.height}{rate}")

    def _import(self, task: Task) -> dict[str, float]:
        self.imports = import_runtimes(task.report)
        return self.imports

    def _make_models(self) -> Page:
        page = ModelsPage(self.desk)
        page.changed.connect(self.live.engine.look_for_engines)
        return page

    def _make_settings(self) -> Page:
        page = SettingsPage(self.desk)
        page.presets.changed.connect(self.live.look.refresh_presets)
        page.marking_changed.connect(self.live.update_run)
        page.policies.changed.connect(self.live.output.policies.refresh)
        page.policies.changed.connect(self.live.update_run)
        page.folders.models_moved.connect(self._on_models_moved)
        page.runs.changed.connect(self.live.engine.changed)
        return page

    def _on_models_moved(self) -> None:
        self.live.engine.look_for_engines()
        models = self.page("models")
        if isinstance(models, ModelsPage):
            models.look()

    def _on_ready(self) -> None:
        """Make the other pages before a run can be started; then let it."""
        if not self._closing:
            self.stack.prepare(self._on_prepared)

    def _on_prepared(self) -> None:
        self.live.set_ready()
        self.live.camera.look_for_cameras()
        self.ready.emit()

    def _on_agreed(self) -> None:
        for widget in (self.rail, self.status):
            widget.show()
        if self.desk.people.chosen is None and self.desk.people.all:
            self.desk.people.choose(self.desk.people.all[0].key)
        self.show_page("live")

    def _on_unwritable(self, why: str) -> None:
        self.banner.say(self.tr("Settings cannot be kept: the folder for them is not writable."), "warn", why)

    def _on_detached_gone(self) -> None:
        self.detached = None
        self._set_feeds()
        self.live.output.capture.setChecked(False)
