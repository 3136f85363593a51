"""The microphone: whether recordings and streams have its sound, and where it is played as late as the picture."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.live.session import SOUND, Phase
from gui.widgets.buttons import describe
from gui.widgets.panels import field, label, tight
from gui.widgets.translated import Translated
from liveswapping.domain.errors import LiveSwappingError

ANY = "auto"
Devices = tuple[tuple[str, ...], tuple[str, ...]]
"""Microphones and loudspeakers, by name."""


class SoundBox(Translated, QWidget):
    """Two choices, kept at once. Where sound is played holds at once; what is heard, from the next recording on."""

    def __init__(self, desk: Desk, width: int) -> None:
        """`width` of what is chosen from, in logical pixels."""
        super().__init__()
        self._desk = desk
        self._devices: Devices = ((), ())
        self.heard, self.played = QComboBox(), QComboBox()
        self._names = {box: label("muted") for box in (self.heard, self.played)}
        layout = tight(QVBoxLayout(self))
        for box, name in self._names.items():
            layout.addLayout(field(name, box, width))
        self.heard.activated.connect(lambda _: self._keep(microphone=self.heard.currentData()))
        self.played.activated.connect(lambda _: self._keep(sound_to=self.played.currentData()))
        desk.session.phase_changed.connect(self._on_phase)
        desk.session.output_failed.connect(self._on_failed)
        self.retranslate()

    def look_for_devices(self) -> None:
        """List microphones and loudspeakers again, on a thread beside. Without any, "any" is all there is."""
        self._desk.tasks.run(
            "sound", lambda _task: _listed(), self._on_devices, lambda _error: self._on_devices(((), ())), awaited=False
        )

    def retranslate(self) -> None:
        """Set all texts."""
        for box, name, tip in (
            (
                self.heard,
                self.tr("Sound"),
                self.tr("The microphone that recordings and streams have sound from, in step with the picture"),
            ),
            (
                self.played,
                self.tr("Late sound to"),
                self.tr("Play the microphone there as late as the picture is: a virtual cable, for calls and OBS"),
            ),
        ):
            self._names[box].setText(name)
            describe(box, name, tip)
        self._fill()

    def _fill(self) -> None:
        chosen = self._desk.preferences.values
        for box, none, any_one, names, kept in (
            (self.heard, self.tr("No sound"), self.tr("Any microphone"), self._devices[0], chosen.microphone),
            (self.played, self.tr("Nowhere"), self.tr("Any loudspeaker"), self._devices[1], chosen.sound_to),
        ):
            box.clear()
            box.addItem(none, "")
            box.addItem(any_one, ANY)
            for name in dict.fromkeys((*names, *([kept] if kept not in ("", ANY) else []))):
                box.addItem(name.rpartition(", ")[0] or name, name)
            box.setCurrentIndex(box.findData(kept))

    def _on_devices(self, found: Devices) -> None:
        self._devices = found
        self._fill()

    def _keep(self, **values: object) -> None:
        self._desk.preferences.change(**values)
        self._play()

    def _on_phase(self) -> None:
        if self._desk.session.phase is Phase.LIVE:
            self._play()

    def _play(self) -> None:
        """As chosen, while live."""
        session, chosen = self._desk.session, self._desk.preferences.values
        session.pull(SOUND)
        if session.phase is Phase.LIVE and chosen.sound_to:
            session.play_sound(chosen.microphone or ANY, chosen.sound_to)

    def _on_failed(self, name: str, error: LiveSwappingError) -> None:
        if name == SOUND:
            self._desk.complain(error)


def _listed() -> Devices:
    from liveswapping.media.sound_devices import list_devices

    return list_devices()
