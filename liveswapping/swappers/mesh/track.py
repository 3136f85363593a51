"""What the built-in engine remembers of a face from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.swappers.mesh.held import free_to_move
from liveswapping.swappers.mesh.light import Light
from liveswapping.swappers.mesh.pose import Pose
from liveswapping.swappers.mesh.shape import proportions
from liveswapping.swappers.mesh.texture import Texture

EASE: Final = 0.5
"""Share of the newest measurement in a track's light: half a frame of lag, and no flicker."""
SETTLED: Final = 150
"""Frames after which a face's own proportions follow slowly."""
NEARER: Final = 0.996
"""Another photograph is taken only when its pose is nearer than the present one's by about 5°: cos 5°."""
CROSSFADE: Final = 8
"""Frames in which one photograph gives way to another."""
RENEWED: Final = 24
"""Frames between two looks at a face's proportions."""
APPROACH: Final = 0.15
"""Share of the way to the newest proportions per frame."""
REMEMBERED: Final = 64
"""Tracks kept; the one seen longest ago is forgotten first."""
Places: TypeAlias = tuple[int | None, int | None, int | None]
"""Which of an identity's photographs are a track's texture, its previous one, and the one its goal was made for."""


@dataclass(slots=True)
class Track:
    """One face."""

    light: Light
    shape: F32
    frames: int = 1
    texture: Texture | None = None
    previous: Texture | None = None
    fading: int = 0
    _movement: F32 | None = None
    _hidden: F32 = field(default_factory=lambda: np.zeros(0, np.float32))
    _goal: F32 | None = None
    _goal_for: Texture | None = None
    _among: tuple[Texture, ...] = ()
    """The photographs there were to choose from, …"""
    _places: Places | None = None
    """… and of a track that goes on from a saved state, which of them to take up."""

    def follow(self, light: Light, shape: F32) -> None:
        """Take in the next frame's measurements."""
        share = EASE * light.certainty[:, None]
        self.light = self.light.towards(light, share)
        self.frames += 1
        self.shape = self.shape + (shape - self.shape) * np.float32(1.0 / min(self.frames, SETTLED))

    def choose(self, textures: tuple[Texture, ...], pose: Pose) -> Texture:
        """The photograph whose pose is nearest; a change is faded over a few frames."""
        self._take_up(textures)
        nearness = [float(texture.pose.direction @ pose.direction) for texture in textures]
        best = textures[int(np.argmax(nearness))]
        current = next((n for n, texture in enumerate(textures) if texture is self.texture), None)
        if current is None:
            self.texture, self.fading = best, 0
        elif best is not self.texture and nearness[current] < max(nearness) * NEARER and self.fading == 0:
            self.previous, self.texture, self.fading = self.texture, best, CROSSFADE
        elif self.fading:
            self.fading -= 1
        assert self.texture is not None
        return self.texture

    def put_down(self) -> tuple[Track, Places]:
        """This track without its photographs, and which those are: what is saved of it."""
        bare = replace(self, texture=None, previous=None, _goal_for=None, _among=(), _places=None)
        if self._places is not None:
            return bare, self._places
        place = {id(texture): n for n, texture in enumerate(self._among)}
        return bare, (place.get(id(self.texture)), place.get(id(self.previous)), place.get(id(self._goal_for)))

    def picked_up(self, places: Places) -> Track:
        """The same, to go on as soon as the photographs are there."""
        return replace(self, _places=places)

    def _take_up(self, textures: tuple[Texture, ...]) -> None:
        self._among = textures
        if self._places is None:
            return
        found = [None if n is None or n >= len(textures) else textures[n] for n in self._places]
        self.texture, self.previous, self._goal_for = found
        self._places = None

    def movement(self, hidden: F32) -> F32:
        """What the shape slider does to this face: (468, 3), see `proportions`; `hidden` see `hidden_outline`.

        It changes slowly, so it is renewed now and then and approached in between. To begin with both happen sooner:
        what is known of the face changes most then, and of one that is looked at now and then only no more is seen.
        """
        assert self.texture is not None
        goal = self._goal
        young = self.frames < RENEWED and self.frames & (self.frames - 1) == 0  # 2, 4, 8, 16
        if goal is None or self._goal_for is not self.texture or young or self.frames % RENEWED == 0:
            self._goal = goal = proportions(self.texture.pose.shape, self.shape)
            self._goal_for = self.texture
        if self._movement is None:
            self._movement, self._hidden = goal, hidden
        share = np.float32(max(APPROACH, 1.0 / self.frames))
        self._movement = np.asarray(self._movement + share * (goal - self._movement), np.float32)
        self._hidden = np.asarray(self._hidden + share * (hidden - self._hidden), np.float32)
        if not self._hidden.any():
            return self._movement
        return np.asarray(self._movement * free_to_move(self._hidden), np.float32)

    def texels(self, level: int) -> NDArray[np.int16]:
        """The chosen photograph's texels, or a mixture while it takes over."""
        assert self.texture is not None
        if not self.fading or self.previous is None:
            return self.texture.levels[level]
        share = self.fading / (CROSSFADE + 1)
        new, old = self.texture.levels[level], self.previous.levels[level]
        return np.asarray(cv2.addWeighted(new, 1.0 - share, old, share, 0.0), np.int16)


class Tracks:
    """Tracks by the analyser's track id; -1 (a still) is never remembered."""

    def __init__(self) -> None:
        self._tracks: dict[int, Track] = {}

    def update(self, ident: int, light: Light, pose: Pose) -> Track:
        """The track of this face, brought up to this frame."""
        track = self._tracks.pop(ident, None)
        if track is None:
            track = Track(light, pose.shape)
        else:
            track.follow(light, pose.shape)
        if ident >= 0:
            self._tracks[ident] = track
            if len(self._tracks) > REMEMBERED:
                del self._tracks[next(iter(self._tracks))]
        return track

    def state(self) -> list[tuple[int, Track, Places]]:
        """All tracks, the one seen longest ago first, without their photographs."""
        return [(ident, *track.put_down()) for ident, track in self._tracks.items()]

    def restore(self, state: list[tuple[int, Track, Places]]) -> None:
        """Go on with what `state` answered, in place of what is known."""
        self._tracks = {ident: track.picked_up(places) for ident, track, places in state}
