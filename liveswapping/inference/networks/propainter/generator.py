"""ProPainter's generator (arXiv:2309.03897): fills what is missing in a few neighbouring frames.

A window is some neighbouring (local) frames, which are filled, and some others of the clip (references), which are
looked at. Frames are encoded by themselves, so a frame's features serve all windows that it is in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.decoder import Decoder
from liveswapping.inference.networks.propainter.encoder import Encoder
from liveswapping.inference.networks.propainter.portions import portions
from liveswapping.inference.networks.propainter.propagation import FeaturePropagation, Flows, propagate_images
from liveswapping.inference.networks.propainter.soft_split import SoftComposition, SoftSplit
from liveswapping.inference.networks.propainter.transformer import SparseTransformer, needed
from liveswapping.inference.networks.propainter.warp import Interpolation
from liveswapping.inference.networks.propainter.windows import Windows
from liveswapping.inference.networks.published import PublishedNetwork

SHRUNK: Final = 4
"""Features, and the flows and masks between them, are so many times smaller than frames."""
_CODING_BYTES: Final = 4 * 64
"""Of a frame's pixel, while it is encoded or decoded."""


class InpaintGenerator(PublishedNetwork):
    """Encoder, feature propagation, transformer and decoder, with the published names."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()
        self.ss = SoftSplit()
        self.sc = SoftComposition()
        self.feat_prop_module = FeaturePropagation()
        self.transformers = SparseTransformer()
        self.most: int | None = None
        """Bytes of the largest tensors of one operation; None: as suits the device. Less takes less memory."""

    @classmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """The network of the published file; there is one size. Raises KeyError for weights of another network."""
        _ = state["ss.embedding.weight"]
        return cls()

    @staticmethod
    def img_propagation(
        masked_frames: Tensor,
        completed_flows: tuple[Tensor, Tensor],
        masks: Tensor,
        interpolation: Interpolation = "nearest",
    ) -> tuple[Tensor, Tensor]:
        """`propagate_images` in the published shapes.

        (B, T, 3, H, W) frames × (1 - mask), flows (B, T-1, 2, H, W) to the next frame and to the one before, masks
        (B, T, 1, H, W) -> frames and masks.
        """
        ahead, back = completed_flows
        done = [
            propagate_images(frames, Flows(*pair), mask, interpolation)
            for frames, *pair, mask in zip(masked_frames, ahead, back, masks, strict=True)
        ]
        return torch.stack([frames for frames, _ in done]), torch.stack([mask for _, mask in done])

    def encode(self, frames: Tensor, masks_in: Tensor, masks_updated: Tensor) -> Tensor:
        """(N, 3, H, W) RGB -1..1, (N, 1, H, W) the holes and what image propagation left of them -> (N, 128, h, w)."""
        picture = torch.cat((frames, masks_in, masks_updated), dim=1)
        pixels = picture.shape[2] * picture.shape[3]
        parts = portions(len(picture), _CODING_BYTES * pixels, picture.device, self.most)
        return torch.cat([self.encoder(picture[part]) for part in parts])

    def split(self, features: Tensor) -> Tensor:
        """(N, 128, h, w) -> (N, rows, columns, 512): all that windows look at of their references."""
        tokens: Tensor = self.ss(features)
        return tokens

    def fill(
        self,
        features: Tensor,
        references: Tensor,
        flows: Flows,
        masks_in: Tensor,
        masks_updated: Tensor,
        box: Box | None = None,
    ) -> Tensor:
        """A window of which the features are known -> (l, 3, H, W) RGB -1..1, or `box` of it.

        `features`: (l, 128, h, w), of the local frames. `references`: what `split` made of the others'. Flows between
        the local frames, (l-1, 2, h, w) in pixels of the features (`shrunk_flows`), and masks of the local frames,
        (l, 1, h, w) (`shrunk_masks`). `box`: what is wanted of the pictures; the less that is, the less is computed.
        """
        return torch.tanh(self.unbounded(features, references, flows, masks_in, masks_updated, box))

    def unbounded(
        self,
        features: Tensor,
        references: Tensor,
        flows: Flows,
        masks_in: Tensor,
        masks_updated: Tensor,
        box: Box | None = None,
    ) -> Tensor:
        """What `fill` takes tanh of, in which an overflow would no longer be seen."""
        local, size = len(features), (features.shape[2], features.shape[3])
        box = box or Box.whole((size[0] * SHRUNK, size[1] * SHRUNK))
        wanted = self.sc.reads(self.decoder.reads(box, size), size)
        # first, as the host waits for it: nothing is in work on a card yet
        steps = needed(local + len(references), local, Windows.over(masks_in), wanted, features.device)
        propagated = self.feat_prop_module(features, flows, torch.cat((masks_in, masks_updated), dim=1))
        tokens = torch.cat((self.ss(propagated), references))
        found = self.transformers(tokens, size, steps, local, self.most)
        del tokens
        return self.decoded(propagated, found, box)

    def decoded(self, features: Tensor, tokens: Tensor, box: Box) -> Tensor:
        """`box` of the pictures of features (l, 128, h, w), to which what was found in tokens is added."""
        size = (features.shape[2], features.shape[3])
        whole = Box.whole(size)
        read = self.decoder.reads(box, size)
        pixels = (box.bottom - box.top) * (box.right - box.left)
        pictures = []
        for part in portions(len(features), _CODING_BYTES * pixels, features.device, self.most):
            added = read.of(features[part], whole) + self.sc(tokens[part], size, read)
            pictures.append(self.decoder(added, read, size, box))
        return torch.cat(pictures)

    def forward(
        self,
        masked_frames: Tensor,
        completed_flows: tuple[Tensor, Tensor],
        masks_in: Tensor,
        masks_updated: Tensor,
        num_local_frames: int,
    ) -> Tensor:
        """The published call: (B, T, 3, H, W), flows (B, l-1, 2, H, W), masks (B, T, 1, H, W) -> (B, l, 3, H, W)."""
        local = num_local_frames
        answers = []
        for frames, ahead, back, hole, still in zip(
            masked_frames, *completed_flows, masks_in, masks_updated, strict=True
        ):
            features = self.encode(frames, hole, still)
            flows = Flows(shrunk_flows(ahead), shrunk_flows(back))
            masks = shrunk_masks(hole[:local]), shrunk_masks(still[:local])
            answers.append(self.fill(features[:local], self.split(features[local:]), flows, *masks))
        return torch.stack(answers)


def shrunk_flows(flows: Tensor) -> Tensor:
    """(N, 2, H, W) pixels of frames -> (N, 2, H/4, W/4) pixels of features."""
    size = (flows.shape[2] // SHRUNK, flows.shape[3] // SHRUNK)
    return F.interpolate(flows, size=size, mode="bilinear", align_corners=False) / SHRUNK


def shrunk_masks(masks: Tensor) -> Tensor:
    """(N, 1, H, W) -> (N, 1, H/4, W/4)."""
    return F.interpolate(masks, size=(masks.shape[2] // SHRUNK, masks.shape[3] // SHRUNK), mode="nearest")
