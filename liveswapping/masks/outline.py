"""Draws what was found in the atlas into the picture, pixel by pixel, and lets each pixel decide at the border.

In the atlas a border is as coarse as a texel. In the picture a pixel between face and thing is compared with both
colours: where they differ enough, its own colour says how much of it is which.
"""

from __future__ import annotations

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
def _covered(pixel: Image, texel: F32, table: F32, faint: float, strong: float) -> float:
    """0..1: how much of this pixel is the thing. `texel`: soft flag, sure flag, y, p, q of the face, of the thing."""
    soft, sure = texel[0], texel[1]
    b, g, r = table[pixel[0]], table[pixel[1]], table[pixel[2]]
    y, p, q = 0.2 * b + 0.5 * g + 0.3 * r, r - g, b - g
    dy, dp, dq = texel[5] - texel[2], texel[6] - texel[3], texel[7] - texel[4]
    contrast = dy * dy + dp * dp + dq * dq
    along = ((y - texel[2]) * dy + (p - texel[3]) * dp + (q - texel[4]) * dq) / max(contrast, 1e-6)
    own = min(max((along - 0.2) / 0.5, 0.0), 1.0)
    trust = min(max((contrast**0.5 - faint) / (strong - faint), 0.0), 1.0)
    coarse = min(max((soft - 0.3) / 0.4, 0.0), 1.0)
    reach = min(1.0, soft / 0.15)
    return float(max(float(sure), trust * own * reach + (1.0 - trust) * coarse))


@njit(nogil=True, cache=True)
def _near_touched(tiles: Flags, ax: float, ay: float, bx: float, by: float, cx: float, cy: float, touched: int) -> bool:
    """Whether a triangle must be drawn: it shows something, or lies over one behind it that does. Marks its tiles."""
    first_row, last_row = int(max(min(ay, by, cy), 0.0)) // TILE, int(max(ay, by, cy, 0.0)) // TILE
    first_column, last_column = int(max(min(ax, bx, cx), 0.0)) // TILE, int(max(ax, bx, cx, 0.0)) // TILE
    near = touched > 0
    for row in range(first_row, min(last_row + 1, tiles.shape[0])):
        for column in range(first_column, min(last_column + 1, tiles.shape[1])):
            if touched:
                tiles[row, column] = 1
            elif tiles[row, column]:
                near = True
    return near


@njit(nogil=True, cache=True)
def _draw(
    image: Image, points: F32, uv: F32, triangles: NDArray[np.int32], touched: NDArray[np.uint8], texels: F32,
    kinds: Flags, table: F32, noise: float, left: int, top: int, visible: F32,
) -> None:  # fmt: skip
    faint, strong = max(FAINT, 2.5 * noise), max(STRONG, 7.0 * noise)
    width, height = visible.shape[1], visible.shape[0]
    texel = np.empty(texels.shape[2], np.float32)
    tiles = np.zeros((height // TILE + 2, width // TILE + 2), np.uint8)
    last = np.float32(texels.shape[0] - 1)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0] - left, points[i, 1] - top
        bx, by = points[j, 0] - left, points[j, 1] - top
        cx, cy = points[k, 0] - left, points[k, 1] - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area <= 1e-6 or not _near_touched(tiles, ax, ay, bx, by, cx, cy, touched[t]):
            continue
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
                wb = ((column - ax) * (cy - ay) - (row - ay) * (cx - ax)) / area
                wc = ((bx - ax) * (row - ay) - (by - ay) * (column - ax)) / area
                u = uv[i, 0] + wb * (uv[j, 0] - uv[i, 0]) + wc * (uv[k, 0] - uv[i, 0])
                v = uv[i, 1] + wb * (uv[j, 1] - uv[i, 1]) + wc * (uv[k, 1] - uv[i, 1])
                x, y = min(max(u * last, 0.0), last), min(max(v * last, 0.0), last)
                kind = kinds[int(y), int(x)]
                if kind == BORDER:
                    _sample(texels, x, y, texel)
                    visible[row, column] = 1 - _covered(image[top + row, left + column], texel, table, faint, strong)
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


def draw_mask(image: Image, mesh: F32, texels: F32, table: F32, noise: float) -> Mask:
    """What of the face is visible, in the picture's pixels; `texels` as from `border_texels`.

    `noise` of the picture, in the unit of the colours: what is not clearer than that is left to the texels.
    """
    points = np.ascontiguousarray(mesh[:POINTS, :2], np.float32)
    region = mesh_region(points, 1.0, image.shape[1], image.shape[0])
    visible = np.ones((region.height, region.width), np.float32)
    uv = face_mesh().uv
    triangles = back_to_front(mesh[:POINTS], face_mesh().triangles)
    kinds = _kinds(texels)
    touched = _touched(triangles, uv, kinds)
    _draw(image, points, uv, triangles, touched, texels, kinds, table, noise, region.left, region.top, visible)
    return Mask(Region(region.left, region.top, region.width, region.height), visible)
