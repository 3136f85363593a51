"""Weights made from parameter names, so that networks are tested without any published weights.

The golden answers in `tests/data/neural_golden.npz` were made with exactly these.
"""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

Network = TypeVar("Network", bound=torch.nn.Module)
GAINS = {"reswapper": 1.2, "gfpgan": 1.0, "rrdb": 0.5}


def named_weight(name: str, shape: tuple[int, ...], net: str) -> NDArray[np.float32]:
    random = np.random.RandomState(zlib.crc32(f"{net}:{name}".encode()) & 0x7FFFFFFF)
    if not shape:
        return np.zeros(shape, np.float32)
    values = random.standard_normal(shape)
    if len(shape) == 1:
        return ((0.02 if name.endswith("bias") else 0.1) * values).astype(np.float32)
    modulated = net == "gfpgan" and len(shape) == 5
    fan_in = np.prod(shape[2:] if modulated else shape[1:])
    return np.asarray(values * GAINS[net] / np.sqrt(fan_in), np.float32)


def named_weights(architecture: Callable[..., torch.nn.Module], net: str, *size: Any) -> dict[str, torch.Tensor]:
    """A state_dict for `architecture(*size)`."""
    with torch.device("meta"):
        wanted = {name: tuple(entry.shape) for name, entry in architecture(*size).state_dict().items()}
    with ThreadPoolExecutor(2) as threads:  # numpy lets go of the interpreter while it draws
        made = threads.map(lambda item: torch.from_numpy(named_weight(item[0], item[1], net)), wanted.items())
        return dict(zip(wanted, made, strict=True))


def filled(architecture: Callable[..., Network], net: str, *size: Any) -> Network:
    """`architecture(*size)` with named weights, ready to run."""
    with torch.device("meta"):
        network = architecture(*size)
    network.load_state_dict(named_weights(architecture, net, *size), strict=True, assign=True)
    return network.eval().requires_grad_(False)


@dataclass(frozen=True)
class Saved:
    """A network, and the file that it was saved to."""

    path: Path
    network: torch.nn.Module


def saved(folder: Path, architecture: Callable[..., torch.nn.Module], net: str, *size: Any) -> Saved:
    """`filled`, and its weights in a file."""
    network, path = filled(architecture, net, *size), folder / f"{net}.pth"
    torch.save(network.state_dict(), path)
    return Saved(path, network)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small, on a machine that does other things too, are slowed down by more than one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
