"""How near half precision comes to full, and the first of several ways of computing that comes near enough."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

GATE: Final = 50.0
"""dB of peak signal to noise ratio below which an answer is not taken for the same picture."""
_LEAST_NOISE: Final = 1e-20
_GRAIN: Final = 0.03

L = TypeVar("L")
_log = logging.getLogger(__name__)


class NoFastWay(RuntimeError):
    """Nothing here is faster than the network itself and right; the reasons."""


def first_right(
    ways: Iterable[tuple[str, Callable[[], L]]], answer: Callable[[L], Tensor], right: Tensor, span: float
) -> tuple[str, L]:
    """Name and layers of the first way to make them whose `answer` agrees with `right`. Raises NoFastWay."""
    reasons = []
    for name, make in ways:
        _log.info("trying %s; the first time on a card, kernels are compiled for up to a minute", name)
        try:
            layers = make()
            reason = fault(answer(layers), right, span)
        except Exception as error:  # noqa: BLE001 - compilers and drivers raise what they like
            reason = (str(error).splitlines() or [type(error).__name__])[0]
        else:
            if reason is None:
                return name, layers
            del layers  # before the next way takes memory
        _log.info("not %s: %s", name, reason)
        reasons.append(f"{name}: {reason}")
    raise NoFastWay("; ".join(reasons))


def fault(answer: Tensor, right: Tensor, span: float) -> str | None:
    """Why `answer` cannot stand for `right`, whose values lie `span` apart at most; None where it can."""
    if not bool(torch.isfinite(answer).all()):
        return "it answered NaN or infinity"
    if bool(answer.amax() == answer.amin()):
        return "it answered one colour"
    near = psnr(answer, right, span)
    return None if near >= GATE else f"it is only {near:.0f} dB near full precision"


def psnr(answer: Tensor, right: Tensor, span: float) -> float:
    """Decibels: `span` squared by the mean squared difference."""
    noise = (answer.double() - right.double()).square().mean().clamp_min(_LEAST_NOISE)
    return float(10.0 * torch.log10(span**2 / noise))


def trial_picture(size: int, blotches: int, device: torch.device) -> Tensor:
    """(1, size, size, 3) bytes, always the same: `blotches` of colour per side, as coarse as a face's parts, and grain.

    White noise alone would be answered with little but noise, to which everything is near.
    """
    random = torch.Generator().manual_seed(0)
    coarse = F.interpolate(torch.rand(1, 3, blotches, blotches, generator=random), size, mode="bicubic")
    picture = coarse + _GRAIN * torch.randn(1, 3, size, size, generator=random)
    return (picture.clamp(0, 1) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().to(device)
