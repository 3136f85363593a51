"""The product's own engines on a CUDA card, from files like the published ones: speed, and memory over time."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch

from liveswapping.domain.face import Face, Identity, Portrait, Target
from liveswapping.domain.frame import Image
from liveswapping.imaging.paste import paste
from liveswapping.inference.devices import choose_device
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.inference.torch_restore import TorchEnlarger, TorchFaceRestorer
from liveswapping.inference.torch_swap import TorchSwap
from liveswapping.published.models import load_model
from liveswapping.restorers.realesrgan import open_realesrgan
from liveswapping.swappers.reswapper import open_reswapper
from scripts.measures.device_time import device_ms, host_ms
from tests.named_weights import filled

Figures = dict[str, object]
SWAPS: Final = 10_000
CHANGES: Final = 50
_TILE: Final = 400


@dataclass(frozen=True, slots=True)
class Files:
    """Weights of the published shapes, saved as published, made from their names."""

    reswapper: Path
    gfpgan: Path
    realesrgan: Path


@contextmanager
def published_files() -> Iterator[Files]:
    """Written to a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        files = Files(*(Path(folder) / f"{name}.pth" for name in ("reswapper", "gfpgan", "realesrgan")))
        torch.save(filled(StyleTransferModel, "reswapper").state_dict(), files.reswapper)
        torch.save({"params_ema": filled(GfpganClean, "gfpgan").state_dict()}, files.gfpgan)
        torch.save({"params_ema": filled(RRDBNet, "rrdb", 2).state_dict()}, files.realesrgan)
        yield files


def engine(files: Files, size: int) -> TorchSwap:
    """As the published name gives it."""
    return cast(TorchSwap, load_model(str(files.reswapper), resolution=size))


def crops(count: int, size: int) -> Image:
    """(count, size, size, 3) of noise."""
    return np.random.default_rng(count).integers(0, 256, (count, size, size, 3), np.uint8)


def swaps(files: Files) -> Iterator[Figures]:
    """Milliseconds of a batch from bytes to bytes, and of the published call from tensor to tensor on the card."""
    for size, counts in ((128, (1, 4)), (256, (1,)), (512, (1,))):
        model = engine(files, size)
        source = model.prepare(np.random.default_rng(0).standard_normal(LATENT).astype(np.float32))
        for count in counts:
            pictures, sources = crops(count, size), [source] * count
            yield {
                "size": size,
                "faces": count,
                "way": model.way,
                "ms": host_ms(lambda: model.swap(pictures, sources)),  # noqa: B023 - called before the next turn
            }
        target, latent = torch.rand(1, 3, size, size, device="cuda"), torch.randn(1, LATENT, device="cuda")
        yield {"size": size, "called_ms": device_ms(lambda: model(target, latent))}  # noqa: B023
        model.close()


def frame_ms(files: Files, size: int, image: Image, face: Face) -> float:
    """A frame with one face: copied, swapped with its light and masks, pasted."""
    swapper = open_reswapper(files.reswapper, np.eye(LATENT, dtype=np.float32), size)
    target = Target(face, Identity("someone", (Portrait(image, face),)))
    result = np.empty_like(image)

    def ours() -> None:
        np.copyto(result, image)
        paste(result, swapper.swap(image, [target]))

    milliseconds = host_ms(ours, 100)
    swapper.close()
    return milliseconds


def restored(files: Files) -> Figures:
    """GFPGAN from bytes to bytes, one face and four."""
    model = TorchFaceRestorer(files.gfpgan, choose_device())
    one, four, way = crops(1, model.size), crops(4, model.size), model.way
    result: Figures = {"way": way, "ms": host_ms(lambda: model.run(one)), "four_ms": host_ms(lambda: model.run(four))}
    model.close()
    return result


def enlarged(files: Files) -> Figures:
    """RealESRGAN: a tile in eager float32, by ours and by torch.compile, and a frame of 1280×720."""
    frame = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    plain, compiled = (_tile(files, compiles) for compiles in (False, True))
    network = filled(RRDBNet, "rrdb", 2).cuda()
    given = torch.rand(1, 3, _TILE, _TILE, device="cuda")
    with torch.inference_mode():
        eager = device_ms(lambda: network(given), 5)
    upscaler = open_realesrgan(files.realesrgan)
    whole = host_ms(lambda: upscaler.upscale(frame), 3)
    upscaler.close()
    return {"eager_ms": eager, **plain, "frame_720_ms": whole, "compiled": compiled}


def _tile(files: Files, compiles: bool) -> Figures:
    """A tile, and the seconds until the first one is there."""
    tile, start = crops(1, _TILE)[0], time.perf_counter()
    model = TorchEnlarger(files.realesrgan, choose_device(compiles=compiles))
    model.run(tile, may_split=False)
    seconds = time.perf_counter() - start
    figures: Figures = {
        "way": model.way,
        "first_s": seconds,
        "ms": host_ms(lambda: model.run(tile, may_split=False), 10),
    }
    model.close()
    return figures


def soak(files: Files) -> Figures:
    """Highest less lowest memory in megabytes: over many swaps, and over many changes of the engine."""
    model, pictures = engine(files, 128), crops(1, 128)
    latent = np.random.default_rng(0).standard_normal(LATENT).astype(np.float32)
    source = model.prepare(latent)

    def swap() -> None:
        model.swap(pictures, [source])

    def change() -> None:
        nonlocal model
        model.close()
        model = engine(files, 128)
        model.swap(pictures, [model.prepare(latent)])

    return {"swaps": SWAPS, "changes": CHANGES, **moved("swap", swap, SWAPS), **moved("change", change, CHANGES)}


def moved(name: str, call: Callable[[], None], count: int) -> Figures:
    """How far memory moved over `count` calls, after a tenth of them, and where it stood in the end."""
    host, device = [], []
    for number in range(count):
        call()
        if number >= count // 10 and number % (count // 50) == 0:
            gc.collect()
            free, total = torch.cuda.mem_get_info()
            host.append(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6)
            device.append((total - free) / 1e6)
    return {
        f"{name}_host_mb": max(host) - min(host),
        f"{name}_host_level": host[-1],
        f"{name}_device_mb": max(device) - min(device),
        f"{name}_device_level": device[-1],
    }
