"""ProPainter's golden arrays, and the weights they were made with: every weight follows from its name."""

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

Network = TypeVar("Network", bound=torch.nn.Module)
FILE = Path(__file__).parent / "data" / "propainter_golden.npz"
GAINS = {"flow_head.conv2": 0.03, "conv_offset": 0.5, "upsample.2.conv.weight": 0.1}


def named_weight(name: str, shape: tuple[int, ...], net: str) -> NDArray[Any]:
    """net: raft, flow or gen."""
    name = name.replace("downsample.1.", "norm3.") if net == "raft" else name  # one tensor under two names
    random = np.random.RandomState(zlib.crc32(f"{net}:{name}".encode()) & 0x7FFFFFFF)
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    if name.endswith("running_var"):
        return np.asarray(random.random_sample(shape) + 0.5, np.float32)
    values = random.standard_normal(shape)
    if name.endswith("running_mean"):
        return np.asarray(0.1 * values, np.float32)
    if len(shape) == 1:
        return np.asarray(1 + 0.1 * values if name.endswith("weight") else 0.02 * values, np.float32)
    gain = next((gain for part, gain in GAINS.items() if part in name), 1.4 if net == "raft" else 1.0)
    return np.asarray(values * gain / np.sqrt(np.prod(shape[1:])), np.float32)


def named_weights(network: torch.nn.Module, net: str) -> dict[str, torch.Tensor]:
    """A state_dict for `network`, which may be on the meta device. Index tables are not in it: a network makes them."""
    wanted = {name: tuple(entry.shape) for name, entry in network.state_dict().items() if "valid_ind" not in name}
    with ThreadPoolExecutor(2) as threads:  # numpy lets go of the interpreter while it draws
        made = threads.map(lambda item: torch.from_numpy(named_weight(item[0], item[1], net)), wanted.items())
        return dict(zip(wanted, made, strict=True))


def filled(architecture: Callable[[], Network], net: str) -> Network:
    """`architecture()` with named weights, ready to run."""
    network = architecture()
    network.load_state_dict(named_weights(network, net), strict=False)
    return network.eval().requires_grad_(False)


@cache
def golden() -> dict[str, torch.Tensor]:
    """Every array of the file; see `tests/data/README.md`."""
    with np.load(FILE) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def pictures(count: int) -> torch.Tensor:
    """(1, count, 3, 128, 144) in -1..1: the clip's first frames."""
    return (golden()["frames"][:count].permute(0, 3, 1, 2).float() / 255 * 2 - 1)[None]


def holes(count: int) -> torch.Tensor:
    """(1, count, 1, 128, 144) zeros and ones: the dilated masks of the clip's first frames."""
    return golden()["masks"][None, :count, None].float()


def completed_flows() -> tuple[torch.Tensor, torch.Tensor]:
    """(1, 6, 2, 128, 144) forward and backward, as completed and combined: outside of the holes they are the input."""
    flows = golden()["flow_in"].clone()
    masks = holes(7)[0]
    hole = torch.stack((masks[:-1], masks[1:])).expand(-1, -1, 2, -1, -1) > 0
    flows[hole] = golden()["flow_hole"]
    return flows[:1], flows[1:]


def propagated_frames() -> torch.Tensor:
    """(1, 7, 3, 128, 144): frames with what image propagation found; outside of the holes they are the frames."""
    frames = pictures(7)
    frames[holes(7).expand(-1, -1, 3, -1, -1) > 0] = golden()["prop_hole"]
    return frames
