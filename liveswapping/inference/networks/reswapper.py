"""ReSwapper's StyleTransferModel: the target's face in, the same face with the source's identity out.

One graph for every resolution; files for 128 and 256 pixels differ in their weights only. The source enters through
style projections, which depend on nothing else, so that callers compute them once per source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.published import PublishedNetwork
from liveswapping.inference.networks.resize import doubled

LATENT: Final = 512
"""Numbers that describe the source's identity."""
STRIDE: Final = 4
"""Width and height of a picture must be divisible by this."""
_EPSILON: Final = 1e-8
_SLOPE: Final = 0.2


class StyleBlock(nn.Module):
    """Two convolutions, each normalised over the picture and given the source's scale and shift; added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3)
        self.conv2 = nn.Conv2d(width, width, 3)
        self.style1 = nn.Linear(LATENT, 2 * width)
        self.style2 = nn.Linear(LATENT, 2 * width)

    def styles(self, latent: Tensor) -> Tensor:
        """(B, 512) -> (B, 2 convolutions, scale and shift, width)."""
        both = torch.stack((self.style1(latent), self.style2(latent)), dim=1)
        return both.reshape(latent.shape[0], 2, 2, -1)

    def forward(self, features: Tensor, styles: Tensor) -> Tensor:
        """(B, width, h, w) -> the same; `styles` as `styles()` gives them."""
        inner = F.relu(_restyled(_reflected(features, self.conv1), styles[:, 0]))
        changed: Tensor = features + _restyled(_reflected(inner, self.conv2), styles[:, 1])
        return changed


class StyleTransferModel(PublishedNetwork):
    """The whole network. `width` is 1024 in every published file; a narrower one is the same graph, and quicker."""

    def __init__(self, width: int = 1024, blocks: int = 6) -> None:
        super().__init__()
        eighth, quarter, half = width // 8, width // 4, width // 2
        self.target_encoder = nn.Sequential(
            nn.Conv2d(3, eighth, 7),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(eighth, quarter, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(quarter, half, 3, stride=2, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(half, width, 3, stride=2, padding=1),
            nn.LeakyReLU(_SLOPE),
        )
        self.style_blocks = nn.ModuleList(StyleBlock(width) for _ in range(blocks))
        self.decoder = nn.Sequential(nn.Conv2d(width, half, 3, padding=1), nn.LeakyReLU(_SLOPE))
        self.decoderPart1 = nn.Sequential(
            nn.Conv2d(half, quarter, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(quarter, eighth, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
        )
        self.decoderPart2 = nn.Sequential(nn.Conv2d(eighth, 3, 7), nn.Tanh())

    @classmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the size that `state` was saved from. Raises KeyError where it is of another architecture."""
        width = state["target_encoder.6.weight"].shape[0]
        return cls(width, blocks=sum(name.endswith("style1.weight") for name in state))

    def styles(self, latent: Tensor) -> Tensor:
        """All that depends on the source: (B, 512) -> (B, blocks, 2, 2, width)."""
        blocks = cast(Iterable[StyleBlock], self.style_blocks)
        return torch.stack([block.styles(latent) for block in blocks], dim=1)

    def swap(self, target: Tensor, styles: Tensor) -> Tensor:
        """(B, 3, R, R) RGB 0..1 -> the same; R is divisible by 4; `styles` as `styles()` gives them."""
        features = self.target_encoder(F.pad(target, (3, 3, 3, 3), mode="reflect"))
        for index, block in enumerate(self.style_blocks):
            features = block(features, styles[:, index])
        features = self.decoder(doubled(features))
        features = self.decoderPart1(doubled(features))
        picture: Tensor = self.decoderPart2(F.pad(features, (3, 3, 3, 3), mode="reflect"))
        return (picture + 1.0) / 2.0

    def halve(self, kind: torch.dtype = torch.float16) -> None:
        """Pictures in half precision; the source's projections, computed once, stay in full."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                module.to(kind)

    def shed(self) -> None:
        """Only the source's projections stay."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                module.to("meta")

    def forward(self, target: Tensor, latent: Tensor) -> Tensor:
        """As published: target (B, 3, R, R) RGB 0..1 and latent (B, 512) -> (B, 3, R, R) RGB 0..1."""
        return self.swap(target, self.styles(latent))


def _reflected(features: Tensor, conv: nn.Conv2d) -> Tensor:
    """`conv` over `features` mirrored at the border. Its bias is left out: the normalisation after it cancels it."""
    return F.conv2d(F.pad(features, (1, 1, 1, 1), mode="reflect"), conv.weight)


def _restyled(features: Tensor, style: Tensor) -> Tensor:
    """Each channel normalised over its picture, then scaled and shifted: style (B, 2, width).

    Statistics are float32 whatever the features are: the sum of squares of a picture overflows float16.
    """
    wide = features.float()
    mean = wide.mean(dim=(2, 3), keepdim=True)
    centred = wide - mean
    scale = style[:, 0, :, None, None] * torch.rsqrt(centred.square().mean(dim=(2, 3), keepdim=True) + _EPSILON)
    return torch.addcmul(style[:, 1, :, None, None], centred, scale).to(features.dtype)
