"""How exactly the microphone is held back: `python scripts/sound_delay.py [--delays MS …] [--json]` (Linux).

A sound server of its own (PulseAudio, by apt) gets a null sink of two channels, a loudspeaker that nobody hears. Clicks
are played into its first channel, which is a microphone at the same time; `media/late_sound.py` listens to that and
plays into the second. One recorder takes both channels, so that how much later a click is in the second does not
depend on when a recorder brings what; that is compared with what was asked for. Asked for: within 20 ms. Where there
is no PulseAudio it says that nothing was run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from liveswapping.domain.frame import F32
from scripts.measures.bars import Bar

RATE = 48_000
_CLICK = 0.25
"""Seconds from one click to the next, with a little more each time, so that none is taken for another."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Measure how late the sound is.")
    parser.add_argument("--delays", type=int, nargs="+", default=[100, 250, 1000], metavar="MS")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    if not all(map(shutil.which, ("pulseaudio", "pactl", "parec", "paplay"))):
        print("not run: there is no PulseAudio here (apt install pulseaudio pulseaudio-utils libasound2-plugins)")
        return 0
    bars = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)):
        for delay in options.delays:
            bars.append(Bar(f"offset at {delay} ms, ms", abs(measured(delay / 1000, Path(folder)) - delay), 20))
            print(bars[-1], flush=True)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


@contextmanager
def server(folder: Path) -> Iterator[None]:
    """A sound server with a null sink, the first channel of which is heard and the second played into by default."""
    own = {"PULSE_RUNTIME_PATH": folder / "run", "HOME": folder, "XDG_CONFIG_HOME": folder / "c"}
    os.environ |= {name: str(place) for name, place in own.items()}
    (folder / "run").mkdir(mode=0o700)
    (folder / ".asoundrc").write_text("pcm.!default pulse\nctl.!default pulse\n", encoding="utf-8")
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"]
    command += ["-L", "module-native-protocol-unix"]
    command += ["-L", f"module-null-sink sink_name=both rate={RATE} channels=2 channel_map=front-left,front-right"]
    for kind, name, master, channel in (
        ("source", "first", "both.monitor", "front-left"),
        ("sink", "second", "both", "front-right"),
    ):
        options = f"{kind}_name={name} master={master} channels=1"
        maps = f"channel_map={channel} master_channel_map={channel} remix=no"
        command += ["-L", f"module-remap-{kind} {options} {maps}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until_ready()
        subprocess.run(["pactl", "set-default-source", "first"], check=True)
        subprocess.run(["pactl", "set-default-sink", "second"], check=True)
        yield
    finally:
        process.terminate()
        process.wait()


def until_ready() -> None:
    """Wait for the server. Raises TimeoutError."""
    deadline = time.monotonic() + 20
    while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("PulseAudio does not start")
        time.sleep(0.1)


def measured(delay: float, folder: Path) -> float:
    """How much later the clicks come out than they went in, in milliseconds: the median."""
    from liveswapping.media.late_sound import SoundDelay

    sound = clicks(delay + 4.0)
    path = folder / "clicks.raw"
    path.write_bytes((sound * 32767).astype("<i2").tobytes())
    late = SoundDelay("auto", "auto", lambda: delay)
    try:
        time.sleep(2.0)
        file = folder / "both.raw"
        recording = recorder(file)
        time.sleep(0.5)
        form = [f"--rate={RATE}", "--channels=1", "--format=s16le", "--channel-map=front-left", "--no-remix"]
        subprocess.run(["paplay", "--raw", "--device=both", *form, str(path)], check=True)
        time.sleep(delay + 1.0)
        recording.terminate()
        recording.wait()
        heard = recorded(file)
    finally:
        late.close()
    if not all(np.abs(one).max(initial=0) > 0.1 for one in heard):
        return float("nan")
    return lag(*heard) * 1000


def clicks(seconds: float) -> F32:
    """Clicks of 2 ms, each a little farther from the one before."""
    sound = np.zeros(round(seconds * RATE), np.float32)
    at, number = 0.3, 0
    while at < seconds - 0.5:
        begin = round(at * RATE)
        sound[begin : begin + 96] = 0.8
        number += 1
        at += _CLICK + 0.013 * number
    return sound


def recorder(path: Path) -> subprocess.Popen[bytes]:
    """Records both channels into a file."""
    options = ["--raw", "--device=both.monitor", f"--rate={RATE}", "--channels=2", "--format=float32le"]
    return subprocess.Popen(["parec", "--latency-msec=5", *options, str(path)])


def recorded(path: Path) -> tuple[F32, F32]:
    """What a recorder wrote, by channels."""
    data = path.read_bytes()
    both = np.frombuffer(data[: len(data) // 8 * 8], "<f4").reshape(-1, 2)
    return both[:, 0], both[:, 1]


def lag(first: F32, second: F32) -> float:
    """Seconds by which `second` is later, both of one length: the peak of their correlation."""
    length = len(first)
    size = 1 << (2 * length - 1).bit_length()
    product = np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size))
    correlation = np.fft.irfft(product, size)[:length]
    return float(np.argmax(correlation)) / RATE


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
