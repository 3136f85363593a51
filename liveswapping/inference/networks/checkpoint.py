"""Weights from published .pth files: plain tensors only, every name and shape as the network wants them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Final, TypeVar

import torch
from torch import Tensor

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.networks.published import PublishedNetwork

_WRAPPINGS: Final = ("params_ema", "params", "state_dict")
"""Keys under which publishers put the weights, the best first: RealESRGAN and GFPGAN save averaged ones beside raw."""
_PARALLEL: Final = "module."
"""What every name begins with in a file that was saved from several cards' training."""
_FETCH: Final = "fetch it again with `liveswapping models pull`"


N = TypeVar("N", bound=PublishedNetwork)


def load_network(architecture: type[N], path: Path, title: str) -> N:
    """The network with the weights of `path`, float32, on the processor, ready to run and not to train.

    `title` names the network in messages. Raises ModelLoadError: no such file, damaged, code inside, or weights of
    another network.
    """
    state = read_weights(path)
    try:
        with torch.device("meta"):  # no memory, no random numbers: every entry comes from the file
            network = architecture.shaped_like(state)
    except (KeyError, IndexError, ValueError):
        raise ModelLoadError(f"{path} holds no weights of {title}; choose the file of that network") from None
    difference = _difference(network.state_dict(), state)
    if difference:
        raise ModelLoadError(f"{path} does not fit {title} ({difference}); choose the file of that network")
    network.load_state_dict(state, strict=True, assign=True)
    return network.eval().requires_grad_(False)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Names and tensors of a .pth file, out of the wrapping that some publishers put around them.

    Weights are float32; counters and tables of indices, which some files hold beside them, are int64. Nothing in the
    file is executed. Raises ModelLoadError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its doubts about a strange file end in one of our own messages
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelLoadError(f"there is no file {path}; fetch it with `liveswapping models pull`") from None
    except UnpicklingError as error:
        if "Weights only load failed" in str(error) and _complete(path):
            raise ModelLoadError(
                f"{path} holds code beside weights and was not loaded; use the published file"
            ) from None
        raise ModelLoadError(f"{path} is damaged or not a weight file; {_FETCH}") from None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a pickle that was cut anywhere makes the reader stumble over
        raise ModelLoadError(f"{path} is damaged or not a weight file; {_FETCH}") from None
    for wrapping in _WRAPPINGS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapping), Mapping):
            content = content[wrapping]
    if not isinstance(content, Mapping) or not all(_is_weight(value) or _is_table(value) for value in content.values()):
        raise ModelLoadError(f"{path} holds something other than named weights; use the published file")
    named = {str(name): value.float() if _is_weight(value) else value for name, value in content.items()}
    if named and all(name.startswith(_PARALLEL) for name in named):
        named = {name.removeprefix(_PARALLEL): value for name, value in named.items()}
    return named


def _is_weight(value: object) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


def _is_table(value: object) -> bool:
    return isinstance(value, Tensor) and value.dtype == torch.int64


def _complete(path: Path) -> bool:
    """A pickle that ends as pickles do, or an archive that torch could open: what failed is its content."""
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(-1, 2)
        return start == b"PK" or (start[:1] == b"\x80" and file.read(1) == b".")


def _difference(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> str:
    """What tells two sets of weights apart, in a few words; empty where they fit."""
    missing = [name for name in wanted if name not in found]
    unknown = [name for name in found if name not in wanted]
    other = [name for name in wanted if name in found and wanted[name].shape != found[name].shape]
    named = ((missing, "missing"), (unknown, "unknown"), (other, "of another shape"))
    return ", ".join(f"{len(names)} {what}, first {names[0]}" for names, what in named if names)
