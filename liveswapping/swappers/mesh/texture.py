"""A photograph prepared once: what is left of a face when its light has been taken out, unrolled to UV space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.face import Portrait
from liveswapping.domain.frame import F32, Mask, Region
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, LIPS_INNER, POINTS, face_mesh, face_width
from liveswapping.imaging.mesh_warp import draw_mesh, mesh_region
from liveswapping.swappers.mesh.even_light import evenly_lit, without_cast_shadow
from liveswapping.swappers.mesh.eyes import TILE, eye_tiles
from liveswapping.swappers.mesh.light import LUMA, Light, measure_light
from liveswapping.swappers.mesh.pose import Pose, facing, pose_of

SIZE: Final = 512
"""Texels per side: about one per pixel of a face 480 wide."""
SIZES: Final = (512, 384, 256, 192, 128)
"""Texels per side of each level: near enough to each other that none need be much larger than a face is drawn, since
texels that do not fit into a processor's cache cost more than all arithmetic."""
UNIT: Final = 4096.0
"""Fixed-point texels: this is 1.0."""
DARKEST: Final = 16.0
"""Light below this level carries no ratio worth keeping."""
LARGEST_FACE: Final = 640
"""A photograph with a larger face is reduced first: the texture could not hold its detail and would alias."""
EDGE_ON: Final = 0.12
STRAIGHT: Final = 0.5
"""Skin that faces the camera up to the first is smeared in a photograph, from the second on it is shown well."""
SURE_ENOUGH: Final = 0.4
"""From here on a texel is shown fully: the rest of the scale only ranks photographs against each other."""
SOFT: Final = 5.0
"""Blur, in texels, of the border of what is covered."""
OUTER: Final = 0.06
"""What hides the face this near to its outline, in UV units, comes from outside."""
FEATURES: Final = 0.16
"""Distance from the face's middle, in UV units, within which nothing is taken for hair."""
HAIR_SHADOW: Final = 11
"""Texels beside a strand of hair that lie in its shadow."""
SILHOUETTE: Final = 0.06
"""Share of the face's width beside its silhouette that is not trusted."""
UPPER_GAP: Final = (0.008, 0.016)
LOWER_GAP: Final = 0.046
"""Width of what is smoothed above and below the gap between the lips, in UV units: part of the upper lip, which is
thin (less of it where the photograph's mouth is closed: its landmarks are surer), and most of the lower one."""
OPEN_MOUTH: Final = (0.02, 0.06)
"""Face widths between the lips: a mouth that is closed, and one that is open."""
RIM: Final = 0.045
"""Width of the soft border along the face's outline, in UV units."""


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A prepared photograph."""

    levels: tuple[NDArray[np.int16], ...]
    """(S + S/4, S, 4) for each S of SIZES: detail B, G, R (a channel's ratio to the local light, less 1) and how
    sure the texel is skin of this face, all × UNIT. Below the unrolled face lie two tiles with the eyes."""
    light: Light
    """The light that was taken out."""
    pose: Pose


def _reduced(portrait: Portrait) -> tuple[np.ndarray, F32, Mask | None]:
    mesh = portrait.face.mesh
    assert mesh is not None
    factor = min(1.0, LARGEST_FACE / max(face_width(mesh), 1.0))
    if factor == 1.0:
        return portrait.image, mesh, portrait.visible
    image = cv2.resize(portrait.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    visible = portrait.visible
    if visible is not None:
        r = visible.region
        region = Region(
            round(r.left * factor), round(r.top * factor), round(r.width * factor), round(r.height * factor)
        )
        values = cv2.resize(visible.values, (region.width, region.height), interpolation=cv2.INTER_AREA)
        visible = Mask(region, np.asarray(values, np.float32))
    return image, (mesh * factor).astype(np.float32), visible


def _shown(visible: Mask | None, where: F32) -> F32:
    """How sure each texel is not hair or anything else that reaches into the face from outside: (SIZE, SIZE), 0..1.

    `where` (SIZE, SIZE, 2) are the texels' places in the photograph. What a mask finds inside the face alone (a
    laughing mouth, a mole) belongs to the person.
    """
    if visible is None:
        return np.ones((SIZE, SIZE), np.float32)
    x, y = where[..., 0] - np.float32(visible.region.left), where[..., 1] - np.float32(visible.region.top)
    seen = cv2.remap(visible.values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    hidden = (np.asarray(seen) < 0.6).astype(np.uint8)
    rim = cv2.resize(face_zones.inside_outline(), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR) < OUTER
    _, labels = cv2.connectedComponents(hidden)
    intruding = np.isin(labels, np.unique(labels[rim & (hidden > 0)])) & (hidden > 0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (HAIR_SHADOW, HAIR_SHADOW))
    grown = cv2.dilate(_outwards(intruding), disc)
    return 1.0 - np.asarray(cv2.GaussianBlur(grown, (0, 0), HAIR_SHADOW / 4), np.float32)


def _outwards(intruding: NDArray[np.bool_]) -> F32:
    """`intruding` (SIZE, SIZE) and all that lies beyond it, seen from the middle of the face: hair has roots."""
    centre, reach = (SIZE / 2, SIZE * 0.55), float(SIZE)
    flags = cv2.INTER_LINEAR | cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS  # else: whatever was in memory
    rays = cv2.warpPolar(intruding.astype(np.float32), (SIZE, 2 * SIZE), centre, reach, flags)
    rays[:, : round(FEATURES * SIZE)] = 0.0  # what reaches in further is no hair
    beyond = np.maximum.accumulate(np.asarray(rays, np.float32), axis=1)
    back = cv2.warpPolar(beyond, (SIZE, SIZE), centre, reach, flags | cv2.WARP_INVERSE_MAP)
    return np.maximum(np.asarray(back, np.float32), intruding.astype(np.float32))


def prepare_texture(portraits: Sequence[Portrait]) -> tuple[Texture, ...]:
    """A texture of every photograph of one person. Needs every `portrait.face.mesh`.

    Each is filled from the others, then from its own other side, where it shows nothing itself.
    """
    views = [_unrolled(portrait) for portrait in portraits]
    textures = []
    for n, view in enumerate(views):
        others = [other for m, other in enumerate(views) if m != n]
        detail, sure = view.detail, view.sure
        for other in sorted(others, key=lambda o: -float(o.pose.direction @ view.pose.direction)):
            detail, sure = _filled(detail, sure, other.detail, other.sure)
        detail, sure = _filled(detail, sure, detail[:, ::-1], sure[:, ::-1])
        trusted = np.clip((sure - 0.3) / 0.4, 0.0, 1.0)
        detail = evenly_lit(_without_gap(_bridged(detail, trusted), trusted, view.open_mouth), sure)
        texels = np.concatenate([np.concatenate([detail, _cover(sure)[..., None]], axis=2), view.eyes])
        textures.append(Texture(_levels(texels), view.light, view.pose))
    return tuple(textures)


def _cover(sure: F32) -> F32:
    """(SIZE, SIZE) how far each texel is laid over the target.

    Also where a fringe hides the photograph's own forehead the target's brows are covered, by the skin that
    `_bridged` has put there: else there would be two pairs. What is covered ends softly.
    """
    brows = cv2.resize(face_zones.around_brows(), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    cover = np.maximum(np.clip(sure / SURE_ENOUGH, 0.0, 1.0), brows)
    return np.asarray(np.minimum(cv2.GaussianBlur(cover, (0, 0), SOFT), 1.0) * _rim(), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """One photograph unrolled: `detail` (SIZE, SIZE, 3), `sure` (SIZE, SIZE) and the strip of eyes."""

    detail: F32
    sure: F32
    eyes: F32
    light: Light
    pose: Pose
    open_mouth: float
    """0 closed, 1 open."""


def _unrolled(portrait: Portrait) -> _View:
    image, mesh, visible = _reduced(portrait)
    topology, turned = face_mesh(), facing(mesh)
    light = measure_light(image, mesh, turned, visible)
    values = np.concatenate([mesh[:POINTS, :2], light.colour[:POINTS], turned[:POINTS, None]], axis=1)
    square = Region(0, 0, SIZE, SIZE)
    unrolled, _ = draw_mesh(topology.uv[:POINTS] * (SIZE - 1), values, topology.triangles, square)
    where, low, turned_at = unrolled[..., :2], unrolled[..., 2:5], unrolled[..., 5]
    x, y = np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])
    colours = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    detail = (colours - low) / np.maximum(low, DARKEST)
    sure = np.clip((turned_at - EDGE_ON) / (STRAIGHT - EDGE_ON), 0.0, 1.0) * _shown(visible, where)
    sure = sure * _inside_silhouette(mesh, where)
    return _View(
        without_cast_shadow(detail.astype(np.float32), sure.astype(np.float32), light),
        sure.astype(np.float32),
        _eye_strip(image, mesh, light.colour, turned),
        light,
        pose_of(mesh),
        _open_mouth(mesh),
    )


def _open_mouth(mesh: F32) -> float:
    """0 where the lips touch, 1 where they are apart."""
    apart = float(np.linalg.norm(mesh[LIPS_INNER[15]] - mesh[LIPS_INNER[5]])) / face_width(mesh)
    return float(np.clip((apart - OPEN_MOUTH[0]) / (OPEN_MOUTH[1] - OPEN_MOUTH[0]), 0.0, 1.0))


def _inside_silhouette(mesh: F32, where: F32) -> F32:
    """0 at the face's silhouette in the photograph, where a small error shows the background, 1 well inside it."""
    region = mesh_region(mesh[:POINTS], 2.0, *(int(edge) for edge in mesh[:POINTS, :2].max(axis=0) + 4))
    points, topology = mesh[:POINTS, :2], face_mesh()
    _, covered = draw_mesh(points, points, topology.triangles, region)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(covered, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), cv2.DIST_L2, 5)
    x, y = where[..., 0] - np.float32(region.left - 1), where[..., 1] - np.float32(region.top - 1)
    inside = np.asarray(cv2.remap(depth, x, y, cv2.INTER_LINEAR), np.float32)
    return np.asarray(np.clip(inside / (SILHOUETTE * face_width(mesh)), 0.0, 1.0), np.float32)


