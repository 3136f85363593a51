"""How fast the neural engines are on a CUDA card: `python scripts/benchmark_gpu.py [--soak] [--json]`.

The published product's steps and ours are timed in one run, with weights made from their names (figures of speed do
not depend on weights):

- the swap network at 128, 256 and 512 pixels: `eager_ms`, float32 as published (with torch's defaults: convolutions
  may use TF32); `simple_graph_ms`, the plain module in half precision, channels last, as a graph; `ms`, ours, between
  events on the card; `host_ms`, ours from bytes in host memory to bytes in host memory. `psnr_db` is ours against
  float32 without TF32. `groups`: of each part of the network its time, the matrix work it really does and the work of
  the convolutions that this stands for, each as a share of the rate of a large matrix product on the same card;
- four faces in one batch against one;
- a whole frame of 1920×1080 with one face, a crop of 384 pixels of it: cut, swap, masks, light, paste, and a copy of
  the frame; the published steps are in `measures/published_frame.py`. Analysis is in neither;
- GFPGAN at 512 pixels, eager float32 against ours;
- `product`: what a user gets, from files like the published ones to bytes: `load_model`, the engine, the restorers.

`--live` measures, instead of all that, the whole live path of the product: a camera of drawn frames of 1920×1080 with
one face, MediaPipe's analyser, masks, ReSwapper at 128 pixels, privacy, a sink; once more with GFPGAN on every frame.
Asked for are 200 frames a second with 95 of 100 within 8 ms of their capture, 60 with GFPGAN, and device memory that
stays within 50 MB over `--frames` frames.

`--soak` adds 10,000 swaps and 50 changes of the product's engine, and how host and device memory moved meanwhile. With
`--json`, the last thing printed is one JSON object. The exit code is 1 where a bar does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.domain.face import Face
from liveswapping.imaging.align import SWAP
from liveswapping.inference.cuda import gfpgan as restoration
from liveswapping.inference.cuda.agreement import psnr
from liveswapping.inference.cuda.gfpgan import fast_gfpgan
from liveswapping.inference.cuda.gfpgan_layers import GfpganLayers
from liveswapping.inference.cuda.reswapper import exact, fast_reswapper
from liveswapping.inference.cuda.reswapper_layers import PlainLayers, WinogradLayers
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from scripts.measures.bars import Bar
from scripts.measures.card_product import Figures, Files, enlarged, frame_ms, published_files, restored, soak, swaps
from scripts.measures.device_time import copy_rate, device_ms, host_ms, matrix_rate, recorded_ms
from scripts.measures.matrix_work import matrix_work
from scripts.measures.published_frame import published_frame
from tests.named_weights import filled

LIMITS: Final = {128: 1.4, 256: 3.9, 512: 14.0}
"""Milliseconds of the swap network."""
NEAR: Final = 50.0
"""dB to float32."""
FRAME: Final = (1080, 1920)
MAGNIFIED: Final = 3.0
"""Pixels of the frame for each pixel of a crop of 128."""


@torch.inference_mode()
def styles_of(network: StyleTransferModel, latents: Tensor) -> Tensor:
    """All that depends on the sources."""
    return network.styles(latents)


def faces(count: int, size: int) -> Tensor:
    """(count, size, size, 3) blotches and noise, on the card."""
    random = torch.Generator().manual_seed(count * size)
    blotches = F.interpolate(torch.rand(count, 3, 9, 9, generator=random), size, mode="bicubic")
    pictures = blotches + 0.03 * torch.randn(count, 3, size, size, generator=random)
    return (pictures.clamp(0, 1) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().cuda()


def latents(count: int) -> Tensor:
    """(count, 512) sources, on the card."""
    return F.normalize(torch.randn(count, LATENT, generator=torch.Generator().manual_seed(1))).cuda()


class SwapBench:
    """The swap network in all the ways that are compared."""

    def __init__(self) -> None:
        from liveswapping.inference.cuda.reswapper_triton import TritonSteps

        self.network: StyleTransferModel = filled(StyleTransferModel, "reswapper").cuda()
        self.fast = fast_reswapper(self.network)
        self._plain = PlainLayers(self.network)
        self._tiles = WinogradLayers(self.network, TritonSteps(torch.device("cuda")), torch.float16)

    @torch.inference_mode()
    def at(self, size: int, count: int, rate: float) -> Figures:
        """Figures of one size and batch; `rate`: of matrix products on this card."""
        crops, sources = faces(count, size), latents(count)
        styles = styles_of(self.network, sources)
        target, host = crops.flip(3).permute(0, 3, 1, 2).float() / 255, crops.cpu().numpy()
        near = psnr(self._tiles(crops, styles, torch.float32), exact(self.network, crops, styles), 1.0)
        return {
            "size": size,
            "faces": count,
            "eager_ms": device_ms(lambda: self.network(target, sources), 10),
            "simple_graph_ms": recorded_ms(lambda: self._plain(crops, styles)),
            "ms": recorded_ms(lambda: self._tiles(crops, styles)),
            "host_ms": host_ms(lambda: self.fast(host, styles)),
            "psnr_db": near,
            "groups": list(self._groups(crops, styles, rate)),
        }

    def _groups(self, crops: Tensor, styles: Tensor, rate: float) -> Iterator[Figures]:
        tiles = self._tiles
        features = tiles.encoded(crops)
        styled = tiles.styled(features, styles)
        calls: dict[str, Callable[[], object]] = {
            "encoder": lambda: tiles.encoded(crops),
            "style blocks": lambda: tiles.styled(features, styles),
            "decoder": lambda: tiles.decoded(styled),
        }
        for name, call in calls.items():
            milliseconds = recorded_ms(call)
            done, meant = (len(crops) * work for work in matrix_work(self.network, name, crops.shape[1]))
            possible = 1e-3 * milliseconds * rate
            yield {"name": name, "ms": milliseconds, "share": done / possible, "direct_share": meant / possible}


def whole_frame(bench: SwapBench, files: Files, size: int) -> Figures:
    """A frame with one face, as published and by the product."""
    random = np.random.default_rng(0)
    height, width = FRAME
    frame = cv2.resize(random.integers(0, 256, (17, 30, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    image = np.asarray(frame, np.uint8)
    turned = (np.array(SWAP.points) - 64.0) @ np.array([[0.995, 0.1], [-0.1, 0.995]])
    keypoints = (turned * MAGNIFIED + (width / 2, height / 2)).astype(np.float32)
    box = np.concatenate((keypoints.min(axis=0), keypoints.max(axis=0)))
    face = Face(box, keypoints, 1.0, embedding=random.standard_normal(LATENT).astype(np.float32))
    source, matrix = latents(1), SWAP.matrix(keypoints, size)
    published_ms = host_ms(lambda: published_frame(bench.network, image, matrix, size, source), 20)
    return {"size": size, "published_ms": published_ms, "ms": frame_ms(files, size, image, face)}


@torch.inference_mode()
def restored_face() -> Figures:
    """GFPGAN, eager in float32 and ours."""
    from liveswapping.inference.cuda.gfpgan_triton import TritonGfpganSteps

    network: GfpganClean = filled(GfpganClean, "gfpgan").cuda()
    fast, given = fast_gfpgan(network), restoration.probe(network)
    layers = GfpganLayers(network, TritonGfpganSteps(), torch.float16)
    target, host = given.flip(3).permute(0, 3, 1, 2) / 127.5 - 1.0, given.cpu().numpy()
    right = restoration.exact(network, given)
    return {
        "way": fast.name,
        "eager_ms": device_ms(lambda: network.restore(target), 10),
        "ms": recorded_ms(lambda: layers(given)),
        "host_ms": host_ms(lambda: fast(host)),
        "psnr_db": psnr(layers(given, torch.float32), right, float(right.amax() - right.amin())),
    }


def bars(result: Figures) -> Iterator[Bar]:
    """What is asked of the figures."""
    networks = {(row["size"], row["faces"]): row for row in cast(list[dict[str, float]], result["swap"])}
    for size, limit in LIMITS.items():
        yield Bar(f"swap network at {size}, ms", networks[size, 1]["ms"], limit)
        yield Bar(f"its PSNR to float32 at {size}, dB", networks[size, 1]["psnr_db"], NEAR, at_least=True)
    yield Bar("four faces at 128 by one", networks[128, 4]["ms"] / networks[128, 1]["ms"], 3.0)
    products = cast(list[dict[str, float]], result["product"]["swap"])  # type: ignore[index]
    by_size = {row["size"]: row["ms"] for row in products if row.get("faces") == 1}
    for size, limit in LIMITS.items():
        yield Bar(f"product's engine at {size}, bytes to bytes, ms", by_size[size], limit)
    for row in cast(list[dict[str, float]], result["frame"]):
        yield Bar(f"whole frame with crops of {row['size']}, times faster", row["published_ms"] / row["ms"], 15.0, True)
    face = cast(dict[str, float], result["gfpgan"])
    yield Bar("GFPGAN, times faster", face["eager_ms"] / face["ms"], 3.0, at_least=True)
    if "soak" in result:
        for name, value in cast(dict[str, float], result["soak"]).items():
            if name.endswith("_mb"):
                yield Bar(f"memory, {name}", value, 50.0 if "device" in name else 30.0)


def live_figures(files: Files, frames: int, camera_fps: float) -> tuple[list[Figures], list[Bar]]:
    """The live path, with and without restoration."""
    from scripts.measures.live_card import drawn, live

    pictures, person = drawn()
    rows, asked = [], []
    for restore, count, wanted in ((False, frames // 10, 200.0), (True, frames // 20, 60.0), (False, frames, 200.0)):
        row = live(files, pictures, person, count, camera_fps, restore=restore)
        print(json.dumps(row), flush=True)
        rows.append(row)
        name = f"live, {count} frames{' with GFPGAN' if restore else ''}"
        asked.append(Bar(f"{name}, a second", cast(float, row["fps"]), wanted, at_least=True))
        asked.append(Bar(f"{name}, swapped of all", cast(float, row["swapped"]), 0.99, at_least=True))
        if not restore:
            asked.append(Bar(f"{name}, 95 of 100 within, ms", cast(float, row["p95_ms"]), 8.0))
        asked.append(Bar(f"{name}, device memory, MB", cast(float, row["device_mb"]), 50.0))
    return rows, asked


def main() -> int:
    """Measure, print, and say whether all bars hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak", action="store_true", help="also swap and change engines for minutes")
    parser.add_argument("--live", action="store_true", help="measure the live path instead")
    parser.add_argument("--frames", type=int, default=20_000, help="of the live path's longest run")
    parser.add_argument("--camera_fps", type=float, default=240.0, help="what the drawn camera gives")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        print("there is no CUDA card here", file=sys.stderr)
        return 2
    if chosen.live:
        with published_files() as files:
            rows, asked = live_figures(files, chosen.frames, chosen.camera_fps)
        print("\n".join(map(str, asked)))
        if chosen.json:
            print(json.dumps({"live": rows, "bars": [bar.entry() for bar in asked]}))
        return 0 if all(bar.holds for bar in asked) else 1
    rate = matrix_rate()
    result: Figures = {
        "card": torch.cuda.get_device_name(),
        "matrix_tflops": rate / 1e12,
        "copy_tb": copy_rate() / 1e12,
    }
    with published_files() as files:
        bench = SwapBench()
        result["way"] = bench.fast.name
        result["swap"] = [bench.at(size, count, rate) for size, count in ((128, 1), (128, 4), (256, 1), (512, 1))]
        result["frame"] = [whole_frame(bench, files, size) for size in (128, 256)]
        del bench
        result["gfpgan"] = restored_face()
        result["product"] = {
            "swap": list(swaps(files)),
            "gfpgan": restored(files),
            "realesrgan": enlarged(files),
        }
        if chosen.soak:
            result["soak"] = soak(files)
    asked = list(bars(result))
    result["bars"] = [bar.entry() for bar in asked]
    print("\n".join(map(str, asked)))
    if chosen.json:
        print(json.dumps(result))
    return 0 if all(bar.holds for bar in asked) else 1


if __name__ == "__main__":
    sys.exit(main())
