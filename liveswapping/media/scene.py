"""An animated picture in a frame: how it is placed, how the light on it changes, and several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.face_mesh import POINTS
from liveswapping.media.animation import Animation
from liveswapping.media.motion import Moment, moments

_OWN_DETAIL = 1.5
"""A picture that is magnified more than this is animated smaller and enlarged at the end: nothing to see is lost."""
_CRISP = 0.5
"""How much fine detail is lifted after enlarging, which softens it."""
_FACE_AT = 0.56
"""How far down the frame a face's middle shall be; a little low, for the hair."""
_ASIDE, _ABOVE, _TINT = 0.2, 0.1, 0.06
"""By what share of itself wandering light changes the sides, above and below, and red against blue."""
_CALM = 0.6
"""How lively each of a group is: they sit close, and one who sways drags the neighbour's hair."""


class Scene:
    """A picture whose people move, drawn at a size of one's choice. Frame n is the same every time."""

    def __init__(
        self,
        image: Image,
        faces: Sequence[Face],
        size: tuple[int, int],
        *,
        face_width: float | None = None,
        tiles: int = 1,
        fps: float = 30.0,
        seed: int = 0,
    ) -> None:
        """`faces` (with meshes, largest first) are those of `image` that move; `size` is width, height.

        `face_width` is the width of the largest face's mesh in pixels; without it a single face is a quarter as
        wide as what it is shown in, and a group fills it. `tiles`: the frame is divided into tiles × tiles.
        """
        self.size = size
        tile = size[0] // tiles, size[1] // tiles
        if face_width is None and len(faces) == 1:
            face_width = tile[0] / 4
        picture, meshes = framed(image, faces, tile, face_width)
        self._tiles: list[_Tile] = []
        for number in range(tiles * tiles):
            left, top = number % tiles * tile[0], number // tiles * tile[1]
            motion = [moments(fps, seed + 10 * number + face) for face in range(len(faces))]
            self._tiles.append(_Tile(Region(left, top, *tile), Animation(picture, meshes), motion))

    def draw(self, index: int) -> Image:
        """Frame `index`, a new array."""
        if len(self._tiles) == 1:
            return self._tiles[0].draw(index)
        frame = np.zeros((self.size[1], self.size[0], 3), np.uint8)
        for tile in self._tiles:
            frame[tile.region.slices] = tile.draw(index)
        return frame


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """One picture of the frame: where, what moves, and every face's motion."""

    region: Region
    animation: Animation
    motion: list[list[Moment]]

    def draw(self, index: int) -> Image:
        now = [moments[index % len(moments)] for moments in self.motion]
        if len(now) > 1:
            now = [_calmer(moment) for moment in now]
        lit = _relit(self.animation.draw(now), now[0])
        size = self.region.width, self.region.height
        return np.asarray(cv2.resize(lit, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _calmer(moment: Moment) -> Moment:
    """The same with a smaller sway; what happens within the face stays."""
    sway = {"yaw", "pitch", "roll", "shift_x", "shift_y", "nearness"}
    return Moment(
        **{field.name: getattr(moment, field.name) * (_CALM if field.name in sway else 1.0) for field in fields(Moment)}
    )


def _relit(image: Image, moment: Moment) -> Image:
    """The picture, written in place, in this moment's light."""
    y, x = np.mgrid[-1:1:9j, -1:1:16j]
    level = 1.0 + _ASIDE * moment.light_x * x + _ABOVE * moment.light_y * y
    tint = 1.0 + _TINT * moment.warmth * np.array([-1.0, 0.0, 1.0])
    gain = np.clip(128.0 * level[..., None] * tint + 0.5, 0, 255).astype(np.uint8)
    height, width = image.shape[:2]
    smooth = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(image, smooth, dst=image, scale=1 / 128), np.uint8)


def framed(
    image: Image, faces: Sequence[Face], size: tuple[int, int], face_width: float | None
) -> tuple[Image, list[F32]]:
    """The part of `image` that a frame of `size` shows, and the faces' meshes in it.

    It is smaller than `size` where the image has no more detail. Where the image ends inside the frame, it is
    continued by its own blurred reflection.
    """
    meshes = [face.mesh for face in faces if face.mesh is not None]
    height, width = image.shape[:2]
    if face_width is None:
        scale = max(size[0] / width, size[1] / height)
    else:
        scale = face_width / float(np.ptp(meshes[0][:POINTS, 0]))
    less = max(1.0, scale / _OWN_DETAIL)
    scale, shown = scale / less, (round(size[0] / less), round(size[1] / less))
    method = cv2.INTER_CUBIC if scale > 1.0 else cv2.INTER_AREA
    whole = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=method)
    if scale > 1.0:
        soft = cv2.GaussianBlur(whole, (0, 0), 0.8 * scale)
        whole = cv2.addWeighted(whole, 1.0 + _CRISP, soft, -_CRISP, 0.0)
    factors = np.array([whole.shape[1] / width, whole.shape[0] / height], np.float32)
    points = np.concatenate([mesh[:POINTS, :2] for mesh in meshes]) * factors
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    left = _start(float(middle[0]), 0.5, shown[0], whole.shape[1])
    top = _start(float(middle[1]), _FACE_AT, shown[1], whole.shape[0])
    moved = []
    for mesh in meshes:
        own = mesh * np.append(factors, factors.mean())
        own[:, :2] += (factors - 1.0) / 2 - (left, top)
        moved.append(own.astype(np.float32))
    return _window(np.asarray(whole, np.uint8), Region(left, top, *shown)), moved


def _start(middle: float, wanted: float, shown: int, whole: int) -> int:
    """Where the frame begins along one axis so that `middle` is at the share `wanted`; inside the picture if it can."""
    if whole < shown:
        return -round((shown - whole) / 2)
    return round(min(max(middle - wanted * shown, 0), whole - shown))


def _window(image: Image, region: Region) -> Image:
    """A rectangle of a picture that may reach beyond it."""
    height, width = image.shape[:2]
    beyond = [-region.top, region.top + region.height - height, -region.left, region.left + region.width - width]
    above, below, before, after = (max(0, margin) for margin in beyond)
    if max(above, below, before, after) == 0:
        return np.ascontiguousarray(image[region.slices])
    grown = cv2.copyMakeBorder(image, above, below, before, after, cv2.BORDER_REFLECT_101)
    top, left = region.top + above, region.left + before
    inside = np.zeros(grown.shape[:2], np.uint8)
    inside[above : above + height, before : before + width] = 1
    distance = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    sigma = 0.04 * max(region.width, region.height)
    soft = cv2.GaussianBlur(grown, (0, 0), sigma)
    weight = np.clip(distance / (2 * sigma), 0, 1)[..., None]
    mixed = (grown + weight * (soft.astype(np.float32) - grown) + 0.5).astype(np.uint8)
    return np.ascontiguousarray(mixed[top : top + region.height, left : left + region.width])
