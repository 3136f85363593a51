"""Networks from picture to picture, in torch: bytes go to the device and bytes come back, nothing larger."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from liveswapping.domain.errors import GPUMemoryError, ModelLoadError
from liveswapping.domain.frame import Image
from liveswapping.inference.architecture import Architecture, FastWay, N, Way
from liveswapping.inference.batching import BatchLimit
from liveswapping.inference.cuda.agreement import NoFastWay
from liveswapping.inference.cuda.graphs import WrongAnswer
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.footprint import bytes_taken
from liveswapping.inference.judgement import fault
from liveswapping.inference.networks.checkpoint import load_network
from liveswapping.inference.outcome import Kind, Outcome, Refusal, failure
from liveswapping.inference.room import room_on

_log = logging.getLogger(__name__)
_CPU: Final = TorchDevice("cpu")
GRAPHS: Final = "CUDA graphs"
"""What a refusal calls the fast way."""
_SMALL: Final = 512 * 512
"""Pixels that fit wherever a network does: one restored face."""

A = TypeVar("A")


class TorchPictures(Generic[N]):
    """One network on one device, in the fastest way that gives the right answer. One thread at a time.

    The base of what runs a published network: it says where it runs, and moves when it has to: from a way of its own
    to the network in half precision, to full precision, to the processor.
    """

    def __init__(self, architecture: Architecture[N], path: Path, device: TorchDevice) -> None:
        """Load, move and probe. Raises ModelLoadError and GPUMemoryError."""
        self._architecture = architecture
        self._path = path
        self._limit = BatchLimit(path.name)
        self._device = device
        self._refusals = list(device.why_not)
        self._way = Way.FAST if device.records else Way.HALF if device.half else Way.FULL
        self._network: N | None = None
        self._fast: FastWay | None = None
        self._most_pixels = _SMALL
        self._bytes_a_pixel: float | None = None
        self._place()

    @property
    def network(self) -> N:
        """The module, where it runs; beside a way of its own, only what that does not do.

        Raises ModelLoadError after `close`.
        """
        if self._network is None:
            raise ModelLoadError(f"{self._path.name} was closed and cannot run any more; load it again")
        return self._network

    def close(self) -> None:
        """Release the weights."""
        self._network = self._fast = None
        gc.collect()
        with suppress(RuntimeError):  # of a card that is lost
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
        """fp16, bf16 or fp32."""
        return "fp32" if self._way is Way.FULL else "bf16" if self._device.bfloat else "fp16"

    @property
    def _half(self) -> torch.dtype:
        return torch.bfloat16 if self._device.bfloat else torch.float16

    @property
    def way(self) -> str:
        """How it is computed, for users; more than the precision only on cards with a way of its own."""
        return self.precision if self._fast is None else self._fast.name

    @property
    def why_not(self) -> tuple[Refusal, ...]:
        """Why faster devices were not taken, or were left."""
        return tuple(self._refusals)

    def run_pictures(
        self, pictures: Image, beside: Callable[[], Tensor] | None = None, *, may_split: bool = False
    ) -> Image:
        """(n, h, w, 3) BGR bytes -> (n, h', w', 3) BGR bytes; `beside` gives (n, …) where the network takes it.

        As many go at once as free memory lets foresee. Where it runs out all the same, half as many are tried, then
        less of it, then the processor; `beside` is asked again after every step, as what lay on a lost card is lost.
        Raises GPUMemoryError, with `may_split` before one picture is begun that will not fit, and before the device is
        left: the caller can cut it into smaller ones.
        """

        def attempt(parts: Sequence[slice]) -> Image:
            with_them = None if beside is None else beside()
            answers = [self._bytes(pictures[p], None if with_them is None else with_them[p]) for p in parts]
            return answers[0] if len(answers) == 1 else np.concatenate(answers)

        return self._until_it_runs(attempt, len(pictures), pictures[0, ..., 0].size, may_split=may_split)

    def run_tensors(self, pictures: Tensor, beside: Callable[[], Tensor] | None = None) -> Tensor:
        """(n, 3, h, w) RGB in the network's own range -> the same, float32, on the device; else as `run_pictures`."""

        def attempt(parts: Sequence[slice]) -> Tensor:
            with_them = None if beside is None else beside()
            answers = [self.run_tensor(pictures[p], None if with_them is None else with_them[p]) for p in parts]
            answer = answers[0] if len(answers) == 1 else torch.cat(answers)
            self._look_at(answer)
            return answer

        return self._until_it_runs(attempt, len(pictures), pictures[0, 0].numel())

    def _until_it_runs(
        self, attempt: Callable[[list[slice]], A], batch: int, pixels: int, *, may_split: bool = False
    ) -> A:
        while True:
            parts = self._limit.parts(batch)
            try:
                self._foresee(batch, pixels, may_split)
                parts = self._limit.parts(batch)
                return attempt(parts)
            except WrongAnswer as error:
                outcome = Outcome(Kind.WRONG, str(error))
            except RuntimeError as error:
                outcome = failure(error)
                if outcome.kind is not Kind.MEMORY and self._device.name == _CPU.name and self._fast is None:
                    raise  # no driver is to blame
            largest = max(part.stop - part.start for part in parts)
            if may_split and outcome.kind is Kind.MEMORY and largest == 1:
                self._release()
                raise GPUMemoryError(f"{self._path.name}: {outcome.reason}")
            self._retreat(outcome.kind, outcome.reason, largest)

    def _foresee(self, batch: int, pixels: int, may_split: bool) -> None:
        """Before more goes through at once than ever: how many pictures of so many pixels fit, by what few take."""
        if batch * pixels <= self._most_pixels:
            return
        if self._bytes_a_pixel is None:
            picture, beside = self._architecture.probe(self.network)
            taken = bytes_taken(self._device.name, lambda: self.run_tensor(picture, beside))
            self._bytes_a_pixel = max(1, taken) / picture[0, 0].numel()
        each, room = self._bytes_a_pixel * pixels, room_on(self._device.name)
        self._limit.foresee(batch, each, room, f"{self.provider} ({self.way})")
        if may_split and each > room:
            raise GPUMemoryError(f"{self._path.name}: {each / 1e9:.1f} GB are needed, {room / 1e9:.1f} GB may be taken")
        self._most_pixels = batch * pixels

    @torch.inference_mode()
    def run_tensor(self, picture: Tensor, beside: Tensor | None) -> Tensor:
        """(B, 3, h, w) RGB in the network's own range -> the same, float32, on the device. Falls back to nothing."""
        here = picture.to(self._device.name, self._half if self._way is Way.HALF else torch.float32)
        with_it = None if beside is None else beside.to(self._device.name)
        if self._fast is not None:
            low = self._architecture.low
            levels = ((here - low) * (255.0 / (1.0 - low))).flip(1).permute(0, 2, 3, 1).contiguous()
            return self._fast.computed(levels, with_it).flip(3).permute(0, 3, 1, 2).float()
        if self._device.name == "cuda" or (self._way is Way.HALF and self._device.bfloat):
            here = here.contiguous(memory_format=torch.channels_last)
        return self._architecture.run(self.network, here, with_it).float()

    def _bytes(self, pictures: Image, beside: Tensor | None) -> Image:
        if self._fast is not None:
            return self._fast(pictures, beside)
        low = self._architecture.low
        scale = (1.0 - low) / 255.0
        given = torch.from_numpy(np.ascontiguousarray(pictures)).to(self._device.name)
        answer = self.run_tensor(given.flip(-1).permute(0, 3, 1, 2).float() * scale + low, beside)
        self._look_at(answer)
        whole = ((answer - low) / scale).round_().clamp_(0, 255).to(torch.uint8)
        return np.asarray(whole.permute(0, 2, 3, 1).flip(-1).cpu().numpy())

    def _look_at(self, answer: Tensor) -> None:
        """Raise WrongAnswer for what half precision may do to a picture."""
        if self._way is Way.FULL:
            return
        darkest, brightest = torch.aminmax(answer)
        if not bool(torch.isfinite(brightest - darkest)) or bool(brightest == darkest):
            raise WrongAnswer(f"it answered NaN or one colour in {self.precision}")

    def _place(self) -> None:
        """Load the weights onto the device; what is faster than full precision has to prove itself."""
        network = load_network(self._architecture.network, self._path, self._architecture.title)
        try:
            self._network = network.to(self._device.name)
            self._hasten(network)
            wrong = self._halved(network) if self._way is Way.HALF else None
        except RuntimeError as error:
            del network
            outcome = failure(error)
            self._retreat(outcome.kind if outcome.kind is Kind.MEMORY else Kind.FAILED, outcome.reason, 1)
            return
        if wrong is not None:
            del network
            self._retreat(Kind.WRONG, wrong, 1)

    def _hasten(self, network: N) -> None:
        """Take the way of its own, where it is that one's turn and it is right; weights that it copied are let go."""
        if self._way is not Way.FAST:
            return
        try:
            self._fast = self._architecture.fast(network, self._device)
        except NoFastWay as error:
            _log.info("%s: not as %s: %s", self._path.name, GRAPHS, error)
            self._refusals.append(Refusal(GRAPHS, str(error)))
            self._way = Way.HALF
        else:
            network.shed()
            _log.info("%s runs on %s: %s", self._path.name, self.provider, self._fast.name)
        self._release()

    def _halved(self, network: N) -> str | None:
        """Turn the network to half precision; what is wrong with its answer then."""
        picture, beside = self._architecture.probe(network)
        self._way = Way.FULL
        full = self.run_tensor(picture, beside)
        self._way = Way.HALF
        network.halve(self._half)
        network.lay_channels_last()
        return fault([self.run_tensor(picture, beside).cpu().numpy()], [full.cpu().numpy()])

    def _retreat(self, kind: Kind, reason: str, batch: int) -> None:
        """After no memory: fewer at once, then less of it, then the processor; after a wrong answer: full precision.

        What fails otherwise goes on without a way of its own, then on the processor.
        """
        if kind is Kind.MEMORY:
            self._release()
            if self._limit.halve(batch, f"{self.provider} ({self.way})"):
                return
        if kind is Kind.WRONG and self._way is not Way.FULL:
            _log.warning("%s: %s in %s: %s; going on in fp32", self._path.name, self.provider, self.precision, reason)
            self._way = Way.FULL
        elif self._way is Way.FAST:
            _log.warning("%s: not as %s: %s", self._path.name, GRAPHS, reason)
            self._refusals.append(Refusal(GRAPHS, reason))
            self._way = Way.HALF
        elif self._device.name != _CPU.name:
            _log.warning("%s: not on %s: %s", self._path.name, self.provider, reason)
            self._refusals.append(Refusal(self.provider, reason))
            self._device, self._way = _CPU, Way.FULL
        elif kind is Kind.MEMORY:
            raise GPUMemoryError(f"{self._path.name} does not fit into memory, not even on cpu; close other programs")
        else:
            raise ModelLoadError(f"{self._path.name} cannot be run ({reason}); use another file")
        self._limit.reset()
        self._most_pixels, self._bytes_a_pixel = _SMALL, None
        self.close()  # before the next copy of the weights is made
        self._place()

    def _release(self) -> None:
        """Give the device back what can be made again."""
        if self._fast is not None:
            self._fast.forget()
        with suppress(RuntimeError):
            torch.cuda.empty_cache()
