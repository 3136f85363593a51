"""What the user asked for, as one frozen value, and the layers it is made of.

default < config.json < environment < CLI flags. Every value passes its rule, whichever layer it comes from.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.look import Look
from liveswapping.domain.rules import Rule, choice, choice_or, memory, number, several, switch, text, whole

FACES = ("largest", "all", "leftmost", "rightmost", "central")
"""Which faces are swapped. The published product swapped one; so does the default."""

ONNX_PROVIDERS = (
    "TensorrtExecutionProvider",
    "CUDAExecutionProvider",
    "DmlExecutionProvider",
    "OpenVINOExecutionProvider",
    "CoreMLExecutionProvider",
    "CPUExecutionProvider",
)
ANALYSERS = ("mediapipe", "insightface", "yunet")
PROVIDERS = ("auto", "cpu", "cuda", "tensorrt", "directml", "openvino", "coreml")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run depends on. A change is a new Settings, handed to `Runner.update`."""

    sources: tuple[str, ...] = ()
    """Photographs, or folders of photographs, of the one person to become."""
    source_index: int | None = None
    """Which face of a photograph that shows several, counted from the left, from 0. None: the largest."""
    mapping: tuple[str, ...] = ()
    """WHO=SOURCE, several: who becomes whom. WHO is a place (left, right, or counted from the left, from 0) or somebody
    who looks like a picture; SOURCE is as in `sources`. `sources` are then for everybody else."""
    reference: tuple[str, ...] = ()
    """Pictures, or saved identities, of the only person whose face is swapped. Empty: `faces` says which."""
    reference_threshold: float = 0.35
    """From which cosine of two embeddings on two faces are one person's, -1..1."""
    target: str | None = None
    """What is swapped: a picture, a clip, `camera:0`, a stream's address, `demo:`."""
    output: str | None = None
    model: str = "mesh"
    provider: str = "auto"
    faces: str = "largest"
    look: Look = field(default_factory=Look)
    mirror: bool = False
    rotate: int = 0
    """Clockwise, in degrees: 0, 90, 180 or 270."""
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    fourcc: str | None = None
    delay_ms: int = 0
    """How long the picture is held back, in milliseconds, counted from its capture."""
    paused: bool = False
    target_fps: float | None = None
    """Frames a second to hold, at most as many as the source gives; None: as many as that."""
    max_latency_ms: float = 50.0
    """How old a picture may be when it is ready, in milliseconds, before quality is given up for speed."""
    quality: str = "auto"
    """auto: give up quality where time is short; fixed: never."""
    temporal: str = "auto"
    """Whether a neural engine works beside the live picture, its answers carried on the mesh: auto, on or off."""
    clear_memory_every: float = 300.0
    """Seconds after which memory is looked at, and caches are emptied where it grows; 0: never."""
    hidden: bool = False
    """Show nothing: every sink gets black pictures, whatever the camera sees."""
    no_face: str | None = None
    """What a picture without a trusted face becomes: pass, hold, blur or black. None: blur live, pass in files."""
    others: str | None = None
    """What becomes of faces that nobody chose: pass or blur. None: blur live, pass in files."""
    label: bool = True
    """A small label in the picture says that a face in it was swapped."""
    credentials: bool = True
    """Files say how they were made: content credentials (C2PA), or plain metadata where those do not reach."""
    timestamp_server: str | None = None
    """The address (RFC 3161) of who vouches for the time of content credentials; None: nobody is asked."""
    analyser: str = "mediapipe"
    """What finds faces. Only mediapipe gives the mesh that the mesh engine needs."""
    occluder: str | None = None
    """A network (.onnx) that says what is in front of a face, beside the built-in masks."""
    parser: str | None = None
    """A network (.onnx) that says which part of a face a pixel is."""
    resolution: int | None = None
    """Input size of a neural engine, in pixels; None: what its weights are for. The mesh engine has its own."""
    face_attribute_direction: str | None = None
    """A file (.npy, 512 numbers): what is added to who the source is, for swap networks."""
    face_attribute_steps: float = 0.0
    """How far to go in that direction."""
    morph: float = 0.75
    """How much of the trained person's shape a DeepFaceLive model takes, 0..1."""
    use_tensorrt: bool = True
    """TensorRT may be used by engines that can. The mesh engine cannot."""
    upscale: int = 1
    """How many times larger the result is; more than 1 restores faces too."""
    enhancer: str = "auto"
    """What restores faces: a model's name or path, "none", or "auto": gfpgan where the result is enlarged."""
    bg_upsampler: str = "realesrgan"
    """What enlarges the picture around the faces: realesrgan, or anything else: interpolation."""
    bg_tile: int = 400
    """Pixels per side of the pieces that are enlarged at once; 0: the whole picture."""
    weight: float = 0.5
    """How much of a restored face is taken, 0..1."""
    only_center_face: bool = False
    """Restore only the face nearest to the picture's centre."""
    aligned: bool = False
    """Pictures are aligned faces already: each is restored as a whole."""
    std: float = 0.0
    """Noise over the finished picture: its standard deviation in levels of 255."""
    blur: int = 0
    """Blur over the finished picture, after the noise: its kernel in pixels; 0 and 1: none."""
    torch_compile: bool = False
    """Let torch compile networks for an NVIDIA card where nothing was written for them by hand."""
    low_memory: bool = False
    """One face at a time, small pieces, and memory given back after each."""
    upscaler_provider: str | None = None
    """Where restoring and enlarging run; None: where the engine does."""
    gpu_mem_limit: int | None = None
    """Bytes of a graphics card's memory that one network may take for its work; None: what it needs."""
    identities_dir: str | None = None
    """Where saved identities lie; None: in the user's data folder."""
    models_dir: str | None = None
    model_download_url: str | None = None
    onnx_providers: tuple[str, ...] = ()
    """What ONNX Runtime may run on, best first; empty: whatever works. The mesh engine does not use ONNX Runtime."""
    onnx_log_level: int = 3
    """ONNX Runtime's severity: 0 verbose, 1 info, 2 warning, 3 error, 4 fatal."""
    threads: int | None = None
    """Threads of a neural engine; None: as many as it wants. The mesh engine always uses two."""


