"""What a live run can be sent to, ready to be plugged in: each sink behind a queue and on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.domain.errors import SinkError
from liveswapping.domain.plugins import installed, made

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame
    from liveswapping.domain.protocols import Seal, Sink
    from liveswapping.media.encoding import AddSound
    from liveswapping.media.info import SourceInfo
    from liveswapping.pipeline.runner import Runner

Say = Callable[[str], None]
ANY: Final = "auto"
"""In place of a device: whichever there is."""
_NEWEST: Final = 2
"""Frames that wait for a sink that is watched live: more would be older."""
_CLOSE_WITHIN: Final = 2.0
"""Seconds that a network or a driver may take to close; a recording is always finished."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a live run goes, beside a window."""

    record: Path | None = None
    virtual_camera: str | None = None
    """A device, part of its name, or "auto"."""
    streams: tuple[str, ...] = ()
    """Addresses: rtmp://, srt://, udp://."""
    kbit: int | None = None
    """Kilobits a second of a stream; None: by size and rate."""
    mjpeg: int | None = None
    """The port for browsers; 0: any."""
    screenshot: Path | None = None
    """A picture of the last frame."""
    microphone: str | None = None
    """What is heard in recordings and streams: a device, part of its name, or "auto"; None: nothing."""
    sound_to: str | None = None
    """The loudspeaker that plays the microphone as late as the picture is; see `late_sound`."""
    sinks: tuple[str, ...] = ()
    """NAME:WHAT, sinks that plugins bring."""


def refuse_unusable_outputs(wanted: Outputs) -> None:
    """Raise SinkError for what could never be opened, before any work is done for it."""
    for spec in wanted.sinks:
        if spec.partition(":")[0] not in installed().plugins.sinks:
            known = ", ".join(installed().plugins.sinks) or "none"
            raise SinkError(
                f"--sink {spec}: no plugin brings that; there is: {known} (`liveswapping plugins` lists them)"
            )
    if wanted.streams:
        from liveswapping.media.broadcast import refuse_unusable

        for url in wanted.streams:
            refuse_unusable(url)
    if wanted.screenshot is not None:
        from liveswapping.media.images import check_writable

        check_writable(wanted.screenshot)


def open_outputs(wanted: Outputs, like: SourceInfo, say: Say, seal: Seal | None = None) -> list[Sink]:
    """All of them, to be closed by the caller. `like` is the source; `say` is told how each is doing, on any thread.

    `seal` marks the files among them. Raises SinkError, and then none is open.
    """
    opened: list[Sink] = []
    with ExitStack() as on_failure:
        for sink in _opened(wanted, like, say, seal):
            on_failure.callback(sink.close)
            opened.append(sink)
        on_failure.pop_all()
    return opened


def _opened(wanted: Outputs, like: SourceInfo, say: Say, seal: Seal | None) -> Iterator[Sink]:
    sound = None
    if wanted.microphone is not None and (wanted.record is not None or wanted.streams):
        from liveswapping.media.microphone import microphone

        sound = microphone(wanted.microphone)
    if wanted.record is not None:
        yield recording(wanted.record, like, say, sound, seal)
    if wanted.virtual_camera is not None:
        yield virtual_camera(wanted.virtual_camera, like, say)
    for url in wanted.streams:
        yield stream(url, like, say, wanted.kbit, sound)
    if wanted.mjpeg is not None:
        yield browser(wanted.mjpeg, say)
    if wanted.screenshot is not None:
        from liveswapping.media.image_sinks import LastPicture

        yield LastPicture(wanted.screenshot, seal=seal)
    for spec in wanted.sinks:
        yield of_plugin(spec)


def recording(path: Path, like: SourceInfo, say: Say, sound: AddSound | None = None, seal: Seal | None = None) -> Sink:
    """A video file, which can be played as far as it goes even if this process is killed. Raises SinkError.

    `seal` marks it when it is whole.
    """
    from liveswapping.media.recorder import VideoRecorder
    from liveswapping.pipeline.queued import QueuedSink

    recorder = VideoRecorder(path, like, preset="superfast", sound=sound, safe=True, seal=seal, say=say)
    return QueuedSink(recorder, live=True)


def virtual_camera(device: str, like: SourceInfo, say: Say) -> Sink:
    """A camera for other programs: `device`, or with "auto" any. Raises SinkError where a package is missing."""
    from liveswapping.media.virtual_camera import VirtualCamera
    from liveswapping.pipeline.queued import QueuedSink

    camera = VirtualCamera(
        None if device == ANY else device, fps=None if like.fps is None else float(like.fps), say=say
    )
    return QueuedSink(camera, live=True, size=_NEWEST, close_within=_CLOSE_WITHIN)


def stream(url: str, like: SourceInfo, say: Say, kbit: int | None = None, sound: AddSound | None = None) -> Sink:
    """A stream to a server or another machine. Raises SinkError for an address that nothing can be sent to."""
    from liveswapping.media.broadcast import Broadcast
    from liveswapping.pipeline.queued import QueuedSink

    return QueuedSink(
        Broadcast(url, like, kbit=kbit, sound=sound, say=say), live=True, close_within=_CLOSE_WITHIN, yielding=True
    )


def browser(port: int, say: Say) -> Sink:
    """The picture over HTTP, for browsers and OBS on this machine. Raises SinkError where the port is taken."""
    from liveswapping.media.mjpeg import STREAM, MjpegServer
    from liveswapping.pipeline.queued import QueuedSink

    server = MjpegServer(port)
    say(f"the picture is at {server.url} for browsers, and at {server.url}{STREAM} for OBS")
    return QueuedSink(server, live=True, size=_NEWEST, yielding=True)


def of_plugin(spec: str) -> Sink:
    """A plugin's sink, by NAME:WHAT. Raises LiveSwappingError where it fails to open."""
    from liveswapping.pipeline.queued import QueuedSink

    name, _, what = spec.partition(":")
    plugin = installed().plugins.sinks[name]
    return QueuedSink(made("sink", name, lambda: plugin.open(what)), live=True, close_within=_CLOSE_WITHIN)


class LateMicrophone:
    """The microphone on a loudspeaker, as late as a run lets its pictures go, from when it is made until `close`.

    A sink that needs no frames: what can be plugged into a run, and out of it.
    """

    def __init__(self, microphone: str, loudspeaker: str, runner: Callable[[], Runner | None]) -> None:
        """Devices as `sound_devices.open_microphone` takes them. Raises SinkError."""
        from liveswapping.media.late_sound import SoundDelay

        def delay() -> float:
            running = runner()
            return 0.0 if running is None else max(running.settings.delay_ms, running.status.latency.p50_ms) / 1000

        self._sound = SoundDelay(microphone, loudspeaker, delay)

    def write(self, frame: Frame) -> None:
        """Sound goes its own way."""

    def close(self) -> None:
        """Silence."""
        self._sound.close()


@contextmanager
def late_sound(wanted: Outputs, runner: Callable[[], Runner | None]) -> Iterator[None]:
    """While it is open: the microphone on a loudspeaker, as late as `runner` lets the picture go. Raises SinkError."""
    if wanted.sound_to is None:
        yield
        return
    with closing(LateMicrophone(wanted.microphone or ANY, wanted.sound_to, runner)):
        yield
