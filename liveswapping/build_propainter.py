"""ProPainter out of options: its weights, its device, and what a preset stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.build import open_store
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.inpainting.propainter.settings import ProPainterSettings
    from liveswapping.inpainting.record import Record
    from liveswapping.inpainting.shots import Inpainter

PRESETS: Final = ("fast", "memory", "cpu")
_MEMORY_PRESET: Final = 6_000_000_000
"""Bytes of a card's memory that the preset `memory` takes at most."""
_HOST_SHARE: Final = 0.5
"""Of the free memory, for frames' data: the networks' own work needs some, too."""
NAMES: Final = ("propainter_raft", "propainter_flow_completion", "propainter_generator")
_FOLDERS: Final = (Path("weights"), Path())
"""Where the published program keeps its weights: looked at after the models' own folder."""


@dataclass(frozen=True, slots=True)
class ProPainterOptions:
    """What a user may ask of it, with the published defaults."""

    paths: tuple[str | None, str | None, str | None] = (None, None, None)
    """Of RAFT's weights, the flow completion's and the generator's; None: where they are found."""
    raft_iterations: int = 20
    neighbour: int = 10
    ref_stride: int = 10
    subvideo: int = 80
    raft_scale: str = "auto"
    least_scale: float = 0.125
    precision: str = "auto"
    at_once: int = 10
    cpu_fallback: bool = True
    scratch: str | None = None
    flow_cache: bool = False
    int8: bool = False
    compiles: bool = False
    preset: str | None = None

    @classmethod
    def of(cls, preset: str | None, **given: object) -> ProPainterOptions:
        """What a preset stands for, and what is `given` (not None) besides. Raises SettingsError."""
        if preset is not None and preset not in PRESETS:
            raise SettingsError(f"--preset {preset} cannot be used; allowed: {', '.join(PRESETS)}")
        usual = {
            "fast": cls(at_once=50, preset=preset),
            "memory": cls(at_once=5, preset=preset),
            "cpu": cls(at_once=1, precision="fp32", preset=preset),
        }.get(preset or "", cls())
        known = {name: value for name, value in given.items() if value is not None}
        return replace(usual, **known)  # type: ignore[arg-type]


def weights(settings: Settings, options: ProPainterOptions) -> tuple[Path, ...] | None:
    """The three files, from where they were named or are usually kept; None: some are nowhere."""
    from liveswapping.inference.store import FileState

    store, found = open_store(settings), []
    for name, given in zip(NAMES, options.paths, strict=True):
        if given is not None:
            found.append(Path(given).expanduser())
        elif store.state(name) is not FileState.MISSING:
            found.append(store.path(name))
        else:
            file = store.file(name).name
            known = [folder / file for folder in _FOLDERS if (folder / file).is_file()]
            if not known:
                return None
            found.append(known[0])
    return tuple(found)


def open_propainter(
    settings: Settings,
    options: ProPainterOptions,
    files: tuple[Path, ...],
    record: Record,
    attend: Callable[[], None],
    say: Callable[[str], None],
) -> Inpainter:
    """The engine with the weights in `files`. Raises ModelLoadError."""
    from liveswapping.inference.devices import choose_device, processor_has_bf16
    from liveswapping.inference.download import sha256_of
    from liveswapping.inference.networks.propainter import weights as load
    from liveswapping.inpainting.propainter.engine import Networks, ProPainterInpainter

    chosen = choose_device("cpu" if options.preset == "cpu" else settings.provider)
    raft, completion, generator = files
    networks = Networks(
        load.load_raft(raft), load.load_flow_completion(completion), load.load_generator(generator), sha256_of(raft)
    )
    for refusal in chosen.why_not:
        record.log("info", f"not on {refusal.name}: {refusal.reason}")
    say(f"ProPainter runs on {chosen.name}; its licence (S-Lab 1.0) allows non-commercial use only")
    given = procedure(options, chosen.name, bfloat=processor_has_bf16())
    return ProPainterInpainter(networks, given, chosen.name, record, attend)


def procedure(options: ProPainterOptions, device: str, *, bfloat: bool) -> ProPainterSettings:
    """How the engine is run on `device`. `bfloat`: this processor multiplies bfloat16."""
    from liveswapping.inference.networks.propainter.raft_size import RaftScale
    from liveswapping.inference.room import free_bytes
    from liveswapping.inpainting.propainter.schedule import Schedule
    from liveswapping.inpainting.propainter.settings import ProPainterSettings

    precision = options.precision
    if options.preset == "fast" and precision == "auto" and device == "cpu" and bfloat:
        precision = "bf16"
    return ProPainterSettings(
        Schedule(options.subvideo, options.neighbour, options.ref_stride),
        options.raft_iterations,
        RaftScale(options.raft_scale),
        options.least_scale,
        precision,
        options.at_once,
        options.cpu_fallback,
        int(_HOST_SHARE * free_bytes()),
        _MEMORY_PRESET if options.preset == "memory" and device != "cpu" else None,
        None if options.scratch is None else Path(options.scratch).expanduser(),
        _cache_folder() if options.flow_cache else None,
        options.int8,
        options.compiles,
    )


def _cache_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("LiveSwapping", appauthor=False)) / "flows"
