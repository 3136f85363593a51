"""Triton kernels of GFPGAN: all between its convolutions. Import only where Triton is.

Arrays are those of `gfpgan_steps.py` in half precision; arithmetic is float32. Programs run over pixels, channels and,
where vectors of single faces are read, faces. Numbers of channels are powers of two.
"""
# Kernels are a language of their own inside Python: arguments are pointers, numbers and constants without hints.
# ruff: noqa: ANN001, ANN201, ANN202
# mypy: ignore-errors

from __future__ import annotations

import triton
import triton.language as tl

_SLOPE = tl.constexpr(0.2)


@triton.jit
def _leaky(value):
    return tl.maximum(value, _SLOPE * value)


@triton.jit
def _below(position):
    """Of the two pixels that make pixel `position` of a doubled line: the first, maybe -1, and the second's share."""
    odd = position % 2
    return (position + 1) // 2 - 1, tl.where(odd == 1, 0.25, 0.75)


@triton.jit(do_not_specialize=["pixels"])
def enter(crops, weight, bias, features, pixels, channels: tl.constexpr, block: tl.constexpr):
    """Bytes as -1..1 through a 1×1 convolution, `weight` (3, channels), and LeakyReLU."""
    pixel = tl.program_id(0) * block + tl.arange(0, block)
    channel = tl.arange(0, channels)
    mask = pixel < pixels
    total = tl.load(bias + channel)[None, :] + tl.zeros((block, channels), tl.float32)
    for colour in tl.static_range(3):
        level = tl.load(crops + 3 * pixel + colour, mask=mask, other=0).to(tl.float32) / 127.5 - 1.0
        total += level[:, None] * tl.load(weight + colour * channels + channel).to(tl.float32)[None, :]
    where = pixel[:, None] * channels + channel[None, :]
    tl.store(features + where, _leaky(total).to(features.dtype.element_ty), mask=mask[:, None])


@triton.jit
def _active(features, where, mask, shift, activates: tl.constexpr):
    value = tl.load(features + where, mask=mask, other=0.0).to(tl.float32)
    if activates:
        value = _leaky(value + shift)
    return value


@triton.jit
def _doubled(features, image, y, x, side, channels, channel, mask, shift, activates: tl.constexpr):
    """Pixels y, x of pictures of twice the size; `side`: of the pictures that are read."""
    top, low_share = _below(y)
    left, right_share = _below(x)
    low, right = tl.minimum(top + 1, side - 1), tl.minimum(left + 1, side - 1)
    top, left = tl.maximum(top, 0), tl.maximum(left, 0)
    upper = (image * side + top) * side
    lower = (image * side + low) * side
    a = _active(features, (upper + left)[:, None] * channels + channel, mask, shift, activates)
    b = _active(features, (upper + right)[:, None] * channels + channel, mask, shift, activates)
    c = _active(features, (lower + left)[:, None] * channels + channel, mask, shift, activates)
    d = _active(features, (lower + right)[:, None] * channels + channel, mask, shift, activates)
    above = a + (b - a) * right_share[:, None]
    return above + (c + (d - c) * right_share[:, None] - above) * low_share[:, None]


