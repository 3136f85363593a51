"""What the window needs of the Python that it runs in."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Final

_SWITCH_INTERVAL: Final = 0.001
"""Seconds after which a computing thread lets the window's thread have the interpreter; Python's own is 0.005."""
_PLENTY: Final = 1 << 40


def prepare() -> None:
    """Let the window's thread have its turn soon, and keep None alive. Any number of times."""
    sys.setswitchinterval(_SWITCH_INTERVAL)
    if _none_can_be_spent() and sys.getrefcount(None) < _PLENTY:
        # PySide6 6.12 is built as if None could not die, which is so from Python 3.12 on (PEP 683). On 3.11 every
        # call without a result lets go of None once too often, until the interpreter ends the process. requirements.txt
        # asks for 6.11 there; this is for environments that have the other one.
        ctypes.c_ssize_t.from_address(id(None)).value += _PLENTY


def settle() -> None:
    """What is there now stays: the collector need not look at it again.

    With the runtimes imported, a full collection looks at half a million objects and holds the window for 40 ms.
    """
    gc.freeze()


def _none_can_be_spent() -> bool:
    return sys.implementation.name == "cpython" and sys.version_info < (3, 12) and sys.maxsize > _PLENTY
