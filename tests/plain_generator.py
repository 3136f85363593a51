"""The generator as its paper has it, step by step and without any rewrite: the referee for the product's own form.

It uses the product's parameters and nothing of its computation. Slow, and it takes gigabytes: patches are unfolded,
keys and values are laid out for all windows and all frames at once, and every block computes every frame.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.generator import InpaintGenerator

HEADS, WINDOW, SHIFT = 4, (5, 9), (3, 5)


def plain_window(
    generator: InpaintGenerator, frames: Tensor, flows: tuple[Tensor, Tensor], hole: Tensor, still: Tensor, local: int
) -> Tensor:
    """(t, 3, H, W), flows (l-1, 2, H, W), masks (t, 1, H, W) -> (l, 3, H, W)."""
    g = generator
    features = plain_encoder(g, torch.cat((frames, hole, still), 1))
    size = tuple(features.shape[2:])
    small = [F.interpolate(flow, scale_factor=0.25, mode="bilinear", align_corners=False) / 4 for flow in flows]
    masks = torch.cat([F.interpolate(mask[:local], scale_factor=0.25, mode="nearest") for mask in (hole, still)], 1)
    features = torch.cat((plain_propagation(g, features[:local], small, masks), features[local:]))
    tokens = g.ss.embedding(F.unfold(features, 7, stride=3, padding=3).transpose(1, 2))
    grid = ((size[0] - 1) // 3 + 1, (size[1] - 1) // 3 + 1)
    tokens = tokens.view(len(frames), *grid, 512)
    token_mask = F.max_pool2d(masks[:, :1], 7, 3, 3)[:, 0]
    for index, block in enumerate(g.transformers.transformer):
        tokens = tokens + plain_attention(block.attention, block.norm1(tokens), token_mask, index % 2)
        tokens = tokens + plain_feed_forward(block.mlp, block.norm2(tokens), size)
    patches = g.sc.embedding(tokens.flatten(1, 2)).transpose(1, 2)
    features = features + g.sc.bias_conv(F.fold(patches, size, 7, stride=3, padding=3))
    return plain_decoder(g, features[:local])


def plain_encoder(g: InpaintGenerator, x: Tensor) -> Tensor:
    first = None
    for index, layer in enumerate(g.encoder.layers):
        if index == 8:
            first = x
        if index in (10, 12, 14, 16):
            n, _, h, w = x.shape
            groups = {10: 2, 12: 4, 14: 8, 16: 1}[index]
            x = torch.cat((first.view(n, groups, -1, h, w), x.view(n, groups, -1, h, w)), 2).view(n, -1, h, w)
        x = layer(x) if index % 2 == 0 else F.leaky_relu(x, 0.2)
    return x


def plain_decoder(g: InpaintGenerator, x: Tensor) -> Tensor:
    def enlarged(x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)

    x = F.leaky_relu(g.decoder.get_submodule("0.conv")(enlarged(x)), 0.2)
    x = F.leaky_relu(g.decoder.get_submodule("2")(x), 0.2)
    x = F.leaky_relu(g.decoder.get_submodule("4.conv")(enlarged(x)), 0.2)
    return torch.tanh(g.decoder.get_submodule("6")(x))


def plain_propagation(g: InpaintGenerator, features: Tensor, flows: list[Tensor], masks: Tensor) -> Tensor:
    module, count = g.feat_prop_module, len(features)
    current, passes = list(features.split(1)), []
    for name in ("backward_1", "forward_1"):
        order = range(count) if name == "forward_1" else range(count - 1, -1, -1)
        flow, check = flows[::-1] if name == "forward_1" else flows
        result: list[Tensor] = [features[:1]] * count
        carried = None
        for t in order:
            mask, now = masks[t : t + 1], current[t]
            prop = now
            if carried is not None:
                pair = t - 1 if name == "forward_1" else t
                along, back = flow[pair : pair + 1], check[pair : pair + 1]
                condition = torch.cat((now, plain_warp(carried, along), along, plain_valid(along, back), mask), 1)
                prop = plain_alignment(module.deform_align[name], carried, condition, along)
            carried = prop + module.backbone[name](torch.cat((now, prop, mask), 1))
            result[t] = carried
        current = result
        passes.append(torch.cat(result))
    return module.fuse(torch.cat((*passes, masks), 1)) + features


def plain_alignment(module: torch.nn.Module, x: Tensor, condition: Tensor, flow: Tensor) -> Tensor:
    """Deformable convolution with all nine taps sampled at once."""
    out = module.conv_offset(condition)
    first, second, mask = out.chunk(3, 1)
    offset = 3 * torch.tanh(torch.cat((first, second), 1)) + flow.flip(1).repeat(1, 144, 1, 1)
    _, channels, h, w = x.shape
    offset = offset.view(16, 9, 2, h, w)
    tap = torch.arange(9, device=x.device)
    rows = torch.arange(h, device=x.device)[:, None] + (tap // 3 - 1)[:, None, None] + offset[:, :, 0]
    columns = torch.arange(w, device=x.device) + (tap % 3 - 1)[:, None, None] + offset[:, :, 1]
    at = torch.stack(((2 * columns + 1) / w - 1, (2 * rows + 1) / h - 1), -1).view(16, 9 * h, w, 2)
    samples = F.grid_sample(x.view(16, channels // 16, h, w), at, align_corners=False)
    samples = samples.view(16, channels // 16, 9, h * w) * torch.sigmoid(mask).view(16, 1, 9, h * w)
    return (module.weight.view(-1, channels * 9) @ samples.view(channels * 9, h * w)).view(1, -1, h, w) + (
        module.bias.view(1, -1, 1, 1)
    )


def plain_warp(x: Tensor, flow: Tensor) -> Tensor:
    _, _, h, w = x.shape
    columns = 2 * (torch.arange(w, device=x.device) + flow[:, 0]) / (w - 1) - 1
    rows = 2 * (torch.arange(h, device=x.device)[:, None] + flow[:, 1]) / (h - 1) - 1
    return F.grid_sample(x, torch.stack((columns, rows), -1), align_corners=True)


def plain_valid(flow: Tensor, back: Tensor) -> Tensor:
    returned = plain_warp(back, flow)
    lengths = (flow**2).sum(1, keepdim=True) + (returned**2).sum(1, keepdim=True)
    return (((flow + returned) ** 2).sum(1, keepdim=True) < 0.01 * lengths + 0.5).to(flow)


def plain_feed_forward(module: torch.nn.Module, tokens: Tensor, size: tuple[int, int]) -> Tensor:
    hidden = module.fc1[0](tokens.flatten(1, 2)).transpose(1, 2)
    overlaps = F.fold(torch.ones_like(hidden), size, 7, stride=3, padding=3)
    hidden = F.fold(hidden, size, 7, stride=3, padding=3) / overlaps
    patches = F.unfold(hidden, 7, stride=3, padding=3).transpose(1, 2)
    return module.fc2[1](F.gelu(patches)).view(tokens.shape)


def plain_attention(module: torch.nn.Module, tokens: Tensor, token_mask: Tensor, parity: int) -> Tensor:
    frames, rows, columns, _ = tokens.shape
    beyond = (-columns % WINDOW[1], -rows % WINDOW[0])
    x = F.pad(tokens, (0, 0, 0, beyond[0], 0, beyond[1]))
    mask = F.pad(token_mask, (0, beyond[0], 0, beyond[1]))
    height, width = x.shape[1:3]
    q, k, v = (_windows(layer(x)) for layer in (module.query, module.key, module.value))
    has_hole = _windows(mask[..., None].repeat(1, 1, 1, HEADS)).amax((2, 3, 4)).sum(0) > 0
    everything = [[k], [v]]
    beside = [[], []]
    for down, right in ((3, 5), (3, -5), (-3, 5), (-3, -5)):
        for layer, rolled in zip((module.key, module.value), beside, strict=True):
            rolled.append(_windows(torch.roll(layer(x), (-down, -right), (1, 2))))
    for parts, rolled in zip(everything, beside, strict=True):
        parts.append(torch.cat(rolled, 3)[:, :, :, module.valid_ind_rolled])
    pooled = module.pool_layer(x.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
    for parts, layer in zip(everything, (module.key, module.value), strict=True):
        heads = layer(pooled).view(frames, 1, -1, HEADS, 128).transpose(2, 3)
        parts.append(heads.repeat(1, q.shape[1], 1, 1, 1))
    keys, values = (torch.cat(parts, 3)[parity::2] for parts in everything)
    answer = torch.zeros_like(q)
    for index, hole in enumerate(has_hole.tolist()):
        if hole:
            asked = q[:, index].transpose(0, 1).flatten(1, 2)
            found = _attended(asked, *(part[:, index].transpose(0, 1).flatten(1, 2) for part in (keys, values)))
            answer[:, index] = found.view(HEADS, frames, -1, 128).transpose(0, 1)
        else:
            answer[:, index] = _attended(q[:, index], k[:, index], v[:, index])
    answer = answer.view(frames, height // 5, width // 9, HEADS, 5, 9, 128).permute(0, 1, 4, 2, 5, 3, 6)
    return module.proj(answer.reshape(frames, height, width, 512)[:, :rows, :columns])


def _attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.softmax(q @ k.transpose(-2, -1) / 128**0.5, -1) @ v


def _windows(x: Tensor) -> Tensor:
    """(t, H, W, C) -> (t, windows, heads, 45, C/heads)."""
    frames, height, width, channels = x.shape
    x = x.view(frames, height // 5, 5, width // 9, 9, HEADS, channels // HEADS)
    return x.permute(0, 1, 3, 5, 2, 4, 6).reshape(frames, -1, HEADS, 45, channels // HEADS)
