"""Asks the system to let a thread have the processor soon when it has something to do, though others compute."""

from __future__ import annotations

import ctypes
import logging
import platform
import struct
import sys
from typing import Final

_log = logging.getLogger(__name__)
_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}
"""Number of the system call, which glibc wraps only since 2.41."""
_RESET_ON_FORK: Final = 1
"""Threads that this one starts are ordinary ones."""
_SLICE_NS: Final = 200_000
"""Who asks for a short turn is let in soon (EEVDF, Linux 6.12 and later); the usual turn is about 3 ms."""
_ABOVE_NORMAL: Final = 1
_USER_INTERACTIVE: Final = 0x21


def be_prompt() -> None:
    """For the calling thread. It gets no larger share of the processor, only its turn sooner; needs no rights.

    Where the system knows no such thing all stays as it is.
    """
    try:
        {"linux": _linux, "win32": _windows, "darwin": _macos}.get(sys.platform, lambda: None)()
    except (OSError, AttributeError, ValueError) as error:
        _log.debug("the thread keeps its ordinary turns: %s", error)


def _linux() -> None:
    number = _SCHED_SETATTR.get(platform.machine())
    if number is None:
        return
    # struct sched_attr, 48 bytes: size, policy (0: other), flags, nice, priority, runtime, deadline, period
    wanted = struct.pack("=IIQiIQQQ", 48, 0, _RESET_ON_FORK, 0, 0, _SLICE_NS, 0, 0)
    ctypes.CDLL(None).syscall(number, 0, wanted, 0)


def _windows() -> None:
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    kernel.GetCurrentThread.restype = ctypes.c_void_p
    kernel.SetThreadPriority(ctypes.c_void_p(kernel.GetCurrentThread()), _ABOVE_NORMAL)


def _macos() -> None:
    ctypes.CDLL(None).pthread_set_qos_class_self_np(_USER_INTERACTIVE, 0)
