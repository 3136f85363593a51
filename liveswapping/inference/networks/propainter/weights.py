"""ProPainter's three networks out of their published files, or out of files of the user's own."""

from __future__ import annotations

from pathlib import Path

import torch

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.networks.checkpoint import load_network
from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inference.networks.propainter.windows import border


def load_raft(path: Path, device: torch.device | str = "cpu") -> Raft:
    """RAFT with the weights of `path`. Raises ModelLoadError: no such file, damaged, or of another network."""
    return load_network(Raft, path, "RAFT (things)").to(device)


def load_flow_completion(path: Path, device: torch.device | str = "cpu") -> FlowCompletion:
    """Flow completion with the weights of `path`. Raises as `load_raft`."""
    return load_network(FlowCompletion, path, "ProPainter's flow completion").to(device)


def load_generator(path: Path, device: torch.device | str = "cpu") -> InpaintGenerator:
    """The generator with the weights of `path`. Raises as `load_raft`.

    The file's tables of which places around a window are looked at must be the ones that the network is computed with.
    """
    network = load_network(InpaintGenerator, path, "ProPainter's generator")
    wanted = border()
    for name, table in network.named_buffers():
        if not torch.equal(table.sort().values, wanted):
            raise ModelLoadError(f"{path} was made for other windows ({name}); choose the published file")
    return network.to(device)
