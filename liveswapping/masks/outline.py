"""Draws what was found in the atlas into the picture, pixel by pixel, and lets each pixel decide at the border.

In the atlas a border is as coarse as a texel. In the picture a pixel between face and thing is compared with both
colours: where they differ enough, its own colour says how much of it is which.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Mask, Region
from liveswapping.imaging.face_mesh import POINTS, face_mesh
from liveswapping.imaging.mesh_warp import back_to_front, clip_span, edge, mesh_region
from liveswapping.masks.regions import Flags, soften

TILE: Final = 16
"""Pixels along each side of the tiles that remember where something was drawn."""
FREE, BORDER, INSIDE = 0, 1, 2
TOUCHED, FOLDED = 1, 2
CLEAR: Final = 0.02
"""Below this a texel is free."""
FAINT: Final = 0.08
"""Contrast between face and thing (in y, p, q together) below which the texels decide, …"""
STRONG: Final = 0.25
"""… and above which the pixel's colour does."""


@njit(nogil=True, cache=True)
def border_texels(colour: F32, residual: F32, hidden: Flags) -> F32:
    """(H, W, 8): soft flag of a thing, flag of its inside, y, p, q of the face, y, p, q of the thing.

    Colours are there only where the soft flag is; the thing's is the average of what was found around.
    """
    height, width = hidden.shape
    texels = np.zeros((height, width, 8), np.float32)
    soft = soften(hidden)
    total = np.empty(4, np.float32)
    for row in range(2, height - 2):
        for column in range(2, width - 2):
            if soft[row, column] <= 0:
                continue
            total[:] = 0
            inside = 0
            for y in range(row - 2, row + 3):
                for x in range(column - 2, column + 3):
                    if not hidden[y, x]:
                        continue
                    near = abs(y - row) <= 1 and abs(x - column) <= 1
                    inside += near
                    w = np.float32(3 if near else 1)
                    total[3] += w
                    for c in range(3):
                        total[c] += w * colour[c, y, x]
            texels[row, column, 0] = soft[row, column]
            texels[row, column, 1] = np.float32(inside == 9)
            for c in range(3):
                texels[row, column, 2 + c] = colour[c, row, column] - residual[c, row, column]
                texels[row, column, 5 + c] = total[c] / total[3]
    return texels


@njit(nogil=True, cache=True)
def _sample(grid: F32, x: float, y: float, out: F32) -> None:
    """`grid` (H, W, C) between four texels; x and y are inside it."""
    column, row = min(int(x), grid.shape[1] - 2), min(int(y), grid.shape[0] - 2)
    fx, fy = np.float32(x - column), np.float32(y - row)
    one = np.float32(1)
    for c in range(grid.shape[2]):
        upper = grid[row, column, c] * (one - fx) + grid[row, column + 1, c] * fx
        lower = grid[row + 1, column, c] * (one - fx) + grid[row + 1, column + 1, c] * fx
        out[c] = upper * (one - fy) + lower * fy


@njit(nogil=True, cache=True)
def _covered(pixel: Image, texel: F32, table: F32, faint: float, slope: float) -> float:
    """0..1: how much of this pixel is the thing. `texel`: soft flag, sure flag, y, p, q of the face, of the thing."""
    zero, one, soft = np.float32(0), np.float32(1), texel[0]
    if soft <= zero or texel[1] >= one:
        return float(texel[1])
    b, g, r = table[pixel[0]], table[pixel[1]], table[pixel[2]]
    y = np.float32(0.2) * b + np.float32(0.5) * g + np.float32(0.3) * r
    dy, dp, dq = texel[5] - texel[2], texel[6] - texel[3], texel[7] - texel[4]
    contrast = dy * dy + dp * dp + dq * dq
    along = (y - texel[2]) * dy + (r - g - texel[3]) * dp + (b - g - texel[4]) * dq
    own = min(max(along / max(contrast, np.float32(1e-6)) - np.float32(0.2), zero) * np.float32(2), one)
    trust = min(max((np.sqrt(contrast) - np.float32(faint)) * np.float32(slope), zero), one)
    coarse = min(max((soft - np.float32(0.3)) * np.float32(2.5), zero), one)
    reach = min(one, soft * np.float32(1 / 0.15))
    return float(max(texel[1], trust * own * reach + (one - trust) * coarse))


