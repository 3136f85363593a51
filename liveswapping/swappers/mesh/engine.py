"""The built-in engine: a photograph carried on the target's face mesh. No weights, two CPU cores, real time.

For each face and frame: the target's light is measured on its mesh (`light`), the photograph's detail is drawn on
that mesh in that light (`texture`, `render`), and the mesh itself may move towards the source's proportions first
(`shape`). Expression, pose and gaze follow by construction; what lies between the lips stays the target's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from liveswapping.domain.errors import FaceDetectionError
from liveswapping.domain.face import Identity, Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import LIPS, POINTS, face_mesh, face_width
from liveswapping.imaging.mesh_warp import mesh_region
from liveswapping.swappers.mesh.light import Light, measure_light
from liveswapping.swappers.mesh.pose import facing, pose_of
from liveswapping.swappers.mesh.render import ATTRIBUTES, render
from liveswapping.swappers.mesh.shape import RINGS, move, proportions, triangles_with_rings
from liveswapping.swappers.mesh.texture import SIZE, Texture, prepare_texture

MOVED: Final = 0.5
"""Pixels of movement from which on the frame itself is redrawn from elsewhere."""
EASE: Final = 0.5
"""Share of the newest measurement in a track's light: half a frame of lag, and no flicker."""
REMEMBERED: Final = 64
"""Tracks kept; the oldest is forgotten first."""


@dataclass(slots=True)
class _Track:
    """What is remembered of one face from frame to frame."""

    light: Light
    shape: F32
    frames: int = 1


@dataclass(slots=True)
class MeshSwapper:
    """Swapper over `Face.mesh`. One thread at a time."""

    _textures: WeakKeyDictionary[Identity, tuple[Texture, ...]] = field(default_factory=WeakKeyDictionary)
    _tracks: dict[int, _Track] = field(default_factory=dict)

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target, at the frame's own resolution. Raises FaceDetectionError where a mesh is missing."""
        return [self._swap_one(image, target) for target in targets]

    def close(self) -> None:
        """Forget textures and tracks."""
        self._textures.clear()
        self._tracks.clear()

    def _prepared(self, identity: Identity) -> tuple[Texture, ...]:
        if identity not in self._textures:
            self._textures[identity] = tuple(prepare_texture(portrait) for portrait in identity.portraits)
        return self._textures[identity]

    def _swap_one(self, image: Image, target: Target) -> Patch:
        mesh = target.face.mesh
        if mesh is None:
            raise FaceDetectionError("the mesh engine needs a face mesh; use the mediapipe analyser")
        turned, pose = facing(mesh), pose_of(mesh)
        track = self._remember(target, measure_light(image, mesh, turned, target.visible), pose.shape)
        texture = self._prepared(target.identity)[0]
        movement = proportions(texture.pose.shape, track.shape)
        points, back = move(mesh, pose, movement, target.look.shape)
        level = self._level(texture, mesh)
        attributes = self._attributes(texture.levels[level].shape[0], track.light, turned, back)
        region = mesh_region(points, 1.0, image.shape[1], image.shape[0])
        picture, mask = render(
            image, texture.levels[level], points, attributes, triangles_with_rings(), 1.0, region
        )
        matrix = np.array([[1, 0, -region.left], [0, 1, -region.top]], np.float32)
        return Patch(picture, matrix, mask)

    def _remember(self, target: Target, light: Light, shape: F32) -> _Track:
        ident = target.face.track_id
        track = self._tracks.get(ident) if ident >= 0 else None
        if track is None:
            track = _Track(light, shape)
            if ident >= 0:
                self._tracks[ident] = track
                while len(self._tracks) > REMEMBERED:
                    del self._tracks[next(iter(self._tracks))]
            return track
        share = EASE * light.certainty[:, None]
        track.light = Light(track.light.colour + share * (light.colour - track.light.colour), light.certainty)
        track.frames += 1
        track.shape = track.shape + (shape - track.shape) / min(track.frames, 150)
        return track

    @staticmethod
    def _level(texture: Texture, mesh: F32) -> int:
        texels_per_pixel = SIZE / max(face_width(mesh), 1.0)
        return min(len(texture.levels) - 1, max(0, round(np.log2(max(texels_per_pixel / 1.2, 1.0)))))

    @staticmethod
    def _attributes(size: int, light: Light, turned: F32, back: F32) -> F32:
        rings = len(back) - POINTS
        attributes = np.zeros((POINTS + rings, ATTRIBUTES), np.float32)
        attributes[:POINTS, :2] = face_mesh().uv[:POINTS] * (size - 1)
        attributes[:POINTS, 2:5] = light.colour[:POINTS]
        attributes[:POINTS, 5] = np.clip(turned[:POINTS] / 0.3, 0.0, 1.0)
        attributes[list(LIPS[3]), 5] = 0.0
        attributes[:, 6:8] = back
        moved = np.linalg.norm(back, axis=1)
        attributes[:, 8] = np.clip(moved / MOVED, 0.0, 1.0)
        return attributes
