"""What swaps: the engine, where it runs, which faces, and how late the picture is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox

from gui.choices import QUALITIES
from gui.desk import Desk
from gui.widgets.buttons import describe
from gui.widgets.panels import Card, field, label
from gui.widgets.translated import Translated
from liveswapping.domain.settings import FACES, PROVIDERS

MESH = "mesh"
_BOX = 168
"""Width of what is chosen from."""
ENGINES = ("reswapper128", "reswapper256", "inswapper128")
_OWN = (".dfm", ".onnx", ".pth")


class EnginePanel(Translated, Card):
    """The card with the choices about the engine."""

    changed = Signal()
    wants_models = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("chip")
        self._desk = desk
        self._here: tuple[str, ...] = ()
        self._own: tuple[str, ...] = ()
        self.engine, self.provider, self.faces = QComboBox(), QComboBox(), QComboBox()
        self.quality = QComboBox()
        self.delay = QSpinBox()
        self.delay.setRange(0, 10_000)
        self.delay.setSingleStep(50)
        self.delay.setValue(desk.preferences.values.delay_ms)
        self.lag, self.rate = QSpinBox(), QSpinBox()
        self.lag.setRange(5, 10_000)
        self.lag.setSingleStep(5)
        self.rate.setRange(0, 240)
        self.rate.setSingleStep(5)
        self._custom = (self.lag, self.rate)
        self._boxes = (self.engine, self.provider, self.quality, self.lag, self.rate, self.faces, self.delay)
        self.runs = label("caption", wrap=True)
        self._names = {box: label("muted") for box in self._boxes}
        for box, name in self._names.items():
            self.body.addLayout(field(name, box, _BOX))
            if box is self.provider:
                self.body.addWidget(self.runs)
        self.retranslate()
        self.engine.activated.connect(lambda _: self._on_engine())
        self.provider.activated.connect(lambda _: self._keep(provider=self.provider.currentData()))
        self.quality.activated.connect(lambda _: self._on_quality())
        self.lag.valueChanged.connect(lambda value: self._keep(max_latency_ms=value))
        self.rate.valueChanged.connect(lambda value: self._keep(target_fps=value))
        desk.preferences.defaulted.connect(self._fill)
        self.faces.activated.connect(lambda _: self._keep(faces=self.faces.currentData()))
        self.delay.valueChanged.connect(lambda value: self._keep(delay_ms=value))
        self.look_for_engines()

    def look_for_engines(self) -> None:
        """See which weights are here."""
        self._desk.tasks.run("engines", lambda _task: _engines(), self._on_engines)

    def tell(self, line: str) -> None:
        """Where the networks really run, and why not on something faster."""
        self.runs.setText(line)
        self.runs.setVisible(bool(line))

    def retranslate(self) -> None:
        """Set all texts."""
        self.heading.setText(self.tr("Engine"))
        for box, name, tip in (
            (self.engine, self.tr("Engine"), self.tr("What swaps the face. The built-in one runs on any computer.")),
            (self.provider, self.tr("Runs on"), self.tr("Where neural engines run; the fastest that works by itself")),
            (self.quality, self.tr("Quality"), self.tr("Give up some of it where time is short, or never")),
            (self.lag, self.tr("Delay kept"), self.tr("Quality is given up before the picture is older than this")),
            (self.rate, self.tr("Rate kept"), self.tr("Quality is given up before fewer pictures a second come")),
            (self.faces, self.tr("Faces"), self.tr("Which faces in the picture are swapped")),
            (self.delay, self.tr("Delay"), self.tr("Hold the picture back, to meet a sound that comes late")),
        ):
            self._names[box].setText(name)
            describe(box, name, tip)
        for box in (self.delay, self.lag):
            box.setSuffix(self.tr(" ms"))
        self.rate.setSuffix(self.tr(" fps"))
        self.rate.setSpecialValueText(self.tr("The camera's"))
        self._fill()

    def _fill(self) -> None:
        chosen = self._desk.preferences.values
        self.engine.clear()
        self.engine.addItem(self.tr("Built-in (any computer)"), MESH)
        for name in ENGINES:
            here = name in self._here
            self.engine.addItem(name if here else self.tr("{0} (fetch …)").format(name), name if here else "")
        for path in self._own:
            self.engine.addItem(Path(path).name, path)
        place = self.engine.findData(chosen.engine)
        self.engine.setCurrentIndex(max(0, place))
        self.provider.clear()
        for name in PROVIDERS:
            self.provider.addItem(self.tr("Automatic") if name == "auto" else name, name)
        self.provider.setCurrentIndex(max(0, self.provider.findData(chosen.provider)))
        words = {
            "largest": self.tr("Largest"),
            "all": self.tr("All"),
            "leftmost": self.tr("Leftmost"),
            "rightmost": self.tr("Rightmost"),
            "central": self.tr("Central"),
        }
        self.faces.clear()
        for name in FACES:
            self.faces.addItem(words.get(name, name), name)
        self.faces.setCurrentIndex(max(0, self.faces.findData(chosen.faces)))
        self.quality.clear()
        levels = {
            "fast": self.tr("Fast"),
            "balanced": self.tr("Balanced"),
            "best": self.tr("Best"),
            "custom": self.tr("Custom"),
        }
        for name in QUALITIES:
            self.quality.addItem(levels[name], name)
        known = self.quality.findData(chosen.quality)
        self.quality.setCurrentIndex(known if known >= 0 else self.quality.findData("balanced"))
        for box, value in (
            (self.lag, chosen.max_latency_ms),
            (self.rate, chosen.target_fps),
            (self.delay, chosen.delay_ms),
        ):
            blocked = box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(blocked)
        for box in self._custom:
            box.setVisible(chosen.quality == "custom")
            self._names[box].setVisible(chosen.quality == "custom")
        neural = chosen.engine != MESH
        self.provider.setVisible(neural)
        self._names[self.provider].setVisible(neural)
        if not neural:
            self.tell("")

    def _on_engines(self, found: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        self._here, self._own = found
        if self._desk.preferences.values.engine not in (MESH, *self._here, *self._own):
            self._keep(engine=MESH)
        self._fill()

    def _on_engine(self) -> None:
        name = self.engine.currentData()
        if name:
            self._keep(engine=name)
        else:
            self.wants_models.emit()
        self._fill()

    def _on_quality(self) -> None:
        self._keep(quality=self.quality.currentData())
        self._fill()

    def _keep(self, **values: object) -> None:
        self._desk.preferences.change(**values)
        self.changed.emit()


def _engines() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Engines whose weights are here, and beside them those of plugins and files of the user's own."""
    from liveswapping.build import open_store
    from liveswapping.domain.plugins import installed
    from liveswapping.domain.settings import Settings

    store = open_store(Settings())
    here = tuple(name for name in ENGINES if not store.missing([name]))
    known = {store.file(model.name).name for model in store.select(["all"])}
    files = sorted(store.directory.iterdir()) if store.directory.is_dir() else []
    own = tuple(str(path) for path in files if path.suffix.lower() in _OWN and path.name not in known)
    return here, (*installed().plugins.swappers, *own)