PARTS = (
    "sources",
    "source_index",
    "mapping",
    "reference",
    "identities_dir",
    "model",
    "provider",
    "analyser",
    "occluder",
    "parser",
    "resolution",
    "face_attribute_direction",
    "face_attribute_steps",
    "morph",
    "upscale",
    "enhancer",
    "bg_upsampler",
    "bg_tile",
    "weight",
    "only_center_face",
    "aligned",
    "std",
    "blur",
    "torch_compile",
    "low_memory",
    "upscaler_provider",
    "use_tensorrt",
    "gpu_mem_limit",
    "models_dir",
    "onnx_providers",
    "threads",
    "temporal",
)
"""Settings that decide which parts a pipeline is made of; all others can change from frame to frame."""

LOOK_NAMES = tuple(field.name for field in fields(Look))


def _plugin_analysers() -> Collection[str]:
    from liveswapping.domain.plugins import installed

    return installed().plugins.analysers


RULES: Mapping[str, Rule] = {
    "sources": several(text()),
    "source_index": whole(0, 1000),
    "mapping": several(text()),
    "reference": several(text()),
    "reference_threshold": number(-1, 1),
    "target": text(),
    "output": text(),
    "model": text(),
    "provider": choice(*PROVIDERS),
    "faces": choice(*FACES),
    "opacity": number(0, 1),
    "shape": number(0, 1),
    "colour": number(0, 1),
    "sharpness": number(0, 1),
    "edge": number(0, 1),
    "erode": number(0, 1),
    "keep_mouth": switch(),
    "keep_eyes": switch(),
    "box_mask": switch(),
    "mirror": switch(),
    "rotate": choice(0, 90, 180, 270),
    "width": whole(16, 16384),
    "height": whole(16, 16384),
    "fps": number(1, 1000),
    "fourcc": text(length=4),
    "delay_ms": whole(0, 10_000),
    "paused": switch(),
    "target_fps": number(1, 1000),
    "max_latency_ms": number(5, 10_000),
    "quality": choice("auto", "fixed"),
    "temporal": choice("auto", "on", "off"),
    "clear_memory_every": number(0, 86_400),
    "hidden": switch(),
    "no_face": choice("pass", "hold", "blur", "black"),
    "others": choice("pass", "blur"),
    "label": switch("on or off"),
    "credentials": switch("on or off"),
    "timestamp_server": text(),
    "analyser": choice_or(_plugin_analysers, "a plugin's", *ANALYSERS),
    "occluder": text(),
    "parser": text(),
    "resolution": whole(64, 1024),
    "face_attribute_direction": text(),
    "face_attribute_steps": number(-100, 100),
    "morph": number(0, 1),
    "use_tensorrt": switch(),
    "upscale": whole(1, 8),
    "enhancer": text(),
    "bg_upsampler": text(),
    "bg_tile": whole(0, 8192),
    "weight": number(0, 1),
    "only_center_face": switch(),
    "aligned": switch(),
    "std": number(0, 255),
    "blur": whole(0, 99),
    "torch_compile": switch(),
    "low_memory": switch(),
    "upscaler_provider": choice(*PROVIDERS),
    "gpu_mem_limit": memory(),
    "identities_dir": text(),
    "models_dir": text(),
    "model_download_url": text(),
    "onnx_providers": several(choice(*ONNX_PROVIDERS)),
    "onnx_log_level": whole(0, 4),
    "threads": whole(1, 256),
}
"""One rule for every name that a layer can set; the sliders of Look stand beside the other settings."""

