"""Which graphics cards are here, and what drives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from liveswapping.doctor.facts import Gpu

Run = Callable[[Sequence[str]], str]
"""Runs a program and answers with what it printed; raises OSError where it cannot."""

_VENDORS = {"0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel"}
_DISPLAY_CLASS = "0x03"
"""PCI base class 03: display controllers (PCI Code and ID Assignment Specification)."""


def find_gpus(system: str, run: Run, pci: Path = Path("/sys/bus/pci/devices")) -> tuple[Gpu, ...]:
    """All graphics cards. Raises OSError and ValueError where the system does not tell."""
    finders = {"Linux": lambda: _linux(pci), "Windows": lambda: _windows(run), "Darwin": lambda: _macos(run)}
    cards = finders.get(system, tuple)()
    if system == "Darwin":
        return cards
    named = _nvidia_smi(run)
    others = tuple(card for card in cards if card.vendor != "nvidia")
    return (*_with_kernel_driver(named, cards), *others) if named else cards


def _linux(pci: Path) -> tuple[Gpu, ...]:
    cards = []
    for device in sorted(pci.iterdir()) if pci.is_dir() else []:
        if not _read(device / "class").startswith(_DISPLAY_CLASS):
            continue
        vendor, model = _read(device / "vendor"), _read(device / "device")
        driver = (device / "driver").resolve().name if (device / "driver").exists() else ""
        name = _VENDORS.get(vendor, "other")
        cards.append(Gpu(f"{name} {vendor[2:]}:{model[2:]}", name, kernel_driver=driver))
    return tuple(cards)


def _windows(run: Run) -> tuple[Gpu, ...]:
    query = "Get-CimInstance Win32_VideoController | Select-Object Name,DriverVersion | ConvertTo-Json -Compress"
    answer = json.loads(run(["powershell", "-NoProfile", "-NonInteractive", "-Command", query]) or "[]")
    cards = answer if isinstance(answer, list) else [answer]
    return tuple(Gpu(str(card["Name"]), _vendor(str(card["Name"]))) for card in cards)


def _macos(run: Run) -> tuple[Gpu, ...]:
    answer = json.loads(run(["system_profiler", "SPDisplaysDataType", "-json"]))
    names = [str(card.get("sppci_model", card.get("_name", "?"))) for card in answer.get("SPDisplaysDataType", [])]
    return tuple(Gpu(name, _vendor(name)) for name in names)


def _nvidia_smi(run: Run) -> tuple[Gpu, ...]:
    try:
        answer = run(["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"])
    except OSError:
        return ()
    rows = [[part.strip() for part in line.split(",")] for line in answer.splitlines()]
    return tuple(Gpu(row[0], "nvidia", "", row[1], row[2]) for row in rows if len(row) == 3)


def _with_kernel_driver(named: Sequence[Gpu], cards: Sequence[Gpu]) -> tuple[Gpu, ...]:
    drivers = [card.kernel_driver for card in cards if card.vendor == "nvidia"]
    return tuple(replace(card, kernel_driver=drivers[0] if drivers else "") for card in named)


def _vendor(name: str) -> str:
    lowered = name.lower()
    words = {"nvidia": "nvidia", "geforce": "nvidia", "radeon": "amd", "amd": "amd", "intel": "intel", "apple": "apple"}
    return next((vendor for word, vendor in words.items() if word in lowered), "other")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip().lower()
    except OSError:
        return ""
