"""Triton kernels of the swap network's direct convolutions. Import only where Triton is.

Arrays are those of `reswapper_steps.py` in half precision; sums are float32. Programs run over pixels and output
channels. Sizes of pictures are not compiled in: one compiled kernel serves every resolution.
"""
# Kernels are a language of their own inside Python: arguments are pointers, numbers and constants without hints.
# ruff: noqa: ANN001, ANN201, ANN202
# mypy: ignore-errors

from __future__ import annotations

import triton
import triton.language as tl

_SLOPE = tl.constexpr(0.2)


@triton.jit
def _mirrored(position, size):
    """Positions outside of 0..size-1 mirrored at the outermost pixels."""
    return tl.maximum((size - 1) - tl.abs((size - 1) - tl.abs(position)), 0)


@triton.jit(do_not_specialize=["size", "pixels"])
def first(crops, weight, bias, features, size, pixels, channels, block: tl.constexpr, wide: tl.constexpr):
    """7×7 over bytes: `weight` is (7, 32, channels), per row of the kernel its 21 numbers and zeros."""
    pixel = tl.program_id(0) * block + tl.arange(0, block)
    channel = tl.program_id(1) * wide + tl.arange(0, wide)
    number = tl.arange(0, 32)
    line, x = pixel // size, pixel % size
    image, y = line // size, line % size
    columns = _mirrored(x[:, None] + (number // 3)[None, :] - 3, size) * 3 + (number % 3)[None, :]
    mask = (pixel < pixels)[:, None] & (number < 21)[None, :]
    total = tl.zeros((block, wide), tl.float32)
    for i in tl.static_range(7):
        row = (image * size + _mirrored(y + (i - 3), size)) * size * 3
        levels = tl.load(crops + row[:, None] + columns, mask=mask, other=0)
        factors = tl.load(weight + (i * 32 + number)[:, None] * channels + channel[None, :])
        total = tl.dot(levels.to(tl.float32).to(factors.dtype), factors, total)
    total = total * (1 / 255) + tl.load(bias + channel)[None, :]
    total = tl.maximum(total, _SLOPE * total)
    where = pixel[:, None] * channels + channel[None, :]
    tl.store(features + where, total.to(features.dtype.element_ty), mask=(pixel < pixels)[:, None])


@triton.jit(do_not_specialize=["height", "width", "out_height", "out_width", "pixels"])
def middle(
    features, weight, bias, result, height, width, out_height, out_width, pixels, channels, outs,
    stride: tl.constexpr, block: tl.constexpr, wide: tl.constexpr, depth: tl.constexpr, together: tl.constexpr,
):  # fmt: skip
    """3×3 with zeros around, as one matrix product with `weight` (9·channels, outs); bias and LeakyReLU.

    `together` blocks of pixels go through all outputs before the next, so that what they read stays in the cache.
    """
    columns = outs // wide
    first_block = tl.program_id(0) // (together * columns) * together
    within = tl.program_id(0) % (together * columns)
    rows = tl.minimum(tl.cdiv(pixels, block) - first_block, together)
    pixel = (first_block + within % rows) * block + tl.arange(0, block)
    out = within // rows * wide + tl.arange(0, wide)
    line, x = pixel // out_width, pixel % out_width * stride - 1
    image, y = line // out_height, line % out_height * stride - 1
    channel = tl.arange(0, depth)
    start = ((image * height + y) * width + x) * channels
    total = tl.zeros((block, wide), tl.float32)
    per_tap = channels // depth
    for step in range(9 * per_tap):
        tap = step // per_tap
        i, j = tap // 3, tap % 3
        inside = (y + i >= 0) & (y + i < height) & (x + j >= 0) & (x + j < width) & (pixel < pixels)
        shift = (i * width + j) * channels + (step - tap * per_tap) * depth
        values = tl.load(features + (start + shift)[:, None] + channel[None, :], mask=inside[:, None], other=0.0)
        factors = tl.load(weight + (step * depth + channel)[:, None] * outs + out[None, :])
        total = tl.dot(values, factors, total)
    total += tl.load(bias + out)[None, :]
    total = tl.maximum(total, _SLOPE * total)
    where = pixel[:, None] * outs + out[None, :]
    tl.store(result + where, total.to(result.dtype.element_ty), mask=(pixel < pixels)[:, None])


@triton.jit(do_not_specialize=["size", "pixels"])
def last_vertical(features, weight, sums, size, pixels, channels, block: tl.constexpr, depth: tl.constexpr):
    """7×7 with `weight` (7·channels, 32), summed over rows only: (pixels, 32), 3 colours for each of 7 columns."""
    pixel = tl.program_id(0) * block + tl.arange(0, block)
    number, channel = tl.arange(0, 32), tl.arange(0, depth)
    line, x = pixel // size, pixel % size
    image, y = line // size, line % size
    total = tl.zeros((block, 32), tl.float32)
    per_row = channels // depth
    for step in range(7 * per_row):
        i = step // per_row
        start = ((image * size + _mirrored(y + i - 3, size)) * size + x) * channels + (step - i * per_row) * depth
        values = tl.load(features + start[:, None] + channel[None, :], mask=(pixel < pixels)[:, None], other=0.0)
        factors = tl.load(weight + (step * depth + channel)[:, None] * 32 + number[None, :])
        total = tl.dot(values, factors, total)
    tl.store(sums + pixel[:, None] * 32 + number[None, :], total, mask=(pixel < pixels)[:, None])


@triton.jit(do_not_specialize=["size", "count"])
def last_horizontal(sums, bias, crops, size, count, block: tl.constexpr):
    """The rest of it: sums over columns, and tanh, as bytes where `crops` are bytes and as 0..1 else."""
    value = tl.program_id(0) * block + tl.arange(0, block)
    pixel, colour = value // 3, value % 3
    line, x = pixel // size, pixel % size
    total = tl.load(bias + colour)
    for j in tl.static_range(7):
        where = (line * size + _mirrored(x + (j - 3), size)) * 32 + j * 3 + colour
        total += tl.load(sums + where, mask=value < count, other=0.0)
    share = 1.0 / (1.0 + tl.exp(-2.0 * total))
    if crops.dtype.element_ty == tl.uint8:
        share = share * 255.0 + 0.5
    tl.store(crops + value, share.to(crops.dtype.element_ty), mask=value < count)
