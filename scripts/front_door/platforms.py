"""On which computers the product runs, and one line for every other.

The limits are those of the pinned packages' wheels: torch and numba know no Intel Mac and no 32 bits, numpy and
PyAV start at macOS 14, Qt at glibc 2.34 (2.31 on arm64).
"""

import os
import platform
import struct
import sys
from typing import NamedTuple

from scripts.front_door.errors import SetupError

_MACHINES = {"amd64": "x86-64", "x86_64": "x86-64", "x64": "x86-64", "aarch64": "arm64", "arm64": "arm64"}
_SUPPORTED = {("Linux", "x86-64"), ("Linux", "arm64"), ("Windows", "x86-64"), ("Darwin", "arm64")}
_OLDEST_GLIBC = {"x86-64": (2, 34), "arm64": (2, 31)}
_OLDEST_MACOS = (14,)


class Machine(NamedTuple):
    """What decides whether and how the product can be installed."""

    system: str
    """As `platform.system()` says it: Linux, Windows, Darwin."""
    processor: str
    """x86-64, arm64, or whatever the system calls it."""
    bits: int
    """Of the Python that runs: a 32-bit Python cannot load 64-bit wheels."""
    python: str
    """cpython, or what else runs; "cpython without GIL" for the free-threaded build."""
    release: tuple[int, ...]
    """Of glibc on Linux ((): another C library), of macOS on a Mac, () on Windows."""


def this_machine() -> Machine:
    """Look at the computer and the Python that run this."""
    system = platform.system()
    python = sys.implementation.name + (" without GIL" if "t" in getattr(sys, "abiflags", "") else "")
    processor = _MACHINES.get(platform.machine().lower(), platform.machine())
    return Machine(system, processor, struct.calcsize("P") * 8, python, _release(system))


def refuse_unsupported(machine: Machine) -> None:
    """Raise SetupError where no wheels exist for this machine."""
    system = {"Darwin": "macOS"}.get(machine.system, machine.system)
    if machine.python != "cpython":
        raise SetupError(f"LiveSwapping needs the ordinary CPython 3.11 to 3.13; this is {machine.python}")
    if (machine.system, machine.processor) not in _SUPPORTED or machine.bits != 64:
        raise SetupError(
            "LiveSwapping runs on Linux (x86-64, arm64), Windows (x86-64) and macOS (Apple silicon), with a 64-bit "
            f"Python; this is {system} on {machine.processor} with a {machine.bits}-bit Python"
        )
    if machine.system == "Linux" and machine.release < _OLDEST_GLIBC[machine.processor]:
        oldest = _dotted(_OLDEST_GLIBC[machine.processor])
        this = f"glibc {_dotted(machine.release)}" if machine.release else "another C library"
        raise SetupError(f"LiveSwapping needs a Linux with glibc {oldest} or newer; this one has {this}")
    if machine.system == "Darwin" and machine.release < _OLDEST_MACOS:
        raise SetupError(
            f"LiveSwapping needs macOS {_dotted(_OLDEST_MACOS)} or newer; this is {_dotted(machine.release)}"
        )


def _release(system: str) -> tuple[int, ...]:
    if system == "Linux":
        try:
            name, _, number = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
        except (ValueError, OSError):
            return ()
        return _numbers(number) if name == "glibc" else ()
    return _numbers(platform.mac_ver()[0]) if system == "Darwin" else ()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
