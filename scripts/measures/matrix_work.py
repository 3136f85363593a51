"""How many floating-point operations the swap network asks of matrix units."""

from __future__ import annotations

from typing import cast

from torch import nn

from liveswapping.inference.cuda.winograd import SIDE, TILE
from liveswapping.inference.networks.reswapper import StyleTransferModel


def matrix_work(network: StyleTransferModel, group: str, size: int) -> tuple[float, float]:
    """Floating-point operations for a face: those that are done, and those of the convolutions themselves."""
    encoder, last = network.target_encoder, network.decoderPart1
    blocks = [block.get_submodule(name) for block in network.style_blocks for name in ("conv1", "conv2")]
    convs: dict[str, list[tuple[nn.Module, int, bool]]] = {
        "encoder": [(encoder[place], size // part, False) for place, part in ((0, 1), (2, 1), (4, 2), (6, 4))],
        "style blocks": [(conv, size // 4, True) for conv in blocks],
        "decoder": [
            (network.decoder[0], size // 2, True),
            (last[0], size, True),
            (last[2], size, False),
            (network.decoderPart2[0], size, False),
        ],
    }
    done = meant = 0.0
    for conv, side, on_tiles in convs[group]:
        weight = cast(nn.Conv2d, conv).weight
        direct = 2.0 * weight.numel() * side**2
        meant += direct
        done += 2.0 * weight[:, :, 0, 0].numel() * (SIDE * -(-side // TILE)) ** 2 if on_tiles else direct
    return done, meant
