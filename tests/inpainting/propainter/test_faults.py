"""Memory that runs out inside the real networks, at whichever of their parts: a step down, and the same pictures."""

import numpy as np
import pytest
import torch

from liveswapping.inference.networks.propainter import correlation
from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inpainting.propainter import engine as engine_module
from liveswapping.inpainting.propainter.engine import Networks, ProPainterInpainter
from liveswapping.inpainting.propainter.planner import plan
from liveswapping.inpainting.propainter.schedule import Schedule
from liveswapping.inpainting.propainter.settings import ProPainterSettings
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import fill_film
from tests.inpainting.propainter.stand_ins import StandInCompletion, StandInGenerator, StandInRaft, clip

SCHEDULE = Schedule(12, 4, 4)
MEMORY = 10**9
"""Bytes of a card on which every ladder has its exact steps and, below them, smaller ones."""


class Crowded:
    """Counts how often each part is entered, and refuses memory at the calls that it is told."""

    def __init__(self, part=None, at=()):
        self.part, self.at = part, set(at)
        self.calls = {}

    def enter(self, part):
        number = self.calls[part] = self.calls.get(part, -1) + 1
        if part == self.part and number in self.at:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    def watch(self, part, module):
        module.register_forward_pre_hook(lambda *_: self.enter(part))

    def wrap(self, monkeypatch, part, owner, name):
        really = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, **named: (self.enter(part), really(*given, **named))[1])


@pytest.fixture(autouse=True)
def as_on_a_card(monkeypatch):
    """Ladders as for a card; everything runs on the processor all the same."""
    monkeypatch.setattr(engine_module, "plan", lambda size, given, device, record: plan(size, given, "cuda", record))


def _raft(crowded):
    torch.manual_seed(0)
    raft = Raft().eval()
    crowded.watch("context encoder", raft.cnet)
    crowded.watch("feature encoder", raft.fnet)
    return raft


def _completion(crowded):
    torch.manual_seed(0)
    completion = FlowCompletion().eval()
    crowded.watch("completion", completion.downsample)
    return completion


def _generator(crowded):
    torch.manual_seed(0)
    generator = InpaintGenerator().eval()
    crowded.watch("feature propagation", generator.feat_prop_module)
    for number, block in enumerate(generator.transformers.transformer):
        crowded.watch(f"block {number}", block)
    crowded.watch("decoder", generator.decoder)
    return generator


def _filled(crowded, real, frames):
    """A clip filled by one real network among stand-ins, and the steps that were taken."""
    stand_ins = {"raft": StandInRaft, "completion": StandInCompletion, "generator": StandInGenerator}
    made = {"raft": _raft, "completion": _completion, "generator": _generator}
    networks = [made[name](crowded) if name == real else stand_in() for name, stand_in in stand_ins.items()]
    record = Record()
    settings = ProPainterSettings(SCHEDULE, device_bytes=MEMORY, raft_iterations=2)
    engine = ProPainterInpainter(Networks(*networks), settings, "cpu", record)
    try:
        pictures = np.stack(list(fill_film(iter(clip(frames)), engine, 0, cuts=False)))
    finally:
        engine.close()
    return pictures, record.metrics()["fallbacks"]


FRAMES = {"raft": 8, "completion": 8, "generator": 5}


@pytest.fixture(scope="module")
def undisturbed():
    """What each network makes of its clip, and how often each of its parts is entered for that."""
    found = {}

    def of(real):
        if real not in found:
            with pytest.MonkeyPatch.context() as patch:
                crowded = Crowded()
                _watch_levels(crowded, patch)
                found[real] = (_filled(crowded, real, FRAMES[real])[0], crowded.calls)
        return found[real]

    return of


def _watch_levels(crowded, monkeypatch):
    crowded.wrap(monkeypatch, "volume", correlation._Volume, "__init__")
    crowded.wrap(monkeypatch, "lookup", correlation._Volume, "__call__")


PARTS = [
    *(("raft", part) for part in ("context encoder", "feature encoder", "volume", "lookup")),
    ("completion", "completion"),
    *(("generator", part) for part in ("feature propagation", "block 0", "block 7", "decoder")),
]
STEPS = {
    "raft": ["whole volumes;", "lookups without a volume;"],
    "completion": ["less at hand;", "GPU OOM, falling back to CPU..."],
    "generator": ["pieces of 20 MB;", "pieces of 16 MB;", "GPU OOM, falling back to CPU..."],
}
"""What is done instead, in the documented order, as far as it changes no picture."""


@pytest.mark.parametrize(("real", "part"), PARTS, ids=[part for _, part in PARTS])
def test_a_part_without_memory_costs_the_documented_steps_and_not_the_pictures(real, part, undisturbed, monkeypatch):
    expected, calls = undisturbed(real)
    steps, last = STEPS[real], calls[part]
    first_and_last = {0, last + 1}  # what failed once is called once more
    for at in [{*first_and_last, last // 2 + 1}] if len(steps) > 2 else [first_and_last, {last // 2}]:
        with monkeypatch.context() as patch:
            crowded = Crowded(part, at)
            _watch_levels(crowded, patch)
            pictures, taken = _filled(crowded, real, FRAMES[real])
        assert len(taken) == len(at)
        for step, documented in zip(taken, steps, strict=False):
            assert documented in step + ";"
        off = np.abs(pictures.astype(int) - expected)
        assert off.max() <= 1
        assert (off > 0).mean() < 0.001
