"""A child process that carries an encoded stream to a server: `python -m liveswapping.media.relay`.

PyAV opens a network address, looks up its name among others, without letting any other thread of Python run, and with
no limit of time: in the live loop's own process a server that does not answer would stop the picture. Here it stops
nothing, and a call that hangs ends this process.

The first line of stdin is JSON, {"url": …, "format": …, "patience": seconds}; after it comes the stream as FLV. Every
line on stdout is a word to the parent: "on" when the server has answered, else why it does not go on.
"""

from __future__ import annotations

import faulthandler
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from typing import IO, Final, cast
from urllib.parse import urlsplit

import av
import av.error

from liveswapping.media.chatter import hear_ffmpeg, reason

ON: Final = "on"
_CHUNK: Final = 1 << 16
_BY_WHOM: Final = re.compile(r"^\[.*?\] ")
"""How ffmpeg begins a message: the part of it that speaks, and where in memory that is."""
_ANSWERS_WITHIN: Final = 10.0
"""Seconds that a program may take to say what it was built with."""
_AT_ONCE: Final = {"probesize": "32", "analyzeduration": "1"}
"""Of the stream from our parent everything is known from its head. In FLV: of other formats FFmpeg loses the first
packets where it looks at so few."""


class _AsItComes:
    """A pipe for PyAV: a read answers with what is there, where Python's own would wait for all that it asked for."""

    def __init__(self, pipe: BufferedReader) -> None:
        self._pipe = pipe

    def read(self, size: int) -> bytes:
        """At least a byte; none at the end."""
        return self._pipe.read1(size)


def knows_srt() -> bool:
    """Whether PyAV's FFmpeg was built with SRT."""
    hear_ffmpeg()
    try:
        av.open("srt:", "r")
    except av.error.ProtocolNotFoundError:
        return False
    except (av.error.FFmpegError, OSError, ValueError):
        return True
    return True


def srt_program() -> str | None:
    """An ffmpeg program that was built with SRT; None where there is none."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    ask = [program, "-hide_banner", "-protocols"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=_ANSWERS_WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return program if "srt" in answer.stdout.split() else None


def main() -> int:
    """Carry on until stdin ends (0) or the server does not (1)."""
    pipe = cast(BufferedReader, sys.stdin.buffer)
    order = json.loads(pipe.readline())
    through = _through_ffmpeg if urlsplit(order["url"]).scheme.lower() == "srt" and not knows_srt() else _through_pyav
    try:
        through(pipe, order["url"], order["format"], float(order["patience"]))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        _say(reason(error) if isinstance(error, av.error.FFmpegError | OSError) else str(error))
        return 1
    return 0


def _through_pyav(pipe: BufferedReader, url: str, container: str, patience: float) -> None:
    hear_ffmpeg()
    with av.open(_AsItComes(pipe), "r", format="flv", options=_AT_ONCE) as source:
        target = av.open(url, "w", format=container, options={"flush_packets": "1"})
        streams = {one.index: target.add_stream_from_template(one) for one in source.streams}
        with _at_most(patience):
            target.start_encoding()
        _say(ON)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                with _at_most(patience):
                    target.mux(packet)
        with _at_most(patience):
            target.close()


def _through_ffmpeg(pipe: BufferedReader, url: str, container: str, patience: float) -> None:
    """The same by the ffmpeg program, for what PyAV's FFmpeg lacks. Raises OSError where there is none."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise FileNotFoundError("there is no ffmpeg program")
    read = ["-probesize", "32", "-analyzeduration", "1", "-f", "flv", "-i", "pipe:0"]
    quiet = ["-hide_banner", "-loglevel", "error", "-progress", "pipe:1"]
    command = [program, *quiet, *read, "-c", "copy", "-f", container, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        listener = threading.Thread(target=_hear_progress, args=(child.stdout,), daemon=True)
        listener.start()
        try:
            while data := pipe.read1(_CHUNK):
                with _at_most(patience):
                    child.stdin.write(data)
                    child.stdin.flush()
            child.stdin.close()
        except OSError:
            with suppress(OSError):
                child.stdin.close()  # what is still in its buffer goes nowhere
            words = child.stderr.read().decode(errors="replace").split("\n")[0]
            words = _BY_WHOM.sub("", words).replace(url, "the server").strip()  # an address may hold a password
            raise OSError(words or "ffmpeg has ended") from None
        finally:
            listener.join()  # which ends with ffmpeg, as that does with its input


def _hear_progress(out: IO[bytes]) -> None:
    """Of its progress ffmpeg tells once the server has answered."""
    on = False
    for line in out:
        if not on and line.startswith(b"progress="):
            on = True
            _say(ON)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """End this process where what is done takes longer; a timer of Python's own would wait for it, too."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _say(word: str) -> None:
    print(" ".join(word.split()), flush=True)  # noqa: T201 - to the parent


if __name__ == "__main__":
    sys.exit(main())
