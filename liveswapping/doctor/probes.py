"""Asks this machine. Every question may fail, and then says so instead of an answer."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import liveswapping
from liveswapping.doctor.cameras import holder_of
from liveswapping.doctor.checks import WINDOW_LIBRARIES
from liveswapping.doctor.facts import CameraState, Facts, ModelFile, Package, Torch
from liveswapping.doctor.gpus import find_gpus
from liveswapping.domain.plugins import installed
from liveswapping.inference.catalog import BUILTIN, CATALOG
from liveswapping.inference.probe import probe_providers
from liveswapping.inference.store import Store
from liveswapping.media.camera_list import list_cameras
from liveswapping.media.display import has_display
from liveswapping.media.virtual_devices import virtual_devices

T = TypeVar("T")

_PATIENCE_S = 60
_BUILDS = re.compile(r"onnxruntime([-_](gpu|directml|openvino|training|qnn|rocm|migraphx|silicon))?", re.IGNORECASE)
_LIBRARIES = ("ai-edge-litert", "av", "numba", "numpy", "opencv-python", "insightface", "cv2-enumerate-cameras")
_OPTIONAL = ("pyvirtualcam", "sounddevice")
_TORCH_PROGRAM = """
import json, torch
devices, failure = [], ""
names = ["cpu"] + [f"cuda:{i}" for i in range(torch.cuda.device_count())]
names += ["mps"] if torch.backends.mps.is_available() else []
for name in names:
    try:
        if float(torch.ones(4, device=name).sum()) == 4.0:
            devices.append(name)
    except Exception as error:
        failure = f"{name}: {' '.join(str(error).split())[:200]}"
print(json.dumps([torch.__version__, torch.version.cuda, devices, failure]))
"""


class _Asker:
    """Collects answers, and the questions that had none."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def ask(self, what: str, question: Callable[[], T], otherwise: T) -> T:
        try:
            return question()
        except Exception as error:  # noqa: BLE001 - a doctor that dies of its patient's illness helps nobody
            self.unknown.append(f"{what} ({type(error).__name__}: {' '.join(str(error).split())[:200]})")
            return otherwise


def gather(folders: Sequence[tuple[str, str]]) -> Facts:
    """All facts of this machine, in some seconds. `folders` are what for, and where."""
    system = platform.system()
    asker = _Asker()
    ask = asker.ask
    nothing: tuple[metadata.Distribution, ...] = ()
    distributions = ask("installed packages", _distributions, nothing)
    return Facts(
        version=liveswapping.__version__,
        system=system,
        system_version=ask("system version", platform.platform, ""),
        machine=platform.machine(),
        python=f"{platform.python_version()} ({platform.python_implementation()})",
        executable=sys.executable,
        cpu=ask("processor", lambda: _cpu(system), ""),
        cores=os.cpu_count() or 0,
        memory=ask("memory", lambda: _memory(system), ""),
        display=ask("display", has_display, False),
        gpus=ask("graphics cards", lambda: find_gpus(system, _output), ()),
        onnxruntime=_packages(distributions, _BUILDS),
        providers=ask("ONNX Runtime's providers", probe_providers, ()),
        torch=ask("torch", _torch, None),
        packages=_packages(distributions, re.compile("|".join(_LIBRARIES + _OPTIONAL), re.IGNORECASE)),
        models=ask("model files", _models, ()),
        cameras=ask("cameras", lambda: _cameras(system), ()),
        virtual_cameras=ask("virtual cameras", lambda: _virtual_cameras(system), ()),
        plugins=ask("plugins", lambda: installed().states, ()),
        missing_libraries=_missing_libraries() if system == "Linux" else (),
        folders=tuple(folders),
        unknown=tuple(asker.unknown),
    )


def _distributions() -> tuple[metadata.Distribution, ...]:
    return tuple(metadata.distributions())


def _output(command: Sequence[str]) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    if answer.returncode != 0:
        raise OSError(answer.stderr.strip() or f"{command[0]} ended with code {answer.returncode}")
    return answer.stdout.strip()


def _cpu(system: str) -> str:
    if system == "Linux":
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", text, re.MULTILINE)
        return found.group(1) if found else platform.machine()
    if system == "Darwin":
        return _output(["sysctl", "-n", "machdep.cpu.brand_string"])
    return platform.processor()


def _memory(system: str) -> str:
    if system == "Windows":
        answer = _output(
            ["powershell", "-NoProfile", "-Command", "(Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory"]
        )
        total = int(answer)
    else:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.1f} GiB"


def _packages(distributions: Sequence[metadata.Distribution], name: re.Pattern[str]) -> tuple[Package, ...]:
    found = {
        one.name: Package(one.name, one.version, _cuda_major(one.requires or []))
        for one in distributions
        if one.name and name.fullmatch(one.name)
    }
    return tuple(found[key] for key in sorted(found))


def _cuda_major(requirements: Sequence[str]) -> int | None:
    """The CUDA that a package was built for, by the runtime that it asks for.

    That is `nvidia-cuda-runtime-cu12` or, from CUDA 13 on, `nvidia-cuda-runtime~=13.0`.
    """
    for requirement in requirements:
        found = re.match(r"nvidia[-_]cuda[-_]runtime(?:[-_]cu(\d+)|[^;\d]*(\d+))", requirement)
        if found:
            return int(found.group(1) or found.group(2))
    return None


def _torch() -> Torch | None:
    """In a child process, as a broken CUDA may hang or end it."""
    if find_spec("torch") is None:
        return None
    lines = _output([sys.executable, "-c", _TORCH_PROGRAM]).splitlines()
    version, cuda, devices, failure = json.loads(lines[-1])
    return Torch(version, cuda, tuple(devices), failure)


def _models() -> tuple[ModelFile, ...]:
    store = Store()
    return tuple(ModelFile(name, store.state(name).value, name in BUILTIN) for name in CATALOG)


def _cameras(system: str) -> tuple[CameraState, ...]:
    found = []
    for camera in list_cameras():
        device = Path(f"/dev/video{camera.index}")
        known = system == "Linux" and device.exists()
        holder = holder_of(device) if known else ""
        found.append(CameraState(camera.index, camera.name, holder, not known or os.access(device, os.R_OK | os.W_OK)))
    return tuple(found)


def _virtual_cameras(system: str) -> tuple[str, ...]:
    return tuple(
        one.device if one.name in ("", one.device) else f"{one.device} ({one.name})" for one in virtual_devices(system)
    )


def _missing_libraries() -> tuple[str, ...]:
    missing = []
    for name in WINDOW_LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return tuple(missing)
