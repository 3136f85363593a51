"""RAFT as it was published, step by step: what the product's rewritten form is compared with.

It takes the weights of `Raft` and none of its arithmetic beyond the encoders: whole batches of pairs, every frame
encoded for every pair, the volume divided and pooled, and in each iteration all convolutions and the enlarging.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inference.networks.propainter.raft_update import SepConvGru


def plain_flows(network: Raft, frames: Tensor, iters: int) -> tuple[Tensor, Tensor]:
    """(n, T, 3, H, W) -> the flows (n, T−1, 2, H, W) forward and backward."""
    shape = (*frames.shape[:1], frames.shape[1] - 1, 2, *frames.shape[3:])
    earlier, later = frames[:, :-1].flatten(0, 1), frames[:, 1:].flatten(0, 1)
    forward, backward = plain_flow(network, earlier, later, iters), plain_flow(network, later, earlier, iters)
    return forward.view(shape), backward.view(shape)


def plain_flow(network: Raft, first: Tensor, second: Tensor, iters: int) -> Tensor:
    features, others = network.fnet(torch.cat((first, second))).chunk(2)
    count, channels, height, width = features.shape
    volume = torch.matmul(features.view(count, channels, -1).transpose(1, 2), others.view(count, channels, -1))
    pyramid = [(volume / torch.tensor(float(channels)).sqrt()).view(-1, 1, height, width)]
    for _ in range(3):
        pyramid.append(F.avg_pool2d(pyramid[-1], 2, 2))
    hidden, context = network.cnet(first).split((128, 128), dim=1)
    hidden, context = hidden.tanh(), context.relu()
    block = network.update_block
    start = coordinates(height, width, first.device).repeat(count, 1, 1, 1)
    place, result = start, torch.empty(0)
    for _ in range(iters):
        motion = block.encoder(place - start, looked_up(pyramid, place))
        hidden = gated(block.gru, hidden, torch.cat((context, motion), dim=1))
        place = place + block.flow_head(hidden)
        result = enlarged(place - start, 0.25 * block.mask(hidden))
    return result


def coordinates(height: int, width: int, device: torch.device) -> Tensor:
    down, right = torch.meshgrid(torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij")
    return torch.stack((right, down)).float()[None]


def looked_up(pyramid: list[Tensor], place: Tensor) -> Tensor:
    count, _, rows, columns = place.shape
    steps = torch.arange(-4.0, 5.0, device=place.device)
    around = torch.stack(torch.meshgrid(steps, steps, indexing="ij"), dim=-1)
    found = []
    for level, maps in enumerate(pyramid):
        height, width = maps.shape[-2:]
        at = place.permute(0, 2, 3, 1).reshape(-1, 1, 1, 2) / 2**level + around
        grid = torch.stack((2 * at[..., 0] / (width - 1) - 1, 2 * at[..., 1] / (height - 1) - 1), dim=-1)
        found.append(F.grid_sample(maps, grid, align_corners=True).view(count, rows, columns, 81))
    return torch.cat(found, dim=-1).permute(0, 3, 1, 2).contiguous()


def gated(gru: SepConvGru, hidden: Tensor, given: Tensor) -> Tensor:
    for number in (1, 2):
        both = torch.cat((hidden, given), dim=1)
        update = torch.sigmoid(gru.get_submodule(f"convz{number}")(both))
        reset = torch.sigmoid(gru.get_submodule(f"convr{number}")(both))
        new = torch.tanh(gru.get_submodule(f"convq{number}")(torch.cat((reset * hidden, given), dim=1)))
        hidden = (1 - update) * hidden + update * new
    return hidden


def enlarged(flow: Tensor, mask: Tensor) -> Tensor:
    count, _, height, width = flow.shape
    mask = torch.softmax(mask.view(count, 1, 9, 8, 8, height, width), dim=2)
    around = F.unfold(8 * flow, (3, 3), padding=1).view(count, 2, 9, 1, 1, height, width)
    return (mask * around).sum(2).permute(0, 1, 4, 2, 5, 3).reshape(count, 2, 8 * height, 8 * width)