@njit(nogil=True, cache=True)
def _tiles_of(points: F32, corners: NDArray[np.int32], left: int, top: int, tiles: Flags) -> tuple[int, int, int, int]:
    """First and end row, first and end column of the tiles that a triangle's rectangle meets."""
    first_x = last_x = points[corners[0], 0] - left
    first_y = last_y = points[corners[0], 1] - top
    for n in (corners[1], corners[2]):
        first_x, last_x = min(first_x, points[n, 0] - left), max(last_x, points[n, 0] - left)
        first_y, last_y = min(first_y, points[n, 1] - top), max(last_y, points[n, 1] - top)
    first_row, first_column = int(max(first_y, 0.0)) // TILE, int(max(first_x, 0.0)) // TILE
    end_row, end_column = int(max(last_y, 0.0)) // TILE + 1, int(max(last_x, 0.0)) // TILE + 1
    return first_row, min(end_row, tiles.shape[0]), first_column, min(end_column, tiles.shape[1])


@njit(nogil=True, cache=True)
def _wanted(points: F32, triangles: NDArray[np.int32], touched: Flags, left: int, top: int, tiles: Flags) -> Flags:
    """1 for triangles to draw: those that show something in front, and what may lie over one where the face folds.

    A face that covers itself has triangles seen from behind there. `tiles` is filled.
    """
    wanted = np.zeros(triangles.shape[0], np.uint8)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t]
        area = (points[j, 0] - points[i, 0]) * (points[k, 1] - points[i, 1])
        area -= (points[j, 1] - points[i, 1]) * (points[k, 0] - points[i, 0])
        mark = FOLDED if area <= 1e-6 else (TOUCHED if touched[t] else 0)
        wanted[t] = area > 1e-6
        if mark:
            first, end, begin, stop = _tiles_of(points, triangles[t], left, top, tiles)
            for row in range(first, end):
                for column in range(begin, stop):
                    tiles[row, column] |= mark
    for t in range(triangles.shape[0]):
        if not wanted[t] or touched[t]:
            continue
        first, end, begin, stop = _tiles_of(points, triangles[t], left, top, tiles)
        over = False
        for row in range(first, end):
            for column in range(begin, stop):
                over |= tiles[row, column] == TOUCHED | FOLDED
        wanted[t] = over
    return wanted


@njit(nogil=True, cache=True, inline="always")
def _slope(
    a: float, b: float, c: float, bx: float, by: float, cx: float, cy: float, area: float
) -> tuple[float, float, float]:
    """A value at the first corner, and how it grows along x and y, in a triangle with two corners relative to it."""
    b, c = (b - a) / area, (c - a) / area
    return a, b * cy - c * by, c * bx - b * cx


