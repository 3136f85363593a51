"""The inner loop of the built-in engine: every pixel of a face, once."""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.bands import run_bands
from liveswapping.imaging.mesh_warp import OVERLAP, clip_span, edge

ATTRIBUTES: Final = 9
"""Per mesh point: texture u, v in texels; light B, G, R; skin 0..1; moved dx, dy; cover 0..1."""


@njit(nogil=True, cache=True, inline="always", fastmath=True)  # type: ignore[untyped-decorator]
def _bilinear(image: NDArray[np.uint8], x: float, y: float) -> tuple[float, float, float]:
    height, width = image.shape[0], image.shape[1]
    x, y = min(max(x, 0.0), width - 1.001), min(max(y, 0.0), height - 1.001)
    xi, yi = int(x), int(y)
    fx, fy = x - xi, y - yi
    a, b, c, d = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
    p, q, r, s = image[yi, xi], image[yi, xi + 1], image[yi + 1, xi], image[yi + 1, xi + 1]
    return (
        a * p[0] + b * q[0] + c * r[0] + d * s[0],
        a * p[1] + b * q[1] + c * r[1] + d * s[1],
        a * p[2] + b * q[2] + c * r[2] + d * s[2],
    )


@njit(nogil=True, cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def _render(
    frame: Image,
    texture: NDArray[np.int16],
    points: F32,
    attributes: F32,
    triangles: NDArray[np.int32],
    chroma: float,
    left: int,
    top: int,
    out: Image,
    mask: F32,
    first_row: int,
    end_row: int,
) -> None:
    width, texels_y, texels_x = out.shape[1], texture.shape[0], texture.shape[1]
    value, step = np.empty(9, np.float32), np.empty(9, np.float32)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0] - left, points[i, 1] - top
        bx, by = points[j, 0] - left, points[j, 1] - top
        cx, cy = points[k, 0] - left, points[k, 1] - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area <= 1e-4:
            continue
        p0, q0, r0 = edge(ax, ay, bx, by)
        p1, q1, r1 = edge(bx, by, cx, cy)
        p2, q2, r2 = edge(cx, cy, ax, ay)
        for c in range(9):
            vb, vc = attributes[j, c] - attributes[i, c], attributes[k, c] - attributes[i, c]
            step[c] = (vb * (cy - ay) - vc * (by - ay)) / area
        start = max(first_row, ceil(min(ay, by, cy) - OVERLAP))
        end = min(end_row, floor(max(ay, by, cy) + OVERLAP) + 1)
        for y in range(start, end):
            lo, hi = clip_span(0.0, width - 1.0, p0, q0 * y + r0)
            lo, hi = clip_span(lo, hi, p1, q1 * y + r1)
            lo, hi = clip_span(lo, hi, p2, q2 * y + r2)
            x0 = ceil(lo)
            wb = ((x0 - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
            wc = ((bx - ax) * (y - ay) - (by - ay) * (x0 - ax)) / area
            for c in range(9):
                base = attributes[i, c]
                value[c] = base + wb * (attributes[j, c] - base) + wc * (attributes[k, c] - base)
            for x in range(x0, floor(hi) + 1):
                n = x - x0
                u = min(max(value[0] + n * step[0], 0.0), texels_x - 1.001)
                v = min(max(value[1] + n * step[1], 0.0), texels_y - 1.001)
                ui, vi = int(u), int(v)
                fu, fv = u - ui, v - vi
                wa, wd, we, wf = (1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv
                ta, tb, tc, td = texture[vi, ui], texture[vi, ui + 1], texture[vi + 1, ui], texture[vi + 1, ui + 1]
                unit = 1.0 / 4096.0
                skin = (wa * ta[3] + wd * tb[3] + we * tc[3] + wf * td[3]) * unit
                skin *= min(max(value[5] + n * step[5], 0.0), 1.0)
                cover = skin + (1.0 - skin) * min(max(value[8] + n * step[8], 0.0), 1.0)
                if cover < 0.004:
                    continue
                db = (wa * ta[0] + wd * tb[0] + we * tc[0] + wf * td[0]) * unit
                dg = (wa * ta[1] + wd * tb[1] + we * tc[1] + wf * td[1]) * unit
                dr = (wa * ta[2] + wd * tb[2] + we * tc[2] + wf * td[2]) * unit
                dy = 0.114 * db + 0.587 * dg + 0.299 * dr
                sb = (value[2] + n * step[2]) * (1.0 + dy + chroma * (db - dy))
                sg = (value[3] + n * step[3]) * (1.0 + dy + chroma * (dg - dy))
                sr = (value[4] + n * step[4]) * (1.0 + dy + chroma * (dr - dy))
                sb, sg, sr = min(max(sb, 0.0), 255.0), min(max(sg, 0.0), 255.0), min(max(sr, 0.0), 255.0)
                if cover > skin + 0.001:
                    b, g, r = _bilinear(
                        frame, x + left + value[6] + n * step[6], y + top + value[7] + n * step[7]
                    )
                    own = skin / cover
                    sb, sg, sr = b + own * (sb - b), g + own * (sg - g), r + own * (sr - r)
                below = mask[y, x]
                if below > 0.0:
                    total = cover + (1.0 - cover) * below
                    own = cover / total
                    b, g, r = float(out[y, x, 0]), float(out[y, x, 1]), float(out[y, x, 2])
                    sb, sg, sr = b + own * (sb - b), g + own * (sg - g), r + own * (sr - r)
                    cover = total
                out[y, x, 0], out[y, x, 1], out[y, x, 2] = int(sb + 0.5), int(sg + 0.5), int(sr + 0.5)
                mask[y, x] = cover


def render(
    frame: Image,
    texture: NDArray[np.int16],
    points: F32,
    attributes: F32,
    triangles: NDArray[np.int32],
    chroma: float,
    region: Region,
) -> tuple[Image, F32]:
    """Draw a face over `region` of `frame`: picture (h, w, 3) and how much of it counts (h, w).

    Where `cover` exceeds the swapped skin the picture shows the frame itself, fetched from `dx, dy` pixels away:
    that is how a changed outline takes its surroundings along.
    """
    image = np.empty((region.height, region.width, 3), np.uint8)
    mask = np.zeros((region.height, region.width), np.float32)

    def band(first: int, end: int) -> None:
        _render(
            frame, texture, points, attributes, triangles, chroma, region.left, region.top, image, mask, first, end
        )

    run_bands(band, region.height)
    return image, mask
