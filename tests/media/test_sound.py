import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.media import microphone as microphone_module
from liveswapping.media.late_sound import LateSound, SoundDelay
from liveswapping.media.microphone import MicrophoneTrack
from liveswapping.media.recorder import VideoRecorder
from liveswapping.media.sound_devices import RATE, open_loudspeaker, open_microphone

BLOCK = 480
BEGAN = 100.0


class Device:
    closed = 0

    def close(self):
        self.closed += 1


def click_at(second, seconds, rate=RATE):
    """Silence with a click of 5 ms."""
    sound = np.zeros(round(seconds * rate), np.float32)
    sound[round(second * rate) : round((second + 0.005) * rate)] = 0.8
    return sound


def blocks(sound, began, rate=RATE, jitter=0.0):
    """A sound card's blocks: samples, and when the first was heard."""
    noise = np.random.default_rng(0).uniform(-jitter, jitter, len(sound) // BLOCK + 1)
    for number, at in enumerate(range(0, len(sound), BLOCK)):
        yield sound[at : at + BLOCK], began + at / rate + noise[number]


def heard_at(sound, level=0.3):
    return np.flatnonzero(np.abs(sound) > level)[0] / RATE


def recorded(path, sound_blocks, seconds, device):
    """A recording of flat pictures at 25 a second with these blocks from a microphone."""
    waiting = list(sound_blocks)
    told = []

    def listen(heard):
        told.append(heard)
        return device

    recorder = VideoRecorder(path, sound=lambda container, began: MicrophoneTrack(container, began, listen), safe=True)
    for number in range(round(25 * seconds)):
        moment = BEGAN + number / 25
        recorder.write(Frame(np.full((48, 64, 3), number % 250, np.uint8), number, moment))
        while waiting and waiting[0][1] <= moment:
            told[0](*waiting.pop(0))
    recorder.close()
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]), float(frames[0].time)


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
@pytest.mark.parametrize("began", [-0.73, 0.31])
def test_a_click_is_where_it_was_heard_whenever_the_microphone_began(tmp_path, ending, began):
    device = Device()
    sound = click_at(1.2 - began, 3.0 - began)
    got, start = recorded(tmp_path / f"a{ending}", blocks(sound, BEGAN + began, jitter=0.004), 3.0, device)
    assert heard_at(got) + start == pytest.approx(1.2, abs=0.02)
    assert device.closed


def test_a_sound_card_with_a_clock_of_its_own_stays_in_step(tmp_path):
    rate = RATE * 1.0006  # much worse than real ones
    sound = click_at(18.0, 20.0, rate)
    got, start = recorded(tmp_path / "a.mkv", blocks(sound, BEGAN, rate, jitter=0.002), 20.0, Device())
    assert heard_at(got) + start == pytest.approx(18.0, abs=0.015)  # uncorrected: 11 ms more for every 18 s


def test_what_was_not_heard_is_silence_and_the_rest_stays_in_place(tmp_path):
    sound = click_at(1.5, 2.0)
    kept = [one for one in blocks(sound, BEGAN) if not BEGAN + 0.5 < one[1] < BEGAN + 1.0]
    got, start = recorded(tmp_path / "a.mp4", kept, 2.0, Device())
    assert heard_at(got) + start == pytest.approx(1.5, abs=0.02)


def play(late, sound, delay_of, seconds):
    """Drive both ends as a sound system does, the loudspeaker 5 ms ahead; what was played."""
    source = list(blocks(sound, BEGAN, jitter=0.002))
    played = []
    for number in range(round(seconds * RATE / BLOCK)):
        now = BEGAN + number * BLOCK / RATE
        delay_of(now)
        while source and source[0][1] + BLOCK / RATE <= now:
            late.heard(*source.pop(0))
        played.append(late.played(BLOCK, now + 0.005))
    return np.concatenate(played)


@pytest.mark.parametrize("delay", [0.05, 0.4, 3.0])
def test_sound_is_heard_again_after_the_delay(delay):
    late = LateSound(lambda: delay)
    played = play(late, click_at(2.0, 3.0), lambda now: None, 6.0)
    assert heard_at(played) + 0.005 == pytest.approx(2.0 + delay, abs=0.01)


def test_another_delay_counts_from_then_on():
    delay = [0.2]

    def change(now):
        delay[0] = 0.2 if now < BEGAN + 1 else 1.0

    late = LateSound(lambda: delay[0])
    assert heard_at(play(late, click_at(2.0, 3.0), change, 5.0)) + 0.005 == pytest.approx(3.0, abs=0.01)


def test_a_microphone_that_is_wrong_about_its_first_second_is_right_soon_after():
    late, began = LateSound(lambda: 0.25), 100.0
    for number in range(300):
        wrong = 0.6 if number < 80 else 0.0
        late.heard(np.zeros(480, np.float32), began + number / 100 - wrong)
        late.played(480, began + number / 100 + 0.06)
    click = np.zeros(480, np.float32)
    click[0] = 1.0
    late.heard(click, began + 3.0)
    for number in range(300, 350):
        block = late.played(480, began + number / 100)
        if block.max() > 0.3:
            assert abs(number / 100 + block.argmax() / RATE - 3.25) < 0.002
            return
    raise AssertionError("never heard")


def test_before_anything_was_heard_there_is_silence():
    assert not LateSound(lambda: 0.1).played(480, BEGAN).any()


def test_a_loudspeaker_that_cannot_be_opened_leaves_no_microphone_open():
    device = Device()

    def fails(name, played):
        raise SinkError("no such loudspeaker")

    with pytest.raises(SinkError, match="no such loudspeaker"):
        SoundDelay("auto", "auto", lambda: 0.1, lambda name, heard: device, fails)
    assert device.closed == 1


class PortAudio:
    """What `sounddevice` looks like on a machine with one microphone."""

    class PortAudioError(Exception):
        pass


def refused(**options):
    if options["device"] == "none":
        raise ValueError("No input device matching 'none'")
    raise PortAudio.PortAudioError("Device unavailable [PaErrorCode -9985]")


PortAudio.InputStream = PortAudio.OutputStream = staticmethod(refused)


@pytest.mark.parametrize(("name", "words"), [("none", "No input device"), ("auto", "Device unavailable")])
def test_a_device_that_is_not_there_is_one_line(monkeypatch, name, words):
    monkeypatch.setitem(sys.modules, "sounddevice", PortAudio)
    for open_one in (open_microphone, open_loudspeaker):
        with pytest.raises(SinkError, match=words) as caught:
            open_one(name, lambda *_: None)
        assert "\n" not in str(caught.value)


def test_a_missing_package_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SinkError, match="pip install sounddevice=="):
        microphone_module.microphone("auto")


def test_the_track_ends_with_what_was_heard(tmp_path):
    got, _ = recorded(tmp_path / "a.mkv", blocks(click_at(0.5, 1.0), BEGAN), 1.0, Device())
    assert len(got) / RATE == pytest.approx(1.0, abs=0.08)
    assert Fraction(len(got), RATE) > 0