CONFIG_KEYS: Mapping[str, str] = {
    "default_model": "model",
    "default_resolution": "resolution",
    "use_tensorrt": "use_tensorrt",
    "provider": "provider",
    "upscale_factor": "upscale",
    "enable_mouth_mask": "keep_mouth",
    "model_download_url": "model_download_url",
    "gpu_mem_limit": "gpu_mem_limit",
    "label": "label",
    "credentials": "credentials",
    "timestamp_server": "timestamp_server",
}
"""Keys of config.json and the setting that each stands for; all but the last four are published ones."""

ENVIRONMENT: Mapping[str, str] = {
    "LIVESWAPPING_MODELS_DIR": "models_dir",
    "LIVESWAPPING_IDENTITIES_DIR": "identities_dir",
    "ONNX_PROVIDERS": "onnx_providers",
    "OMP_NUM_THREADS": "threads",
    "ONNX_LOG_LEVEL": "onnx_log_level",
    "LIVESWAPPING_GPU_MEM_LIMIT": "gpu_mem_limit",
}


def load_settings(flags: Mapping[str, object], environment: Mapping[str, str], config: Path | None) -> Settings:
    """The settings of one run. `flags` holds setting names and only what the user gave.

    `config` need not exist. Raises SettingsError, naming key, value and what is allowed.
    """
    values: dict[str, Any] = {}
    for layer in (_config(config), _environment(environment), _flags(flags)):
        values.update(layer)
    return changed(Settings(), values)


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """`settings` with checked `values` put in, the sliders of Look among them."""
    look = {name: value for name, value in values.items() if name in LOOK_NAMES}
    others = {name: value for name, value in values.items() if name not in LOOK_NAMES}
    return replace(settings, look=replace(settings.look, **look), **others)


def same_parts(one: Settings, other: Settings | None) -> bool:
    """A pipeline that was built for the one serves the other."""
    return other is not None and all(getattr(one, name) == getattr(other, name) for name in PARTS)


def with_parts_of(built: Settings, wanted: Settings) -> Settings:
    """`wanted`, but for the parts, which are those of `built`."""
    return replace(wanted, **{name: getattr(built, name) for name in PARTS})


def checked(name: str, value: object, origin: str) -> object:
    """`value` in the form its setting wants; `origin` is what the user wrote, for the message."""
    rule = RULES[name]
    try:
        return rule.parse(value)
    except ValueError:
        raise SettingsError(f"{origin}: {value!r} cannot be used; allowed: {rule.allowed}") from None


def _config(path: Path | None) -> Iterator[tuple[str, object]]:
    if path is None or not path.exists():
        return
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read as JSON ({error}); correct or remove it") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: one JSON object is expected, with keys of: {', '.join(CONFIG_KEYS)}")
    for key, value in content.items():
        if key not in CONFIG_KEYS:
            raise SettingsError(f"{path}: there is no key '{key}' (value {value!r}); allowed: {', '.join(CONFIG_KEYS)}")
        yield CONFIG_KEYS[key], checked(CONFIG_KEYS[key], value, f"{path}: {key}")


def _environment(environment: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    for variable, name in ENVIRONMENT.items():
        value = environment.get(variable, "").strip()
        if value:
            yield name, checked(name, value, variable)


def _flags(flags: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in flags.items():
        if name not in RULES:
            raise SettingsError(f"there is no setting '{name}' (value {value!r}); allowed: {', '.join(RULES)}")
        yield name, checked(name, value, name)