@cache
def _rim() -> F32:
    """(SIZE, SIZE) the soft border along the outline."""
    # Two cells of the zone's grid short of the outline, so that nothing is left of it on the outline itself.
    inside = np.clip((face_zones.inside_outline() - 2.0 / face_zones.SIZE) / RIM, 0.0, 1.0)
    inside = cv2.resize(inside, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    smooth: F32 = inside * inside * (3.0 - 2.0 * inside)
    return smooth


def _eye_strip(image: NDArray[np.uint8], mesh: F32, light: F32, turned: F32) -> F32:
    """(SIZE / 4, SIZE, 4) both eyes' tiles side by side."""
    strip = np.zeros((SIZE // 4, SIZE, 4), np.float32)
    lights = (light[list(EYE_LEFT)].mean(axis=0), light[list(EYE_RIGHT)].mean(axis=0))
    tiles, usable = eye_tiles(image, mesh, lights)
    better = usable * [turned[list(EYE_LEFT)].mean(), turned[list(EYE_RIGHT)].mean()]
    for n in (0, 1):
        if better[1 - n] > 1.3 * better[n]:  # this one is turned away or closed
            tiles[n], usable[n] = tiles[1 - n][:, ::-1], usable[1 - n]
    for n, (tile, use) in enumerate(zip(tiles, usable, strict=True)):
        strip[:TILE, n * TILE : (n + 1) * TILE] = np.concatenate([tile, np.full((TILE, TILE, 1), use)], axis=2)
    return strip


def _levels(texels: F32) -> tuple[NDArray[np.int16], ...]:
    """Fixed-point texels at all SIZES."""
    whole = np.clip(texels, -1.5, 3.0) * np.float32(UNIT)
    sized = [cv2.resize(whole, (size, size + size // 4), interpolation=cv2.INTER_AREA) for size in SIZES]
    return tuple(np.ascontiguousarray(np.round(level).astype(np.int16)) for level in sized)


def _filled(detail: F32, sure: F32, other: F32, other_sure: F32) -> tuple[F32, F32]:
    """Fill what one picture of a face shows badly from another that shows it clearly better."""
    share = np.clip((other_sure / (sure + 0.05) - 1.2) / 0.6, 0.0, 1.0) * np.clip(other_sure / 0.3, 0.0, 1.0)
    share = np.asarray(cv2.GaussianBlur(share, (0, 0), 5.0), np.float32)
    return detail + share[..., None] * (other - detail), sure + share * (other_sure - sure)


def _bridged(detail: F32, trusted: F32) -> F32:
    """Give texels that are not trusted (0..1) their neighbours' detail, so that nothing of them bleeds out."""
    weight = trusted[..., None]
    sums, weights = cv2.GaussianBlur(detail * weight, (0, 0), 8.0), cv2.GaussianBlur(trusted, (0, 0), 8.0)
    around = sums / (weights[..., None] + 1e-2)
    return np.asarray(around + weight * (detail - around), np.float32)


def _without_gap(detail: F32, trusted: F32, open_mouth: float) -> F32:
    """Take the line between the lips out of them, and leave them their colour.

    A landmark is off by a pixel, and the photograph's own gap or teeth, drawn along the target's lips, would make
    its mouth look further open than it is.
    """
    gap, nearest = _gap(UPPER_GAP[0] + open_mouth * (UPPER_GAP[1] - UPPER_GAP[0]))
    coloured = cv2.GaussianBlur(detail[nearest], (0, 0), 1.5)
    plain = detail + gap[..., None] * (coloured - detail)
    smooth = _bridged(detail, trusted * (1.0 - gap))
    return np.asarray(plain + ((smooth - plain) @ LUMA)[..., None], np.float32)


@cache
def _gap(above: float) -> tuple[F32, tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The gap between the lips, widened by `above` (UV units) on the upper one, (SIZE, SIZE), 0..1.

    And for every texel the nearest one outside it (rows, columns).
    """
    zone = cv2.resize(face_zones.mouth_opening(), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR) > 0.5
    upper, lower = _grown(zone, above), _grown(zone, LOWER_GAP)
    rows, columns = np.nonzero(zone)
    middle = rows.mean()  # the gap is all but straight in UV space
    inside = np.where(np.arange(SIZE)[:, None] < middle, upper, lower)
    _, labels = cv2.distanceTransformWithLabels(inside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(inside == 0)
    of_label = np.zeros((2, int(labels.max()) + 1), np.intp)
    of_label[:, labels[rows, columns]] = rows, columns
    gap = np.asarray(cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 1.5), np.float32)
    return gap, (of_label[0][labels], of_label[1][labels])


def _grown(zone: NDArray[np.bool_], width: float) -> NDArray[np.uint8]:
    """`zone` (SIZE, SIZE) widened by `width` in UV units."""
    size = 2 * round(width * SIZE) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(zone.astype(np.uint8), disc), np.uint8)
