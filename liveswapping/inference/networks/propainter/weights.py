"""ProPainter's three networks out of their published files, or out of files of the user's own."""

from __future__ import annotations

from pathlib import Path

import torch

from liveswapping.inference.networks.checkpoint import load_network
from liveswapping.inference.networks.propainter.raft import Raft


def load_raft(path: Path, device: torch.device | str = "cpu") -> Raft:
    """RAFT with the weights of `path`. Raises ModelLoadError: no such file, damaged, or of another network."""
    return load_network(Raft, path, "RAFT (things)").to(device)