@njit(nogil=True, cache=True)
def _draw(
    image: Image, points: F32, uv: F32, triangles: NDArray[np.int32], touched: NDArray[np.uint8], texels: F32,
    kinds: Flags, table: F32, noise: float, left: int, top: int, visible: F32,
) -> None:  # fmt: skip
    faint = max(FAINT, 2.5 * noise)
    slope = 1 / (max(STRONG, 7.0 * noise) - faint)
    width, height = visible.shape[1], visible.shape[0]
    texel = np.empty(texels.shape[2], np.float32)
    tiles = np.zeros((height // TILE + 2, width // TILE + 2), np.uint8)
    last = np.float32(texels.shape[0] - 1)
    wanted = _wanted(points, triangles, touched, left, top, tiles)
    for t in range(triangles.shape[0]):
        if not wanted[t]:
            continue
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0] - left, points[i, 1] - top
        bx, by = points[j, 0] - left, points[j, 1] - top
        cx, cy = points[k, 0] - left, points[k, 1] - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        u0, ux, uy = _slope(uv[i, 0] * last, uv[j, 0] * last, uv[k, 0] * last, bx - ax, by - ay, cx - ax, cy - ay, area)
        v0, vx, vy = _slope(uv[i, 1] * last, uv[j, 1] * last, uv[k, 1] * last, bx - ax, by - ay, cx - ax, cy - ay, area)
        p0, q0, r0 = edge(ax, ay, bx, by)
        p1, q1, r1 = edge(bx, by, cx, cy)
        p2, q2, r2 = edge(cx, cy, ax, ay)
        for row in range(max(0, ceil(min(ay, by, cy))), min(height, floor(max(ay, by, cy)) + 1)):
            lo, hi = clip_span(0.0, width - 1.0, p0, q0 * row + r0)
            lo, hi = clip_span(lo, hi, p1, q1 * row + r1)
            lo, hi = clip_span(lo, hi, p2, q2 * row + r2)
            for column in range(ceil(lo), floor(hi) + 1):
                if not touched[t]:
                    visible[row, column] = 1
                    continue
                x = min(max(u0 + ux * (column - ax) + uy * (row - ay), 0.0), last)
                y = min(max(v0 + vx * (column - ax) + vy * (row - ay), 0.0), last)
                kind = kinds[int(y), int(x)]
                if kind == BORDER:
                    _sample(texels, x, y, texel)
                    visible[row, column] = 1 - _covered(image[top + row, left + column], texel, table, faint, slope)
                else:
                    visible[row, column] = np.float32(kind == FREE)


@njit(nogil=True, cache=True)
def _kinds(texels: F32) -> Flags:
    """What a pixel between a texel and its right, lower and lower right neighbours is: FREE, BORDER or INSIDE."""
    rows, columns = texels.shape[0], texels.shape[1]
    kinds = np.zeros((rows, columns), np.uint8)
    for row in range(rows - 1):
        for column in range(columns - 1):
            square = texels[row : row + 2, column : column + 2]
            top, bottom = max(square[0, 0, 0], square[0, 1, 0]), max(square[1, 0, 0], square[1, 1, 0])
            soft, sure = max(top, bottom), min(square[0, 0, 1], square[0, 1, 1])
            sure = min(sure, min(square[1, 0, 1], square[1, 1, 1]))
            if soft > CLEAR:
                kinds[row, column] = INSIDE if sure == 1 else BORDER
    return kinds


@njit(nogil=True, cache=True)
def _touched(triangles: NDArray[np.int32], uv: F32, kinds: Flags) -> NDArray[np.uint8]:
    """1 for triangles in whose rectangle of the atlas anything is not free."""
    last = np.float32(kinds.shape[0] - 1)
    touched = np.zeros(triangles.shape[0], np.uint8)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        first_column, last_column = (
            int(min(uv[i, 0], uv[j, 0], uv[k, 0]) * last),
            int(max(uv[i, 0], uv[j, 0], uv[k, 0]) * last),
        )
        first_row, last_row = (
            int(min(uv[i, 1], uv[j, 1], uv[k, 1]) * last),
            int(max(uv[i, 1], uv[j, 1], uv[k, 1]) * last),
        )
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                if kinds[row, column] != FREE:
                    touched[t] = 1
    return touched


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What hides a face, fastened to its mesh, ready to be drawn into any frame that shows it so."""

    texels: F32
    """As from `border_texels`."""
    kinds: Flags
    triangles: NDArray[np.int32]
    """(T, 3) farthest first."""
    touched: Flags
    """(T,) 1 for triangles that show something in front."""
    noise: float
    """Of the picture, in the unit of the colours: what is not clearer than that is left to the texels."""


def prepare(texels: F32, mesh: F32, noise: float) -> Drawing:
    """A drawing of `texels` for a face seen as in `mesh`."""
    triangles = back_to_front(mesh[:POINTS], face_mesh().triangles)
    kinds = _kinds(texels)
    return Drawing(texels, kinds, triangles, _touched(triangles, face_mesh().uv, kinds), noise)


def draw_mask(image: Image, mesh: F32, drawing: Drawing, table: F32) -> Mask:
    """What of the face is visible, in the picture's pixels; `table` as from `observe.logarithms`."""
    points = np.ascontiguousarray(mesh[:POINTS, :2], np.float32)
    region = mesh_region(points, 1.0, image.shape[1], image.shape[0])
    visible = np.ones((region.height, region.width), np.float32)
    _draw(
        image, points, face_mesh().uv, drawing.triangles, drawing.touched, drawing.texels, drawing.kinds, table,
        drawing.noise, region.left, region.top, visible,
    )  # fmt: skip
    return Mask(Region(region.left, region.top, region.width, region.height), visible)
