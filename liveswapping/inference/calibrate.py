"""int8 from the user's own faces: kept only where it stays near float32 on faces that it was not made from."""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError, SettingsError
from liveswapping.domain.frame import F32, Image
from liveswapping.inference.networks.reswapper import LATENT
from liveswapping.inference.onnx_pictures import fits, sizes, to_planes
from liveswapping.inference.openvino_runtime import ABSENT, OpenVinoPort, inputs_of, installed
from liveswapping.inference.quantise import Feed, measure_ranges, peak_signal_to_noise, write_quantised

LEAST: Final = 35.0
"""dB to float32 on faces held out, below which int8 is thrown away."""
FEWEST: Final = 8
"""Faces that it takes; more make the ranges surer."""
_HELD_OUT: Final = 4
"""Every fourth face is held out."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """How it went."""

    psnr: float
    """dB to float32, on the faces held out."""
    kept: bool
    calibrated_on: int
    """Faces."""
    tried_on: int


def calibrate(
    model: Path, feeds: Sequence[Feed], made: Path, low: float, least: float = LEAST, *, keep_anyway: bool = False
) -> Calibrated:
    """Make the int8 form `made` (.xml) of the ONNX file `model`, and keep it where it is near enough.

    `feeds`: one for each face, at least FEWEST; `low`: what black is, 0 or -1. `keep_anyway`: for measurements.
    Raises SettingsError where OpenVINO is not installed or faces are too few, ModelLoadError.
    """
    require_openvino()
    if len(feeds) < FEWEST:
        raise SettingsError(
            f"{len(feeds)} faces are too few to calibrate with; give frames that show at least {FEWEST}"
        )
    used, held_out = split(feeds)
    tried = made.with_name(f"{made.stem}.tried.xml")
    try:
        write_quantised(model, measure_ranges(model, used), used[0], tried)
        psnr = peak_signal_to_noise(model, tried, held_out, low)
        kept = keep_anyway or psnr >= least
        for suffix in (".bin", ".xml"):
            if kept:
                tried.with_suffix(suffix).replace(made.with_suffix(suffix))
            else:
                made.with_suffix(suffix).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelLoadError(f"{model.name} cannot be turned to int8 ({reason}); it goes on without") from error
    finally:
        for suffix in (".bin", ".xml"):
            tried.with_suffix(suffix).unlink(missing_ok=True)
        gc.collect()
    return Calibrated(psnr, kept, len(used), len(held_out))


def require_openvino() -> None:
    """Raise SettingsError where the package is not installed."""
    if not installed():
        raise SettingsError(f"int8 needs OpenVINO, and {ABSENT}")


def split(feeds: Sequence[Feed]) -> tuple[list[Feed], list[Feed]]:
    """What to calibrate with, and what to hold out."""
    used = [feed for number, feed in enumerate(feeds) if number % _HELD_OUT]
    return used, list(feeds[::_HELD_OUT])


def swap_feeds(model: Path, crops: Sequence[Image], latents: F32) -> list[Feed]:
    """What a swap network in ONNX takes: n crops (size, size, 3) BGR bytes and (n, 512). Raises ModelLoadError."""
    picture, others = _ports(model)
    if len(others) != 1 or not fits(others[0], (None, LATENT)):
        raise ModelLoadError(f"{model} is no swap network; only swap networks and face restorers become int8")
    planes = to_planes(np.stack(crops), 0.0)
    return [
        {picture.name: planes[at : at + 1], others[0].name: latents[at : at + 1].astype(np.float32)}
        for at in range(len(crops))
    ]


def restoring_feeds(model: Path, crops: Sequence[Image]) -> list[Feed]:
    """What a face restorer in ONNX takes: n crops (512, 512, 3) BGR bytes. Raises ModelLoadError."""
    picture, others = _ports(model)
    if others:
        raise ModelLoadError(f"{model} takes more than a picture; only plain face restorers become int8")
    planes = to_planes(np.stack(crops), -1.0)
    return [{picture.name: planes[at : at + 1]} for at in range(len(crops))]


def picture_size(model: Path) -> int:
    """Pixels per side of the picture that a network in ONNX takes. Raises ModelLoadError."""
    return int(sizes(_ports(model)[0])[2] or 0)


def _ports(model: Path) -> tuple[OpenVinoPort, list[OpenVinoPort]]:
    """The input for the picture, and the others."""
    ports = inputs_of(model)
    pictures = [port for port in ports if fits(port, (None, 3, None, None)) and port.type == "tensor(float)"]
    if len(pictures) != 1:
        raise ModelLoadError(f"{model} takes no picture; only swap networks and face restorers become int8")
    return pictures[0], [port for port in ports if port not in pictures]
