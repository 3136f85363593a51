"""Writes the networks as ONNX files, for the providers that torch does not reach.

The file holds the same graph as the module, traced; what it computes stays within the gate that the tests name.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from liveswapping.domain.frame import F32
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet

_OPSET: Final = 17
_EXAMPLE: Final = 32
"""Pixels per side of the picture that a network of any size is traced with."""
_BATCH: Final = {0: "batch"}
_BATCH_AND_SIZE: Final = {0: "batch", 2: "height", 3: "width"}


def export_reswapper(network: StyleTransferModel, path: Path, size: int, emap: F32 | None = None) -> None:
    """Inputs `target` (batch, 3, size, size) RGB 0..1 and `source` (batch, 512), output `output` as `target`.

    With `emap` (512, 512), which is then the last initialiser, the file is of inswapper's format.
    """
    example = (torch.zeros(1, 3, size, size), torch.zeros(1, LATENT))
    _export(network, example, path, {"target": _BATCH, "source": _BATCH}, _BATCH)
    if emap is not None:
        _append_initialiser(path, "emap", emap)


def export_gfpgan(network: GfpganClean, path: Path) -> None:
    """Input `input` (batch, 3, 512, 512) RGB -1..1, output `output` the same."""
    example = (torch.zeros(1, 3, network.size, network.size),)
    _export(_Restoring(network), example, path, {"input": _BATCH}, _BATCH)


def export_rrdb(network: RRDBNet, path: Path) -> None:
    """Input `input` (batch, 3, height, width) RGB 0..1, output `output` the same, enlarged."""
    example = (torch.zeros(1, 3, _EXAMPLE, _EXAMPLE),)
    _export(network, example, path, {"input": _BATCH_AND_SIZE}, _BATCH_AND_SIZE)


class _Restoring(nn.Module):
    """GFPGAN without the pictures that only training looks at."""

    def __init__(self, network: GfpganClean) -> None:
        super().__init__()
        self.network = network

    def forward(self, face: Tensor) -> Tensor:
        return self.network.restore(face)


def _export(
    network: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: Mapping[str, Mapping[int, str]],
    output: Mapping[int, str],
) -> None:
    """The file appears whole or not at all. The tracing exporter: the newer one needs a package that we do not."""
    axes = {**inputs, "output": {axis: f"{name}_out" if axis else name for axis, name in output.items()}}
    part = path.with_name(path.name + ".part")
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network.eval(),
                example,
                part,
                dynamo=False,
                input_names=list(inputs),
                output_names=["output"],
                opset_version=_OPSET,
                dynamic_axes=axes,
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _append_initialiser(path: Path, name: str, values: F32) -> None:
    import onnx

    model = onnx.load(path)
    model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
    onnx.save(model, path)
