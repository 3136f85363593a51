"""Why pip failed, in one line. Standard library only: the set-up needs it before anything is installed."""

from __future__ import annotations

import re

_CURES = (
    (r"No space left|not enough space|Errno 28", "no space left on the disk; free some and try again"),
    (
        r"externally-managed-environment",
        "this Python belongs to the operating system; leave out --no-venv, or use a virtual environment",
    ),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError", "the package index's certificate is not trusted; check proxy and clock"),
    (
        r"connection broken|NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|ProtocolError",
        "no network, or the package index cannot be reached; check the connection and try again",
    ),
    (
        r"Permission denied|Access is denied|Read-only file",
        "a file cannot be written; end other LiveSwapping programs, check permissions, and try again",
    ),
    (r"ensurepip is not available|No module named ensurepip", "Python lacks venv; run: sudo apt install python3-venv"),
    (r"No module named pip", "this Python has no pip; run: python -m ensurepip"),
    (
        r"lib(GL|EGL|X11|SM|ICE|xcb|glib|gthread)[\w-]*\.so[.\d]*: cannot open shared object",
        "a system library is missing that OpenCV loads; run: sudo apt install libgl1 libegl1 libglib2.0-0 libsm6",
    ),
)
"""What to look for in the output, and what to tell the user; the first that is found counts."""


def cause(output: str) -> str:
    """Name the cause and the cure, else the last `ERROR: ` line, else the last line at all."""
    for sign, cure in _CURES:
        if re.search(sign, output):
            return cure
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it gave no reason"])[-1][:300]
