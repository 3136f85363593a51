"""The built-in engine: a photograph carried on the target's face mesh. No weights, two CPU cores, real time.

For each face and frame: the target's light is measured on its mesh (`light`), the photograph's detail is drawn on
that mesh in that light (`texture`, `render`), and the mesh itself may move towards the source's proportions first
(`shape`). Expression, pose and gaze follow by construction; what lies between the lips stays the target's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from liveswapping.domain.errors import FaceDetectionError
from liveswapping.domain.face import Identity, Moved, Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import OVAL, face_width
from liveswapping.imaging.mesh_warp import mesh_region
from liveswapping.swappers.mesh.drawing import attributes, drawn_points, drawn_triangles
from liveswapping.swappers.mesh.eyes import eye_points
from liveswapping.swappers.mesh.held import hidden_outline
from liveswapping.swappers.mesh.light import LUMA, Light, measure_light
from liveswapping.swappers.mesh.pose import facing, pose_of
from liveswapping.swappers.mesh.render import render
from liveswapping.swappers.mesh.texture import SIZES, Texture, prepare_texture
from liveswapping.swappers.mesh.track import Places, Track, Tracks

CHROMA: Final = 0.75
"""Share of the photograph's own colour contrast (lips, brows, blush) that is kept: the rest would tint dark skin."""
OWN_CONTRAST: Final = 0.5
"""How much of the photograph's own contrast (see `Light.contrast`) its detail is taken to show already. By what is
measured it would be all, but detail is finer than what that is measured from, and all of it leaves skin greenish."""
TEXELS: Final = 1.05
"""Texels per pixel of a face's width, at least."""


class MeshSwapper:
    """Swapper over `Face.mesh`. One thread at a time."""

    def __init__(self) -> None:
        self._textures: WeakKeyDictionary[Identity, tuple[Texture, ...]] = WeakKeyDictionary()
        self._tracks = Tracks()

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target, at the frame's own resolution. Raises FaceDetectionError where a mesh is missing."""
        return [self._swap_one(image, target) for target in targets]

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._tracks.state()

    def restore(self, state: list[tuple[int, Track, Places]]) -> None:
        """As `Resumable.restore`."""
        self._tracks.restore(state)

    def close(self) -> None:
        """Forget textures and tracks."""
        self._textures.clear()
        self._tracks = Tracks()

    def _prepared(self, identity: Identity) -> tuple[Texture, ...]:
        if identity not in self._textures:
            self._textures[identity] = prepare_texture(identity.portraits)
        return self._textures[identity]

    def _swap_one(self, image: Image, target: Target) -> Patch:
        mesh, look = target.face.mesh, target.look
        if mesh is None:
            raise FaceDetectionError("the mesh engine needs a face mesh; use the mediapipe analyser")
        turned, pose = facing(mesh), pose_of(mesh)
        track = self._tracks.update(target.face.track_id, measure_light(image, mesh, turned, target.visible), pose)
        texture, level = track.choose(self._prepared(target.identity), pose), _level(mesh)
        texels = track.texels(level)
        light = texture.light.towards(track.light, look.colour)
        movement = track.movement(hidden_outline(mesh, target.visible))
        points, back = drawn_points(mesh, pose, movement, look.shape)
        region = mesh_region(points, 1.0, image.shape[1], image.shape[0])
        colourful = _saturation_left(light.colour, texture.light.colour)
        eyes_light = _eyes_light(light, texture.light, colourful)
        corners = attributes(texels.shape[1], mesh, light.colour, eyes_light, turned, back, look)
        triangles, chroma = drawn_triangles(mesh, pose), CHROMA * colourful
        contrast = track.light.contrast - np.float32(OWN_CONTRAST * chroma) * (texture.light.contrast - 1.0)
        picture, mask = render(image, texels, points, corners, triangles, chroma, contrast, region)
        matrix = np.array([[1, 0, -region.left], [0, 1, -region.top]], np.float32)
        return Patch(picture, matrix, mask, Moved(points, back, triangles, points[list(OVAL)]))


def _level(mesh: F32) -> int:
    """Which of the texture's sizes has a texel and a little more per pixel of this face."""
    wanted = TEXELS * face_width(mesh)
    return max((level for level, size in enumerate(SIZES) if size >= wanted), default=0)


def _eyes_light(light: Light, source: Light, colourful: float) -> F32:
    """(CORNERS, 3) the light on the eyeballs: as bright as the target's own, but white where skin is brown.

    Brown skin in much light and pale skin in little look alike; how bright the target's own eyes are decides between.
    """
    here, there = eye_points(light.colour), eye_points(source.colour)
    skin_gain = float(np.mean(here @ LUMA) / max(float(np.mean(there @ LUMA)), 1.0))
    limits = sorted((skin_gain, skin_gain**0.5))
    white = there * np.clip(light.eyes / max(source.eyes, 1.0), *limits)
    grey = (white @ LUMA)[:, None]
    tinted = 0.7 * white + 0.3 * here * grey / np.maximum(here @ LUMA, 1.0)[:, None]
    mixed: F32 = grey + colourful * (tinted - grey)
    return mixed


def _saturation_left(light: F32, source: F32) -> float:
    """1 where the target is as colourful as the photograph, 0 in black and white."""

    def saturation(colours: F32) -> float:
        mean = colours.mean(axis=0)
        return float(np.ptp(mean) / max(float(mean.max()), 1.0))

    return min(1.0, saturation(light) / max(0.6 * saturation(source), 1e-3))
