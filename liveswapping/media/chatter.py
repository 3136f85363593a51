"""What FFmpeg and OpenCV have to say goes to the log or nowhere, never to the user's terminal."""

from __future__ import annotations

import logging

import av.error
import av.logging
import cv2

_NEVER = logging.CRITICAL + 1


def hear_ffmpeg() -> None:
    """Have FFmpeg's errors kept by PyAV, for `reason` to tell, and printed by nobody. Any number of times.

    PyAV would log them from FFmpeg's own threads. Python 3.11 and 3.12 keep an entry for every thread that ever
    logged, and a damaged file brings thousands of lines; so its loggers stay closed and we log what matters.

    The threads still need the interpreter to hand their message over, while PyAV waits for them without letting go of
    it when a decoder is freed: whoever decodes calls `flush_buffers` first, which lets go, or both may wait for ever.
    """
    logging.getLogger("libav").setLevel(_NEVER)
    logger = logging.getLogger("av")  # PyAV's own
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # without any handler Python prints warnings to stderr
    if av.logging.get_level() != av.logging.ERROR:
        av.logging.set_level(av.logging.ERROR)


def reason(error: av.error.FFmpegError | OSError) -> str:
    """What went wrong: the system's words, and FFmpeg's last message where it left one."""
    words = error.strerror or str(error)
    left = getattr(error, "log", None)  # level, who, what; the stub has it otherwise
    return f"{words} ({left[1]}: {left[2].strip()})" if left else words


def silence_opencv() -> None:
    """OpenCV cannot log to Python; what it tries and what fails is told by our own errors. Any number of times."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
