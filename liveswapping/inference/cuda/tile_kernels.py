"""Triton kernels of the swap network between its tiles' matrix products. Import only where Triton is.

Arrays are those of `reswapper_steps.py` in half precision; arithmetic and statistics are float32. Programs run over
tiles, channels and faces. Sizes of pictures are not compiled in: one compiled kernel serves every resolution.
"""
# Kernels are a language of their own inside Python: arguments are pointers, numbers and constants without hints.
# ruff: noqa: ANN001, ANN201, ANN202, RUF005
# mypy: ignore-errors

from __future__ import annotations

import triton
import triton.language as tl

from liveswapping.inference.cuda.winograd import BALANCE, FAR, NEAR

_FAR = tl.constexpr(FAR)
_FAR2 = tl.constexpr(FAR**2)
_FAR3 = tl.constexpr(FAR**3)
_NEAR = tl.constexpr(NEAR)
_NEAR2 = tl.constexpr(NEAR**2)
_NEAR3 = tl.constexpr(NEAR**3)
_BOTH2 = tl.constexpr(FAR**2 + NEAR**2)
_AT_ENDS = tl.constexpr(BALANCE[0])
_AT_FAR = tl.constexpr(BALANCE[1])
_AT_NEAR = tl.constexpr(BALANCE[2])
_SLOPE = tl.constexpr(0.2)
_EPSILON = tl.constexpr(1e-8)


@triton.jit
def _evaluated(d0, d1, d2, d3, d4, d5):
    """Six pixels to their values at the six points: Bᵀ."""
    far_even = (d4 - _NEAR2 * d2) * _AT_FAR
    far_odd = (d3 - _NEAR2 * d1) * (_AT_FAR * _FAR)
    near_even = (d4 - _FAR2 * d2) * _AT_NEAR
    near_odd = (d3 - _FAR2 * d1) * (_AT_NEAR * _NEAR)
    first = (d4 + d0 - _BOTH2 * d2) * _AT_ENDS
    last = (d5 + d1 - _BOTH2 * d3) * _AT_ENDS
    return first, far_even + far_odd, far_even - far_odd, near_even + near_odd, near_even - near_odd, last


@triton.jit
def _interpolated(m0, m1, m2, m3, m4, m5):
    """Six products to four pixels: Aᵀ."""
    far_sum, far_difference = m1 + m2, m1 - m2
    near_sum, near_difference = m3 + m4, m3 - m4
    return (
        m0 + far_sum + near_sum,
        _FAR * far_difference + _NEAR * near_difference,
        _FAR2 * far_sum + _NEAR2 * near_sum,
        _FAR3 * far_difference + _NEAR3 * near_difference + m5,
    )


@triton.jit
def _points(line, start, size, enlarge: tl.constexpr):
    """The pixels of a line, the first of them at `start`, to their values at the six points.

    With `enlarge` they are four, and first become the middle six of twice as many; beyond the border is zero.
    """
    if enlarge:
        fourth = (start + 2 < size).to(tl.float32)[:, None]
        d0 = (0.75 * line[0] + 0.25 * line[1]) * (start >= 0).to(tl.float32)[:, None]
        d1 = 0.25 * line[0] + 0.75 * line[1]
        d2 = 0.75 * line[1] + 0.25 * line[2]
        d3 = (0.25 * line[1] + 0.75 * line[2]) * fourth
        d4 = (0.75 * line[2] + 0.25 * line[3]) * fourth
        d5 = (0.25 * line[2] + 0.75 * line[3]) * (start + 3 < size).to(tl.float32)[:, None]
        return _evaluated(d0, d1, d2, d3, d4, d5)
    else:  # noqa: RET505 - only one branch is compiled
        return _evaluated(line[0], line[1], line[2], line[3], line[4], line[5])


@triton.jit
def _leaky(value):
    return tl.maximum(value, _SLOPE * value)


@triton.jit
def _mirrored(position, size):
    """Positions outside of 0..size-1 mirrored at the outermost pixels."""
    return tl.maximum((size - 1) - tl.abs((size - 1) - tl.abs(position)), 0)


@triton.jit
def _scale_and_shift(sums, style, image, channel, present, channels, parts, own_style, pixels, most: tl.constexpr):
    """What normalising and styling come to: a factor and a summand for each channel."""
    part = tl.arange(0, most)
    where = (image * parts + part)[:, None] * (2 * channels) + channel[None, :]
    mask = (part < parts)[:, None] & present[None, :]
    mean = tl.sum(tl.load(sums + where, mask=mask, other=0.0), axis=0) / pixels
    squares = tl.sum(tl.load(sums + where + channels, mask=mask, other=0.0), axis=0) / pixels
    deviation = tl.sqrt(tl.maximum(squares - mean * mean, 0.0) + _EPSILON)
    own = style + image * own_style + channel
    scale = tl.load(own, mask=present, other=0.0) / deviation
    return scale, tl.load(own + channels, mask=present, other=0.0) - mean * scale


@triton.jit
def _restyled(features, beside, where, mask, scale, shift, styled: tl.constexpr, adds: tl.constexpr):
    """Features where they are read: as they are, or styled and then either added to others or through ReLU."""
    value = tl.load(features + where, mask=mask, other=0.0).to(tl.float32)
    if styled:
        value = value * scale[None, :] + shift[None, :]
        if adds:
            value += tl.load(beside + where, mask=mask, other=0.0).to(tl.float32)
        else:
            value = tl.maximum(value, 0.0)
    return value


