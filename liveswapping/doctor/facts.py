"""What is known about a machine. Plain values, so that any machine can be made up in a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liveswapping.domain.plugins import PluginState

if TYPE_CHECKING:
    from liveswapping.inference.probe import Probe


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card."""

    name: str
    vendor: str
    """nvidia, amd, intel, apple, or other."""
    kernel_driver: str = ""
    """The kernel module behind it, on Linux."""
    driver_version: str = ""
    """The NVIDIA driver's version, where it answers."""
    memory: str = ""


@dataclass(frozen=True, slots=True)
class Torch:
    """The installed torch."""

    version: str
    cuda: str | None
    """The CUDA version that it was built for; None: CPU only."""
    devices: tuple[str, ...] = ()
    """Devices on which a sum came out right."""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution."""

    name: str
    version: str
    cuda_major: int | None = None
    """The CUDA that it was built for, where its requirements say."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that the product knows, and what lies where it should be: missing, damaged or ready."""

    name: str
    state: str
    builtin: bool


@dataclass(frozen=True, slots=True)
class CameraState:
    """A camera of this machine."""

    index: int
    name: str
    used_by: str = ""
    """The program that has it open."""
    readable: bool = True
    """This user may open it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One machine and one installation."""

    version: str = ""
    system: str = ""
    """Linux, Windows or Darwin."""
    system_version: str = ""
    machine: str = ""
    python: str = ""
    executable: str = ""
    cpu: str = ""
    cores: int = 0
    memory: str = ""
    display: bool = False
    gpus: tuple[Gpu, ...] = ()
    onnxruntime: tuple[Package, ...] = ()
    providers: tuple[Probe, ...] = ()
    torch: Torch | None = None
    packages: tuple[Package, ...] = ()
    models: tuple[ModelFile, ...] = ()
    cameras: tuple[CameraState, ...] = ()
    virtual_cameras: tuple[str, ...] = ()
    plugins: tuple[PluginState, ...] = ()
    missing_libraries: tuple[str, ...] = ()
    """Shared libraries that a window needs on Linux under X11."""
    folders: tuple[tuple[str, str], ...] = ()
    """What for, and where."""
    unknown: tuple[str, ...] = ()
    """What could not be found out, and why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and the cure."""

    problem: str
    cure: str
    serious: bool = True
    """False: nothing that exists now needs it."""
