"""ProPainter's three networks out of their published files, or out of files of the user's own."""

from __future__ import annotations

from pathlib import Path

import torch

from liveswapping.inference.networks.checkpoint import load_network
from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.raft import Raft


def load_raft(path: Path, device: torch.device | str = "cpu") -> Raft:
    """RAFT with the weights of `path`. Raises ModelLoadError: no such file, damaged, or of another network."""
    return load_network(Raft, path, "RAFT (things)").to(device)


def load_flow_completion(path: Path, device: torch.device | str = "cpu") -> FlowCompletion:
    """Flow completion with the weights of `path`. Raises as `load_raft`."""
    return load_network(FlowCompletion, path, "ProPainter's flow completion").to(device)


def load_generator(path: Path, device: torch.device | str = "cpu") -> InpaintGenerator:
    """The generator with the weights of `path`. Raises as `load_raft`."""
    return load_network(InpaintGenerator, path, "ProPainter's generator").to(device)
