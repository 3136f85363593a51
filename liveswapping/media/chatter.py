"""What FFmpeg and OpenCV have to say goes to the log or nowhere, never to the user's terminal."""

from __future__ import annotations

import logging


def log_ffmpeg() -> None:
    """Send FFmpeg's errors to the logger `libav`. Any number of times.

    Its decoder threads need the interpreter to log. PyAV frees a decoder without letting go of the interpreter, and
    waits for those threads: whoever decodes on several threads must call `flush_buffers` before letting go of the
    decoder, or both may wait for ever.
    """
    import av.logging

    for name in ("libav", "av"):  # FFmpeg's own messages, and PyAV's
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())  # without any handler Python prints warnings to stderr
    if av.logging.get_level() != av.logging.ERROR:
        av.logging.set_level(av.logging.ERROR)


def silence_opencv() -> None:
    """OpenCV cannot log to Python; what it tries and what fails is told by our own errors. Any number of times."""
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