@triton.jit(do_not_specialize=["side", "pixels"])
def finish(
    features, bias, added, enlarged, result, side, pixels, channels,
    activates: tl.constexpr, size: tl.constexpr, adds: tl.constexpr, enlarges: tl.constexpr,
    block: tl.constexpr, width: tl.constexpr,
):  # fmt: skip
    """Bias and LeakyReLU, then the same size (0), half of it (1) or twice (2), then sums. `side`: of the result."""
    pixel = tl.program_id(0) * block + tl.arange(0, block)
    channel = (tl.program_id(1) * width + tl.arange(0, width))[None, :]
    mask = (pixel < pixels)[:, None]
    line, x = pixel // side, pixel % side
    image, y = line // side, line % side
    where = pixel[:, None] * channels + channel
    shift = 0.0
    if activates:
        shift = tl.load(bias + channel)
    if size == 0:
        value = _active(features, where, mask, shift, activates)
    elif size == 1:
        start = ((image * 2 * side + 2 * y) * 2 * side + 2 * x)[:, None] * channels + channel
        value = _active(features, start, mask, shift, activates)
        value += _active(features, start + channels, mask, shift, activates)
        value += _active(features, start + 2 * side * channels, mask, shift, activates)
        value += _active(features, start + (2 * side + 1) * channels, mask, shift, activates)
        value = value * 0.25
    else:
        value = _doubled(features, image, y, x, side // 2, channels, channel, mask, shift, activates)
    if adds:
        value += tl.load(added + where, mask=mask, other=0.0).to(tl.float32)
    if enlarges:
        value += _doubled(enlarged, image, y, x, side // 2, channels, channel, mask, 0.0, False)
    tl.store(result + where, value.to(result.dtype.element_ty), mask=mask)


@triton.jit
def _steered(value, way_scale, scale_bias, way_shift, shift_bias, pixel, mask, channel, half):
    """The second half of the channels times a scale plus a shift."""
    steers = mask & (channel >= half)[None, :]
    where = pixel[:, None] * half + (channel - half)[None, :]
    own = channel >= half
    scale = tl.load(way_scale + where, mask=steers, other=0.0).to(tl.float32)
    scale += tl.load(scale_bias + channel - half, mask=own, other=1.0)[None, :]
    shift = tl.load(way_shift + where, mask=steers, other=0.0).to(tl.float32)
    return value * scale + shift + tl.load(shift_bias + channel - half, mask=own, other=0.0)[None, :]


@triton.jit
def _colour_before(before, image, y, x, side, colour, mask):
    """A colour of what was drawn at half the size, doubled."""
    return tl.sum(_doubled(before, image, y, x, side, 3, tl.zeros((1, 1), tl.int32) + colour, mask, 0.0, False), axis=1)


@triton.jit(do_not_specialize=["side", "own_normal", "own_following", "own_scale"])
def draw(
    features, normal, noise, bias, way_scale, scale_bias, way_shift, shift_bias, following,
    colour_scale, colour_weight, colour_bias, before, result, colours,
    side, channels, own_normal, own_following, own_scale,
    steers: tl.constexpr, follows: tl.constexpr, colours_it: tl.constexpr, adds: tl.constexpr,
    block: tl.constexpr, width: tl.constexpr, steps: tl.constexpr,
):  # fmt: skip
    """A layer of the generator: see `gfpgan_steps.Layer`. With colours, a program goes over all channels."""
    image = tl.program_id(2)
    within = tl.program_id(0) * block + tl.arange(0, block)
    inside = within < side * side
    pixel = image * side * side + within
    mask = inside[:, None]
    grain = tl.load(noise + within, mask=inside, other=0.0)[:, None]
    red = tl.zeros((block,), tl.float32)
    green = tl.zeros((block,), tl.float32)
    blue = tl.zeros((block,), tl.float32)
    for step in range(steps):
        channel = (tl.program_id(1) * steps + step) * width + tl.arange(0, width)
        where = pixel[:, None] * channels + channel[None, :]
        value = tl.load(features + where, mask=mask, other=0.0).to(tl.float32)
        value = value * tl.load(normal + image * own_normal + channel)[None, :]
        value = _leaky(value + grain + tl.load(bias + channel)[None, :])
        if steers:
            half = channels // 2
            value = _steered(value, way_scale, scale_bias, way_shift, shift_bias, pixel, mask, channel, half)
        if colours_it:
            seen = value * tl.load(colour_scale + image * own_scale + channel)[None, :]
            red += tl.sum(seen * tl.load(colour_weight + channel)[None, :], axis=1)
            green += tl.sum(seen * tl.load(colour_weight + channels + channel)[None, :], axis=1)
            blue += tl.sum(seen * tl.load(colour_weight + 2 * channels + channel)[None, :], axis=1)
        if follows:
            value = value * tl.load(following + image * own_following + channel)[None, :]
            tl.store(result + where, value.to(result.dtype.element_ty), mask=mask)
    if colours_it:
        y, x = within // side, within % side
        for colour in tl.static_range(3):
            total = (red, green, blue)[colour] + tl.load(colour_bias + colour)
            if adds:
                total += _colour_before(before, image, y, x, side // 2, colour, mask)
            tl.store(colours + 3 * pixel + colour, total, mask=inside)
