"""Networks from picture to picture, in torch: bytes go to the device and bytes come back, nothing larger."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from liveswapping.domain.errors import GPUMemoryError, ModelLoadError
from liveswapping.domain.frame import Image
from liveswapping.inference.batching import BatchLimit
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.judgement import fault
from liveswapping.inference.networks.checkpoint import load_network
from liveswapping.inference.networks.published import PublishedNetwork
from liveswapping.inference.outcome import Kind, Outcome, Refusal, failure

_log = logging.getLogger(__name__)
_CPU: Final = TorchDevice("cpu")


N = TypeVar("N", bound=PublishedNetwork)


@dataclass(frozen=True, slots=True)
class Architecture(Generic[N]):
    """What there is to know of a network to run it."""

    network: type[N]
    title: str
    """What messages call it."""
    run: Callable[[N, Tensor, Tensor | None], Tensor]
    """(B, 3, h, w) RGB, and what goes with it -> (B, 3, h', w') RGB."""
    low: float
    """What black is: 0 where white is 1, or -1."""
    probe: Callable[[N], tuple[Tensor, Tensor | None]]
    """A small input of the right kind, float32; what goes with it lies where the network does."""


class TorchPictures(Generic[N]):
    """One network on one device, at the fastest precision that gives the right answer. One thread at a time.

    The base of what runs a published network: it says where it runs, and moves when it has to.
    """

    def __init__(self, architecture: Architecture[N], path: Path, device: TorchDevice) -> None:
        """Load, move and probe. Raises ModelLoadError and GPUMemoryError."""
        self._architecture = architecture
        self._path = path
        self._limit = BatchLimit(path.name)
        self._device = device
        self._refusals = list(device.why_not)
        self._half = device.half
        self._network: N | None = None
        self._place()

    @property
    def network(self) -> N:
        """The module, where it runs. Raises ModelLoadError after `close`."""
        if self._network is None:
            raise ModelLoadError(f"{self._path.name} was closed and cannot run any more; load it again")
        return self._network

    def close(self) -> None:
        """Release the weights."""
        self._network = None
        gc.collect()
        torch.cuda.empty_cache()

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return torch.device(self._device.name)

    @property
    def provider(self) -> str:
        """cuda, mps or cpu."""
        return self._device.name

    @property
    def precision(self) -> str:
        """fp16 or fp32."""
        return "fp16" if self._half else "fp32"

    @property
    def why_not(self) -> tuple[Refusal, ...]:
        """Why faster devices were not taken, or were left."""
        return tuple(self._refusals)

    def run_pictures(
        self, pictures: Image, beside: Callable[[], Tensor] | None = None, *, may_split: bool = False
    ) -> Image:
        """(n, h, w, 3) BGR bytes -> (n, h', w', 3) BGR bytes; `beside` gives (n, …) where the network takes it.

        Where memory runs out, half as many are tried, then the processor; `beside` is asked again after every step,
        as what lay on a lost card is lost. Raises GPUMemoryError, with `may_split` before the device is left: the
        caller can cut one picture into smaller ones.
        """
        while True:
            parts = self._limit.parts(len(pictures))
            try:
                with_them = None if beside is None else beside()
                answers = [self._bytes(pictures[p], None if with_them is None else with_them[p]) for p in parts]
                return answers[0] if len(answers) == 1 else np.concatenate(answers)
            except _WrongAnswer as error:
                outcome = Outcome(Kind.WRONG, str(error))
            except RuntimeError as error:
                outcome = failure(error)
                if outcome.kind is not Kind.MEMORY and self._device.name == _CPU.name:
                    raise  # no driver is to blame
            largest = max(part.stop - part.start for part in parts)
            if may_split and outcome.kind is Kind.MEMORY and largest == 1:
                torch.cuda.empty_cache()
                raise GPUMemoryError(f"{self._path.name}: {outcome.reason}")
            self._retreat(outcome.kind, outcome.reason, largest)

    @torch.inference_mode()
    def run_tensor(self, picture: Tensor, beside: Tensor | None) -> Tensor:
        """(B, 3, h, w) RGB in the network's own range -> the same, float32, on the device."""
        kind = torch.float16 if self._half else torch.float32
        here = picture.to(self._device.name, kind)
        if self._device.name == "cuda":
            here = here.contiguous(memory_format=torch.channels_last)
        with_it = None if beside is None else beside.to(self._device.name)
        return self._architecture.run(self.network, here, with_it).float()

    def _bytes(self, pictures: Image, beside: Tensor | None) -> Image:
        low = self._architecture.low
        scale = (1.0 - low) / 255.0
        given = torch.from_numpy(np.ascontiguousarray(pictures)).to(self._device.name)
        answer = self.run_tensor(given.flip(-1).permute(0, 3, 1, 2).float() * scale + low, beside)
        if self._half:
            darkest, brightest = torch.aminmax(answer)
            if not bool(torch.isfinite(brightest - darkest)) or bool(brightest == darkest):
                raise _WrongAnswer("it answered NaN or one colour in fp16")
        whole = ((answer - low) / scale).round_().clamp_(0, 255).to(torch.uint8)
        return np.asarray(whole.permute(0, 2, 3, 1).flip(-1).cpu().numpy())

    def _place(self) -> None:
        """Load the weights onto the device; half precision has to prove itself."""
        network = load_network(self._architecture.network, self._path, self._architecture.title)
        try:
            self._network = network.to(self._device.name)
            if not self._half:
                return
            picture, beside = self._architecture.probe(network)
            self._half = False
            full = self.run_tensor(picture, beside)
            self._half = True
            network.halve()
            _channels_last(network)
            wrong = fault([self.run_tensor(picture, beside).cpu().numpy()], [full.cpu().numpy()])
        except RuntimeError as error:
            del network
            outcome = failure(error)
            self._retreat(outcome.kind if outcome.kind is Kind.MEMORY else Kind.FAILED, outcome.reason, 1)
            return
        if wrong is not None:
            del network
            self._retreat(Kind.WRONG, wrong, 1)

    def _retreat(self, kind: Kind, reason: str, batch: int) -> None:
        """After no memory: fewer at once, then the processor. After a wrong answer: full precision, then that."""
        if kind is Kind.MEMORY:
            torch.cuda.empty_cache()
            if self._limit.halve(batch, self.provider):
                return
        if kind is Kind.WRONG and self._half:
            _log.warning("%s: %s in fp16: %s; going on in fp32", self._path.name, self.provider, reason)
        elif self._device.name != _CPU.name:
            _log.warning("%s: not on %s: %s", self._path.name, self.provider, reason)
            self._refusals.append(Refusal(self.provider, reason))
            self._device = _CPU
        elif kind is Kind.MEMORY:
            raise GPUMemoryError(f"{self._path.name} does not fit into memory, not even on cpu; close other programs")
        else:
            raise ModelLoadError(f"{self._path.name} cannot be run ({reason}); use another file")
        self._half = False
        self._limit.reset()
        self.close()  # before the next copy of the weights is made
        self._place()


class _WrongAnswer(RuntimeError):
    """A picture that cannot be right."""


def _channels_last(network: torch.nn.Module) -> None:
    """Lay out a network's convolution weights as its pictures are laid out.

    `Module.to` would refuse GFPGAN, whose modulated convolutions have weights of five dimensions.
    """
    for weight in network.parameters():
        if weight.dim() == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
