"""Small networks in the place of ProPainter's: cheap, deterministic, and sensitive to every frame that they are given.

`published` is the published procedure, plainly, over a whole clip in memory: what the streamed one is compared with.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.generator import shrunk_flows, shrunk_masks
from liveswapping.inference.networks.propainter.propagation import Flows, propagate_images
from liveswapping.inpainting.shots import Shot

SIZE = 128, 136


class Failing:
    """Raises `error` at call number `at` of what is named `where`, once."""

    def __init__(self, where=None, at=0, error=None):
        self.where, self.at, self.error = where, at, error
        self.calls = {}

    def __call__(self, where):
        number = self.calls[where] = self.calls.get(where, -1) + 1
        if where == self.where and number == self.at:
            raise self.error


class StandInRaft:
    def __init__(self, enter=lambda where: None):
        self.enter = enter
        self.seen = []

    def to(self, device):
        return self

    def flows(self, frames, iters, pairs, volume_bytes):
        last = None
        for frame in frames:
            self.enter("encode")
            if last is not None:
                self.enter("match")
                self.seen.append((pairs, volume_bytes, tuple(frame.shape[2:])))
                small = F.avg_pool2d((frame - last).mean(1, keepdim=True), 8)
                flow = F.interpolate(small, frame.shape[2:], mode="bilinear") * 3
                both = torch.cat((flow, 0.5 * flow), dim=1)
                yield both, -both
            last = frame


class StandInCompletion:
    def __init__(self, enter=lambda where: None):
        self.enter = enter

    def to(self, device):
        return self

    def forward_bidirect(self, flows, masks, lean=False):
        self.enter("complete")
        whole = masks.mean() + 0.01 * masks.shape[1]
        return tuple(flow * 0.5 + 0.1 * flow.mean(1, keepdim=True) + whole for flow in flows)


class StandInGenerator(nn.Module):
    def __init__(self, enter=lambda where: None):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.enter = enter
        self.most = None

    def lay_channels_last(self):
        return self

    def encode(self, frames, holes, left):
        self.enter("encoder")
        return F.avg_pool2d(torch.cat((frames, holes, left), dim=1), 4)

    def split(self, features):
        return features * 1.5  # tokens are another thing than features

    def unbounded(self, features, references, flows, holes, left, box=None):
        self.enter("window")
        local = len(holes)
        features = torch.cat((features, references / 1.5))
        order = torch.arange(1, len(features) + 1, dtype=features.dtype)[:, None, None, None]
        mixed = (features / order).sum(0, keepdim=True)[:, :3]
        own = features[:local, :3] + 0.3 * holes - 0.2 * left
        own[:-1] += 0.1 * flows.ahead.mean(1, keepdim=True)
        own[1:] -= 0.1 * flows.back.mean(1, keepdim=True)
        found = F.interpolate(0.5 * mixed + own, scale_factor=4, mode="nearest")
        return found if box is None else found[..., box.top : box.bottom, box.left : box.right]


def clip(frames, empty=(), size=SIZE):
    """Shots of a wandering texture, with a wandering hole in all but the `empty` ones."""
    random = np.random.RandomState(3)
    texture = np.kron(random.randint(0, 255, (40, 40, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    shots = []
    for number in range(frames):
        image = np.roll(texture, (number, 2 * number), axis=(0, 1))[: size[0], : size[1]].copy()
        hole = np.zeros(size, bool)
        if number not in empty:
            left = 20 + number % 60
            hole[40:90, left : left + 30] = True
        shots.append(Shot(image, hole))
    return shots


def published(shots, raft, completion, generator, schedule):
    """Steps 3 to 9 of the published procedure; sizes are divisible by 8. (T, H, W, 3) BGR."""
    count, sub, stride = len(shots), schedule.subvideo, schedule.ref_stride
    images = np.stack([shot.image[..., ::-1] for shot in shots])
    frames = torch.from_numpy(images.copy()).permute(0, 3, 1, 2).float() / 255 * 2 - 1
    masks = torch.from_numpy(np.stack([shot.hole for shot in shots])).float()[:, None]
    pairs = list(raft.flows((frame[None] for frame in frames), 20, 1, None))
    raw = tuple(torch.cat([pair[side] for pair in pairs])[None] for side in (0, 1))
    flows = _completed(completion, raw, masks[None], count - 1, sub)
    updated, left = _propagated(frames, masks, flows, count, min(100, sub))
    done = [None] * count
    step = schedule.neighbour // 2
    for at in range(0, count, step):
        local = list(range(max(0, at - step), min(count, at + step + 1)))
        half = stride * (sub // stride // 2)
        around = (0, count) if count <= sub else (max(0, at - half), min(count, at + half))
        window = local + [one for one in range(*around, stride) if one not in local]
        between = Flows(*(shrunk_flows(flow[0, local[:-1]]) for flow in flows))
        features = generator.encode(updated[window], masks[window], left[window])
        found = torch.tanh(
            generator.unbounded(
                features[: len(local)],
                generator.split(features[len(local) :]),
                between,
                shrunk_masks(masks[local]),
                shrunk_masks(left[local]),
            )
        )
        levels = (((found + 1) / 2).permute(0, 2, 3, 1).detach().numpy() * 255).astype(np.uint8)
        for picture, one in zip(levels, local, strict=True):
            hole = shots[one].hole[..., None].astype(np.uint8)
            image = picture * hole + images[one] * (1 - hole)
            if done[one] is not None:
                image = (0.5 * done[one].astype(np.float32) + 0.5 * image.astype(np.float32)).astype(np.uint8)
            done[one] = image
    return np.stack(done)[..., ::-1]


def _completed(completion, raw, masks, length, sub):
    parts = []
    for begin in range(0, length, sub) if length > sub else (0,):
        start, stop = (max(0, begin - 5), min(length, begin + sub + 5)) if length > sub else (0, length)
        end = min(length, begin + sub) if length > sub else length
        part = completion.forward_bidirect(tuple(flow[:, start:stop] for flow in raw), masks[:, start : stop + 1])
        parts.append([flow[:, begin - start : end - start] for flow in part])
    whole = [torch.cat(side, dim=1) for side in zip(*parts, strict=True)]
    holes = masks[:, :-1], masks[:, 1:]
    return [found * hole + own * (1 - hole) for found, own, hole in zip(whole, raw, holes, strict=True)]


def _propagated(frames, masks, flows, count, size):
    known, parts = frames * (1 - masks), []
    for begin in range(0, count, size) if count > size else (0,):
        start, stop = (max(0, begin - 10), min(count, begin + size + 10)) if count > size else (0, count)
        end = min(count, begin + size) if count > size else count
        between = Flows(flows[0][0, start : stop - 1], flows[1][0, start : stop - 1])
        part = propagate_images(known[start:stop], between, masks[start:stop])
        parts.append([one[begin - start : end - start] for one in part])
    filled, left = (torch.cat(side) for side in zip(*parts, strict=True))
    return known + filled * masks, left
