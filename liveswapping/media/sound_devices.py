"""Microphones and loudspeakers, by `sounddevice`, an optional package; and when their samples are heard."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, Protocol

import numpy as np

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import F32

RATE: Final = 48_000
"""Samples a second."""
ANY: Final = "auto"
"""In place of a device: the system's own choice."""
PACKAGE: Final = "sounddevice==0.5.6"
_BLOCK: Final = 480
"""Samples that are brought or taken at once: 10 ms."""

Heard = Callable[[F32, float], None]
"""Told of each block from a microphone, (n,) in -1..1, and when its first sample was heard (`time.perf_counter`)."""
Played = Callable[[int, float], F32]
"""Asked for a block of n samples for a loudspeaker, of which the first will be heard then."""


class Device(Protocol):
    """An open microphone or loudspeaker."""

    def close(self) -> None:
        """Release it; nobody is told or asked any more."""
        ...


def open_microphone(device: str, heard: Heard) -> Device:
    """Begin to listen, on a thread of the sound system. `device`: a number, part of a name, or "auto".

    Raises SinkError.
    """

    def callback(data: Any, frames: int, times: Any, status: object) -> None:  # noqa: ANN401 - PortAudio's own
        now = time.perf_counter()
        age = times.currentTime - times.inputBufferAdcTime
        heard(data[:, 0].copy(), now - (age if 0 < age < 1 else frames / RATE))

    return _opened("InputStream", "microphone", device, callback)


def open_loudspeaker(device: str, played: Played) -> Device:
    """Begin to play, on a thread of the sound system. As `open_microphone`."""

    def callback(data: Any, frames: int, times: Any, status: object) -> None:  # noqa: ANN401 - PortAudio's own
        ahead = times.outputBufferDacTime - times.currentTime
        data[:] = played(frames, time.perf_counter() + (ahead if 0 < ahead < 1 else 0.0))[:, None]

    return _opened("OutputStream", "loudspeaker", device, callback)


def list_devices() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Microphones and loudspeakers of the system's usual kind, by names that open them. Raises SinkError."""
    library = _sounddevice()
    try:
        ways = library.query_hostapis()
        way = ways[library.default.hostapi] if ways else {"devices": (), "name": ""}
        devices = [library.query_devices(number) for number in way["devices"]]
    except library.PortAudioError as error:
        raise SinkError(f"sound devices cannot be listed ({' '.join(str(error).split())})") from None
    heard, played = (
        tuple(f"{one['name']}, {way['name']}" for one in devices if one[f"max_{kind}_channels"] > 0)
        for kind in ("input", "output")
    )
    return heard, played


def _opened(kind: str, what: str, device: str, callback: Callable[..., None]) -> Device:
    library = _sounddevice()
    try:
        stream: Any = getattr(library, kind)(
            samplerate=RATE,
            blocksize=_BLOCK,
            device=None if device == ANY else int(device) if device.isdecimal() else device,
            channels=1,
            dtype=np.float32,
            latency="high",  # on a busy machine less has gaps; when a sample is heard is known either way
            callback=callback,
        )
        stream.start()
    except (library.PortAudioError, ValueError) as error:
        words = " ".join(str(error).split())
        raise SinkError(
            f"the {what} '{device}' cannot be used ({words}): `{sys.executable} -m sounddevice` lists what there is"
        ) from None
    opened: Device = stream
    return opened


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except ImportError:
        raise SinkError(
            f"sound needs a package that is not installed: `{sys.executable} -m pip install {PACKAGE}`"
        ) from None
    except OSError:  # PortAudio, which the package brings on Windows and macOS only
        raise SinkError("sound needs PortAudio: `sudo apt install libportaudio2`") from None
    module: ModuleType = sounddevice
    return module
