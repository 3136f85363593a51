"""The keyframes of one face, and which of them tell most about how it looks now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import face_width
from liveswapping.swappers.temporal.carry import SLOTS
from liveswapping.swappers.temporal.drawing import Habit, Now, drawn, relit, view
from liveswapping.swappers.temporal.geometry import points_of, strain
from liveswapping.swappers.temporal.keyframe import Keyframe, Sheet, sheet_of
from liveswapping.swappers.temporal.learning import Learner
from liveswapping.swappers.temporal.light import light_at_points

KEPT: Final = 10
"""Keyframes of one face: enough for the poses and mouth shapes that keep coming back."""
AT_ONCE: Final = 3
"""Keyframes that are blended, and one more while it goes."""
FADE: Final = 6
"""Frames in which a keyframe comes or goes."""
FARTHEST: Final = 0.6
"""Face widths between two frames from which on this is a cut, or somebody else."""
ENOUGH_STRAIN: Final = 0.004
ENOUGH_LIGHT: Final = 0.03
"""Below both changes another answer would say nothing new."""
STALE: Final = 60
"""Frames after which a new answer is asked for all the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A new keyframe, and all that changes with it."""

    key: Keyframe
    habit: Habit
    sheets: Mapping[int, Sheet]
    """Of this keyframe and of those before it, by their indices."""


class FaceMemory:
    """One face. One thread at a time, but for `prepare`."""

    def __init__(self) -> None:
        self._keys: list[Keyframe] = []
        self._sheets: Mapping[int, Sheet] = {}
        self._habit = Habit()
        self._learner = Learner()
        self._levels: dict[int, float] = {}
        self._mesh: F32 | None = None

    @property
    def keys(self) -> Sequence[Keyframe]:
        """What is remembered, oldest first."""
        return self._keys

    def is_cut(self, mesh: F32) -> bool:
        """Whether the face has jumped since the last frame: what is remembered is of something else."""
        if self._mesh is None:
            return False
        away = np.linalg.norm((mesh - self._mesh)[:, :2].mean(axis=0))
        growth = face_width(mesh) / max(face_width(self._mesh), 1.0)
        return bool(away > FARTHEST * face_width(self._mesh) or not 0.6 < growth < 1.6)

    def prepare(self, key: Keyframe) -> Prepared:
        """All that `add` needs. On any thread, while nothing is added."""
        known = [one for one in self._keys if one.identity is key.identity and one.look == key.look]
        habit = self._learner.learn(known, key)
        stiff = habit.where is not None
        stays = habit.mixing is self._habit.mixing and stiff == (self._habit.where is not None)
        sheets = dict(self._sheets) if stays else {}
        for one in (*known, key):
            if one.index not in sheets:
                sheets[one.index] = sheet_of(one, habit.mixing, stiff=stiff)
        return Prepared(key, habit, {one.index: sheets[one.index] for one in (*known, key)})

    def add(self, prepared: Prepared) -> None:
        """Remember one more. Answers for another person or look go, and so does one too many."""
        self._habit, self._sheets = prepared.habit, prepared.sheets
        self._keys = [one for one in self._keys if one.index in prepared.sheets]
        self._keys.append(prepared.key)
        if len(self._keys) > KEPT:
            del self._keys[self._least_needed()]
        known = {one.index for one in self._keys}
        self._sheets = {index: sheet for index, sheet in self._sheets.items() if index in known}
        self._levels = {index: level for index, level in self._levels.items() if index in known}

    def _least_needed(self) -> int:
        """The keyframe that is most like a newer one."""
        likeness = [
            min(
                float(strain(newer.points, old.points).mean()) + relit(newer.light, old.light)
                for newer in self._keys[n + 1 :]
            )
            for n, old in enumerate(self._keys[:-1])
        ]
        return int(np.argmin(likeness))

    def wants(self, image: Image, target: Target, index: int) -> bool:
        """Whether an answer to this frame would say something that is not remembered."""
        mesh = target.face.mesh
        if mesh is None or not self._keys:
            return True
        if self._keys[-1].identity is not target.identity or self._keys[-1].look != target.look:
            return True
        if index - self._keys[-1].index >= STALE:
            return True
        points, light = points_of(mesh), light_at_points(image, mesh, target.visible)
        return all(
            float(strain(points, key.points).mean()) > ENOUGH_STRAIN or relit(light, key.light) > ENOUGH_LIGHT
            for key in self._keys
        )

    def draw(self, image: Image, target: Target, index: int) -> Patch:
        """The face of frame `index` from what is remembered. There must be a keyframe, and a mesh."""
        mesh = target.face.mesh
        assert mesh is not None
        self._mesh = mesh
        now, habit = Now.of(image, target, index), self._habit
        views = [view(key, now, habit) for key in self._keys]
        keys = self._chosen(views)
        attributes = np.stack([views[n] for n in keys])
        used = [self._keys[n] for n in keys]
        attributes[:, :, 2] *= np.array([self._levels[key.index] for key in used], np.float32)[:, None]
        return drawn(now, used, [self._sheets[key.index] for key in used], attributes, habit)

    def _chosen(self, views: Sequence[F32]) -> list[int]:
        """Which keyframes are drawn, strongest first; those that come or go do so over some frames."""
        best = views[-1][:, 2].copy()
        wanted = [len(views) - 1]
        while len(wanted) < min(AT_ONCE, len(views)):
            gains = [
                -1.0 if n in wanted else float(np.maximum(view[:, 2] - best, 0).sum()) for n, view in enumerate(views)
            ]
            wanted.append(int(np.argmax(gains)))
            best = np.maximum(best, views[wanted[-1]][:, 2])
        first = not self._levels
        for n, key in enumerate(self._keys):
            level = self._levels.get(key.index, 0.0) + (1.0 if n in wanted else -1.0) / FADE
            self._levels[key.index] = 1.0 if first and n in wanted else min(max(level, 0.0), 1.0)
        drawn = [n for n, key in enumerate(self._keys) if self._levels[key.index] > 0]
        strength = {n: self._levels[self._keys[n].index] * float(views[n][:, 2].sum()) for n in drawn}
        return sorted(drawn, key=lambda n: -strength[n])[:SLOTS]
