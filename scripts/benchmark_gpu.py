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
- GFPGAN at 512 pixels, eager float32 against ours.

`--soak` adds 10,000 swaps and 50 changes of the engine, and how host and device memory moved meanwhile. With `--json`,
the last thing printed is one JSON object. The exit code is 1 where a bar does not hold.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Final, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.domain.face import Face, Identity, Portrait, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.align import SWAP
from liveswapping.imaging.paste import paste
from liveswapping.inference.cuda import gfpgan as restoration
from liveswapping.inference.cuda.agreement import psnr
from liveswapping.inference.cuda.gfpgan import fast_gfpgan
from liveswapping.inference.cuda.gfpgan_layers import GfpganLayers
from liveswapping.inference.cuda.graphs import GraphedPictures
from liveswapping.inference.cuda.reswapper import exact, fast_reswapper
from liveswapping.inference.cuda.reswapper_layers import PlainLayers, WinogradLayers
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.outcome import Refusal
from liveswapping.swappers.aligned import AlignedSwapper
from scripts.measures.bars import Bar
from scripts.measures.device_time import copy_rate, device_ms, host_ms, matrix_rate, recorded_ms
from scripts.measures.matrix_work import matrix_work
from scripts.measures.published_frame import published_frame
from tests.named_weights import filled

Figures = dict[str, object]
LIMITS: Final = {128: 1.4, 256: 3.9, 512: 14.0}
"""Milliseconds of the swap network."""
NEAR: Final = 50.0
"""dB to float32."""
FRAME: Final = (1080, 1920)
MAGNIFIED: Final = 3.0
"""Pixels of the frame for each pixel of a crop of 128."""
SWAPS: Final = 10_000
CHANGES: Final = 50


class CardSwap:
    """The swap network as the engine wants it."""

    provider, precision = "cuda", "fp16"
    why_not: tuple[Refusal, ...] = ()

    def __init__(self, network: StyleTransferModel, fast: GraphedPictures, size: int) -> None:
        self.size = size
        self._network, self._fast = network, fast

    def prepare(self, latent: F32) -> Tensor:
        """The source's styles."""
        return styles_of(self._network, torch.from_numpy(latent)[None].cuda())

    def swap(self, crops: Image, sources: Sequence[Tensor]) -> Image:
        """As SwapNetwork's."""
        return self._fast(crops, torch.cat(list(sources)))

    def close(self) -> None:
        """Nothing is owned."""


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


def whole_frame(bench: SwapBench, size: int) -> Figures:
    """A frame with one face, as published and by ours."""
    random = np.random.default_rng(0)
    height, width = FRAME
    frame = cv2.resize(random.integers(0, 256, (17, 30, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    image = np.asarray(frame, np.uint8)
    turned = (np.array(SWAP.points) - 64.0) @ np.array([[0.995, 0.1], [-0.1, 0.995]])
    keypoints = (turned * MAGNIFIED + (width / 2, height / 2)).astype(np.float32)
    box = np.concatenate((keypoints.min(axis=0), keypoints.max(axis=0)))
    face = Face(box, keypoints, 1.0, embedding=random.standard_normal(LATENT).astype(np.float32))
    identity = Identity("someone", (Portrait(image, face),))
    swapper = AlignedSwapper(CardSwap(bench.network, bench.fast, size), np.eye(LATENT, dtype=np.float32))
    result = np.empty_like(image)

    def ours() -> None:
        np.copyto(result, image)
        paste(result, swapper.swap(image, [Target(face, identity)]))

    source, matrix = latents(1), SWAP.matrix(keypoints, size)
    published_ms = host_ms(lambda: published_frame(bench.network, image, matrix, size, source), 20)
    return {"size": size, "published_ms": published_ms, "ms": host_ms(ours, 100)}


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


def soak(bench: SwapBench) -> Figures:
    """Highest less lowest memory in megabytes: over many swaps, and over many changes of the engine."""
    crops, styles = faces(1, 128).cpu().numpy(), styles_of(bench.network, latents(1))
    on_host = bench.network.cpu()

    def swap() -> None:
        bench.fast(crops, styles)

    def change() -> None:
        engine = fast_reswapper(deepcopy(on_host).cuda())
        engine(crops, styles)
        del engine
        gc.collect()
        torch.cuda.empty_cache()

    return {"swaps": SWAPS, "changes": CHANGES, **moved("swap", swap, SWAPS), **moved("change", change, CHANGES)}


def moved(name: str, call: Callable[[], None], count: int) -> Figures:
    """How far memory moved over `count` calls, after a tenth of them, and where it stood in the end."""
    host, device = [], []
    for number in range(count):
        call()
        if number >= count // 10 and number % (count // 50) == 0:
            free, total = torch.cuda.mem_get_info()
            host.append(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6)
            device.append((total - free) / 1e6)
    return {
        f"{name}_host_mb": max(host) - min(host),
        f"{name}_host_level": host[-1],
        f"{name}_device_mb": max(device) - min(device),
        f"{name}_device_level": device[-1],
    }


def bars(result: Figures) -> Iterator[Bar]:
    """What is asked of the figures."""
    networks = {(row["size"], row["faces"]): row for row in cast(list[dict[str, float]], result["swap"])}
    for size, limit in LIMITS.items():
        yield Bar(f"swap network at {size}, ms", networks[size, 1]["ms"], limit)
        yield Bar(f"its PSNR to float32 at {size}, dB", networks[size, 1]["psnr_db"], NEAR, at_least=True)
    yield Bar("four faces at 128 by one", networks[128, 4]["ms"] / networks[128, 1]["ms"], 3.0)
    for row in cast(list[dict[str, float]], result["frame"]):
        yield Bar(f"whole frame with crops of {row['size']}, times faster", row["published_ms"] / row["ms"], 15.0, True)
    face = cast(dict[str, float], result["gfpgan"])
    yield Bar("GFPGAN, times faster", face["eager_ms"] / face["ms"], 3.0, at_least=True)
    if "soak" in result:
        for name, value in cast(dict[str, float], result["soak"]).items():
            if name.endswith("_mb"):
                yield Bar(f"memory, {name}", value, 50.0 if "device" in name else 30.0)


def main() -> int:
    """Measure, print, and say whether all bars hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak", action="store_true", help="also swap and change engines for minutes")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        print("there is no CUDA card here", file=sys.stderr)
        return 2
    rate = matrix_rate()
    result: Figures = {
        "card": torch.cuda.get_device_name(),
        "matrix_tflops": rate / 1e12,
        "copy_tb": copy_rate() / 1e12,
    }
    bench = SwapBench()
    result["way"] = bench.fast.name
    result["swap"] = [bench.at(size, count, rate) for size, count in ((128, 1), (128, 4), (256, 1), (512, 1))]
    result["frame"] = [whole_frame(bench, size) for size in (128, 256)]
    result["gfpgan"] = restored_face()
    if chosen.soak:
        result["soak"] = soak(bench)
    asked = list(bars(result))
    result["bars"] = [bar.entry() for bar in asked]
    print("\n".join(map(str, asked)))
    if chosen.json:
        print(json.dumps(result))
    return 0 if all(bar.holds for bar in asked) else 1


if __name__ == "__main__":
    sys.exit(main())
