"""How fast the neural engines are on this processor: `python scripts/benchmark_cpu.py [--frames CLIP] [--json]`.

ReSwapper at 128 pixels and GFPGAN at 512, with weights made from their names (speed does not depend on weights), in
every way that is possible here, each in a process of its own: ONNX Runtime and torch in float32, torch and OpenVINO in
bfloat16, OpenVINO in int8, calibrated on three of four of the frames. Every round measures all of them; the best of the
rounds counts. `psnr_db` is the distance to float32 on the frames that were not calibrated with.

Frames: the faces of a clip (`--frames`), or of the built-in animated portrait. With `--json`, the last thing printed is
one JSON object. The exit code is 1 where a bar does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from liveswapping.calibration import face_crops
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.align import FFHQ, SWAP, Framing
from liveswapping.inference.calibrate import LEAST, calibrate, restoring_feeds, split, swap_feeds
from liveswapping.inference.cpu_timing import Method, Work, time_in_child
from liveswapping.inference.devices import processor_has_bf16
from liveswapping.inference.driver import processor
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.on_processor import gfpgan_subject, reswapper_subject
from liveswapping.inference.openvino_runtime import has_bf16
from liveswapping.inference.providers import Setup
from liveswapping.inference.quantise import Feed, peak_signal_to_noise
from liveswapping.inference.settling import Subject
from scripts.measures.bars import Bar
from tests.named_weights import filled

ENOUGH: Final = 16
"""Faces."""
REFERENCE: Final = Method("onnxruntime", "fp32")
BARS: Final = {"bf16": 1.8, "int8": 3.5}
"""How many times as fast as ONNX Runtime the swap network shall be."""


@dataclass(frozen=True, slots=True)
class Network:
    """One network, ready to be measured."""

    name: str
    subject: Subject
    low: float
    feeds: Sequence[Feed]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print what was found, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Measure the neural engines on this processor.")
    parser.add_argument("--frames", default="demo:", help="a clip or a folder that shows a face")
    parser.add_argument("--rounds", type=int, default=2, help="how often everything is measured")
    parser.add_argument("--networks", nargs="+", default=["reswapper128", "gfpgan"], help="which of the two")
    parser.add_argument("--cache", help="keep weights, ONNX and int8 files in this folder, for the next run")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    print(f"{processor()}; torch {torch.__version__}; bfloat16: {'yes' if processor_has_bf16() else 'no'}")
    found: dict[str, dict[str, dict[str, float]]] = {}
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(cache=Path(options.cache or folder))
        setup.cache.mkdir(parents=True, exist_ok=True)
        for network in networks(options.networks, options.frames, setup):
            figures = measured(network, setup, options.rounds)
            found[network.name] = figures
            bars += judged(network.name, figures)
    for bar in bars:
        print(bar)
    if options.json:
        print(json.dumps({"processor": processor(), "networks": found, "bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def networks(wanted: Sequence[str], frames: str, setup: Setup) -> Iterator[Network]:
    """Each network with its weights in a file like the published one, and what it is fed with."""
    if "reswapper128" in wanted:
        file = setup.cache / "reswapper128.pth"
        if not file.is_file():
            torch.save(filled(StyleTransferModel, "reswapper").state_dict(), file)
        subject = reswapper_subject(file, 128, setup)
        crops = cropped(frames, SWAP, 128)
        yield Network("reswapper128", subject, 0.0, swap_feeds(subject.onnx(), crops, latents(len(crops))))
    if "gfpgan" in wanted:
        file = setup.cache / "gfpgan.pth"
        if not file.is_file():
            torch.save({"params_ema": filled(GfpganClean, "gfpgan").state_dict()}, file)
        subject = gfpgan_subject(file, setup)
        yield Network("gfpgan", subject, -1.0, restoring_feeds(subject.onnx(), cropped(frames, FFHQ, 512)))


def cropped(frames: str, framing: Framing, size: int) -> list[Image]:
    """(size, size, 3) BGR bytes each: faces of the clip."""
    return [seen.crop for seen in face_crops(frames, framing, size, ENOUGH)]


def latents(count: int) -> F32:
    """(n, 512) of unit length: as many people, whom nobody knows."""
    values = np.random.default_rng(0).standard_normal((count, LATENT)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def measured(network: Network, setup: Setup, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds, times as fast as ONNX Runtime, and dB to float32, of each method."""
    model, quantised = network.subject.onnx(), network.subject.quantised(setup)
    used, held_out = split(network.feeds)
    if not quantised.is_file():
        calibrate(model, network.feeds, quantised, network.low, keep_anyway=True)
    print(f"{network.name}: int8 calibrated on {len(used)} faces, tried on {len(held_out)} others")
    noise = {Method("openvino", "int8"): peak_signal_to_noise(model, quantised, held_out, network.low)}
    methods = [REFERENCE, Method("torch", "fp32"), Method("openvino", "fp32"), Method("openvino", "int8")]
    if processor_has_bf16():
        methods.append(Method("torch", "bf16"))
    if has_bf16():
        methods.append(Method("openvino", "bf16"))
        noise[Method("openvino", "bf16")] = peak_signal_to_noise(model, model, held_out, network.low, "bf16")
    times = {method: min(_once(method, network, setup) for _ in range(rounds)) for method in methods}
    figures = {}
    for method, took in sorted(times.items(), key=lambda item: item[1]):
        figures[str(method)] = {"ms": took, "times_as_fast": times[REFERENCE] / took}
        if method in noise:
            figures[str(method)]["psnr_db"] = noise[method]
        near = f", {noise[method]:.1f} dB" if method in noise else ""
        print(f"{network.name}: {method!s:18} {took:7.0f} ms, {times[REFERENCE] / took:5.2f} times as fast{near}")
    return figures


def _once(method: Method, network: Network, setup: Setup) -> float:
    subject = network.subject
    if method.runtime == "torch":
        return time_in_child(method, Work(subject.file, subject.size, setup, restores=subject.restores))
    return time_in_child(method, Work(subject.onnx(), subject.size, setup, subject.shapes, subject.quantised(setup)))


def judged(name: str, figures: dict[str, dict[str, float]]) -> Iterator[Bar]:
    """The bars of one network; only the swap network's speed has limits."""
    for precision, limit in BARS.items():
        best = [entry["times_as_fast"] for method, entry in figures.items() if method.endswith(precision)]
        if name == "reswapper128":
            yield Bar(
                f"{name} in {precision}, times ONNX Runtime in fp32", max(best, default=float("nan")), limit, True
            )
    yield Bar(f"{name} in int8, dB to fp32", figures["openvino int8"]["psnr_db"], LEAST, at_least=True)


if __name__ == "__main__":
    sys.exit(main())
