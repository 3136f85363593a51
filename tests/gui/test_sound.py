"""The microphone, in the real window."""

import sys
import threading
from types import SimpleNamespace

import av
import numpy as np
import pytest

from gui.live.session import RECORDING, SOUND, Phase
from tests.gui.conftest import PATIENCE_MS


class _Stream:
    """A sound card that hears and plays a tone in real time."""

    opened = None

    def __init__(self, *, device, blocksize, callback, **_):
        self.device, self._size, self._callback = device, blocksize, callback
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.opened.append(self)

    def start(self):
        self._thread.start()

    def _run(self):
        times = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0, outputBufferDacTime=0.0)
        while not self._over.wait(0.01):
            self._callback(np.full((self._size, 1), 0.25, np.float32), self._size, times, None)

    @property
    def closed(self):
        return self._over.is_set()

    def close(self):
        self._over.set()
        self._thread.join()


class _PortAudio:
    """What `sounddevice` looks like with a microphone and a virtual cable."""

    PortAudioError = type("PortAudioError", (Exception,), {})
    InputStream = OutputStream = _Stream
    default = SimpleNamespace(hostapi=0)
    _devices = (
        {"name": "USB microphone", "max_input_channels": 1, "max_output_channels": 0},
        {"name": "Cable", "max_input_channels": 0, "max_output_channels": 2},
    )

    @staticmethod
    def query_hostapis():
        return ({"name": "ALSA", "devices": [0, 1]},)

    @classmethod
    def query_devices(cls, number):
        return cls._devices[number]


@pytest.fixture
def sound_card(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", _PortAudio)
    monkeypatch.setattr(_Stream, "opened", [])
    return _Stream.opened


def choose(box, name):
    box.setCurrentIndex(box.findText(name))
    box.activated.emit(box.currentIndex())


def test_the_microphone_is_heard_in_recordings_and_played_late_where_that_was_chosen(
    open_window, qtbot, recordings, sound_card
):
    window = open_window()
    window.desk.preferences.keep_folder("recordings", recordings)
    sound = window.live.output.sound
    qtbot.waitUntil(lambda: sound.heard.findText("USB microphone") > 0, timeout=PATIENCE_MS)
    choose(sound.heard, "USB microphone")
    choose(sound.played, "Cable")
    with qtbot.waitSignal(window.live.preview.first_frame, timeout=PATIENCE_MS):
        window.live.start.click()
    qtbot.waitUntil(lambda: len(sound_card) == 2, timeout=PATIENCE_MS)
    assert [stream.device for stream in sound_card] == ["USB microphone, ALSA", "Cable, ALSA"]
    assert SOUND in window.session.outputs
    window.live.output.record.click()
    qtbot.waitUntil(lambda: len(sound_card) == 4, timeout=PATIENCE_MS)  # tried, and then open
    enough = window.session.status.frames_swapped + 15
    qtbot.waitUntil(lambda: window.session.status.frames_swapped > enough, timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.session.output_finished, timeout=PATIENCE_MS):
        window.live.output.record.click()
    (path,) = recordings.glob("*.mp4")
    with av.open(str(path)) as film:
        loudest = max(float(np.abs(block.to_ndarray()).max()) for block in film.decode(audio=0))
    assert loudest > 0.1
    choose(sound.played, "Nowhere")
    qtbot.waitUntil(lambda: all(stream.closed for stream in sound_card), timeout=PATIENCE_MS)
    window.live.start.click()
    qtbot.waitUntil(lambda: window.session.phase is Phase.IDLE, timeout=PATIENCE_MS)


def test_without_the_package_for_sound_it_is_said_and_nothing_is_recorded_without_it(
    open_window, qtbot, recordings, monkeypatch
):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    window = open_window()
    window.desk.preferences.keep_folder("recordings", recordings)
    assert window.live.output.sound.heard.count() == 2
    choose(window.live.output.sound.heard, "Any microphone")
    with qtbot.waitSignal(window.live.preview.first_frame, timeout=PATIENCE_MS):
        window.live.start.click()
    with qtbot.waitSignal(window.session.output_failed, timeout=PATIENCE_MS):
        window.live.output.record.click()
    assert "pip install sounddevice" in window.banner.detail.text()
    assert RECORDING not in window.session.outputs
    assert list(recordings.iterdir()) == []