@triton.jit
def _within(position, size, enlarge: tl.constexpr):
    """Which pixel stands for `position` beyond the border."""
    if enlarge:
        return tl.minimum(tl.maximum(position, 0), size - 1)
    return _mirrored(position, size)


@triton.jit(do_not_specialize=["height", "width", "rows", "columns", "parts", "own_style"])
def into_tiles(
    features, beside, kept, sums, style, tiles,
    height, width, rows, columns, channels, plane, parts, own_style,
    styled: tl.constexpr, adds: tl.constexpr, enlarge: tl.constexpr,
    most: tl.constexpr, block: tl.constexpr, wide: tl.constexpr,
):  # fmt: skip
    """Features (or restyled features) to tiles; with `adds` and without `enlarge` the sum goes to `kept` as well.

    `enlarge` reads the 4×4 pixels that make a tile's 6×6 and puts zeros around the border; else it is mirrored.
    """
    image = tl.program_id(2)
    tile = tl.program_id(0) * block + tl.arange(0, block)
    channel = tl.program_id(1) * wide + tl.arange(0, wide)
    present = channel < channels
    mask = (tile < rows * columns)[:, None] & present[None, :]
    step = 2 if enlarge else 4
    row, column = tile // columns * step - 1, tile % columns * step - 1
    scale, shift = 1.0, 0.0
    if styled:
        pixels = height * width
        scale, shift = _scale_and_shift(sums, style, image, channel, present, channels, parts, own_style, pixels, most)
    lines = ()
    for j in tl.static_range(4 if enlarge else 6):
        line = ()
        for i in tl.static_range(4 if enlarge else 6):
            y, x = _within(row + i, height, enlarge), _within(column + j, width, enlarge)
            where = ((image * height + y) * width + x)[:, None] * channels + channel[None, :]
            value = _restyled(features, beside, where, mask, scale, shift, styled, adds)
            if adds and not enlarge and i > 0 and i < 5 and j > 0 and j < 5:
                inside = ((row + i < height) & (column + j < width))[:, None]
                tl.store(kept + where, value.to(kept.dtype.element_ty), mask=mask & inside)
            line = line + (value,)
        lines = lines + (_points(line, row, height, enlarge),)
    start = (image * rows * columns + tile)[:, None] * channels + channel[None, :]
    for a in tl.static_range(6):
        across = (lines[0][a], lines[1][a], lines[2][a], lines[3][a])
        if not enlarge:
            across = across + (lines[4][a], lines[5][a])
        values = _points(across, column, width, enlarge)
        for b in tl.static_range(6):
            tl.store(tiles + plane.to(tl.int64) * (6 * a + b) + start, values[b].to(tiles.dtype.element_ty), mask=mask)


@triton.jit(do_not_specialize=["height", "width", "rows", "columns", "steps"])
def out_of_tiles(
    products, features, bias, sums,
    height, width, rows, columns, channels, plane, steps,
    measure: tl.constexpr, block: tl.constexpr, wide: tl.constexpr,
):  # fmt: skip
    """Products to features: as they are, with the sums of this program's part; or plus bias, through LeakyReLU."""
    image, part = tl.program_id(2), tl.program_id(0)
    channel = tl.program_id(1) * wide + tl.arange(0, wide)
    present = channel < channels
    total = tl.zeros((block, wide), tl.float32)
    squares = tl.zeros((block, wide), tl.float32)
    shift = 0.0
    if not measure:
        shift = tl.load(bias + channel, mask=present, other=0.0)[None, :]
    for step in range(steps):
        tile = (part * steps + step) * block + tl.arange(0, block)
        mask = (tile < rows * columns)[:, None] & present[None, :]
        row, column = tile // columns * 4, tile % columns * 4
        start = (image * rows * columns + tile)[:, None] * channels + channel[None, :]
        lines = ()
        for a in tl.static_range(6):
            line = ()
            for b in tl.static_range(6):
                where = products + plane.to(tl.int64) * (6 * a + b) + start
                line = line + (tl.load(where, mask=mask, other=0.0).to(tl.float32),)
            lines = lines + (_interpolated(line[0], line[1], line[2], line[3], line[4], line[5]),)
        for j in tl.static_range(4):
            pixels = _interpolated(lines[0][j], lines[1][j], lines[2][j], lines[3][j], lines[4][j], lines[5][j])
            for i in tl.static_range(4):
                inside = mask & ((row + i < height) & (column + j < width))[:, None]
                value = pixels[i]
                if measure:
                    value = tl.where(inside, value, 0.0)
                    total += value
                    squares += value * value
                else:
                    value = _leaky(value + shift)
                where = ((image * height + row + i) * width + column + j)[:, None] * channels + channel[None, :]
                tl.store(features + where, value.to(features.dtype.element_ty), mask=inside)
    if measure:
        own = sums + (image * tl.num_programs(0) + part) * (2 * channels) + channel
        tl.store(own, tl.sum(total, axis=0), mask=present)
        tl.store(own + channels, tl.sum(squares, axis=0), mask=present)
