"""Steady meshes that do not lag: the One Euro filter (Casiez, Roussel & Vogel 2012), twice.

A mesh is split into its rigid motion in the image (place, size, roll) and its shape in the face's own coordinates.
Each part has its own filter, so a fast head does not loosen the shape, and a blink does not loosen the head. All
lengths are in face widths and all times in frames: an analyser is handed pictures without time stamps, and a noise
that comes anew with every frame is a matter of frames, not of seconds.

Four things differ from the paper. Speeds below what the sensor's noise explains count as none, and that noise is
measured as it goes, the face's and each point's: so a clean picture is hardly smoothed and a noisy one strongly, and a
point that no edge holds (the outline under hair, a side view's far half) more than the others. The rigid part carries
a clear motion on into the next frame, which takes the lag away. A small change of shape must last for two frames. And
the first frames are averaged, so that the start is steady.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numba import njit

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, LIPS, OVAL, POINTS, face_mesh

_RIGID_CUTOFF, _SHAPE_CUTOFF = 0.03, 0.016
"""Cut-off frequencies at rest, in cycles per frame, for a picture as noisy as `_USUAL_NOISE`."""
_LOWEST_CUTOFF, _HIGHEST_CUTOFF = 0.008, 0.15
_RIGID_OPENING, _SHAPE_OPENING = 80.0, 45.0
"""How fast the cut-off rises with the speed (the paper's beta), per face width per frame."""
_RIGID_FLOOR, _SHAPE_FLOOR = 1.6, 1.2
"""Speeds below so many times the noise count as none."""
_PLAINLY = 3.0
"""A speed of the shape counts at once when it is so many floors high. A lower one counts when the point was off in the
same direction in the frame before: a single outlier of the network was not."""
_RIGID_DERIVATIVE, _SHAPE_DERIVATIVE = 0.2, 0.25
"""Cut-off frequencies of the speeds, in cycles per frame."""
_USUAL_NOISE, _LEAST_NOISE, _MOST_NOISE = 0.0005, 0.0001, 0.0013
"""Standard deviation of a point from frame to frame, in face widths: a face 150 px wide under sensor noise of 4 of
255; and the range that is believed, since what is larger is motion."""
_QUIET_QUARTER = 0.53
"""The lower quartile of the length of a second difference, over its standard deviation along one axis, is 1.86 for
noise of deviation 1 (Rayleigh's 0.76 times √6): the reciprocal."""
_PARTS = (
    (OVAL, 2.0, 1.0),
    (tuple(point for ring in LIPS for point in ring), 1.5, 3.0),
    (tuple(point for ring in LIPS for point in ring[1:10]), 2.5, 3.0),
    (EYE_LEFT + EYE_RIGHT, 1.2, 2.0),
)
"""Points, by how much they are noisier than the others, and by how much faster they may become. The outline lies on no
edge that a network could hold on to; the lips, the lower one (first in its rings) above all, tremble most, and lips and
lids are what must not be late."""
_NOISIEST = 6.0
"""By the face's noise, a point's own is believed up to here."""
_OWN_RATE = 0.05
"""Share of the newest frame in a point's own noise."""
_OWN_CUTOFF = 0.4
"""The lowest cut-off at rest, by `_LOWEST_CUTOFF`, for the noisiest points."""
_START = 8
"""Frames that are averaged."""


class MeshSmoother:
    """Smooths one face's mesh. A new face needs a new smoother."""

    def __init__(self) -> None:
        self._frames = 0
        self._noise = 1.2 * _USUAL_NOISE
        nothing = np.zeros(0, np.float32)
        self._place = self._last_place = self._place_speed = self._own = nothing
        self._shape = self._last_shape = self._shape_speed = self._step = self._gap = nothing

    def __call__(self, mesh: F32) -> F32:
        """The smoothed (478, 3) mesh of the next frame, in the given one's pixels. `mesh` is not changed."""
        place = _fit(mesh)
        shape = _to_face(mesh, place)
        self._frames += 1
        if self._frames == 1:
            self._start(place, shape)
            return mesh.copy()
        step = shape - self._last_shape
        if self._frames > 2:
            self._learn_noise(step - self._step)
        place_step = place - self._last_place
        self._last_shape, self._last_place = shape, place
        self._smooth_place(place, place_step)
        self._smooth_shape(shape, step)
        return _to_image(self._shape, self._place)

    @property
    def noise(self) -> float:
        """Standard deviation of a point from frame to frame, in face widths, as far as it is known."""
        return self._noise

    def _start(self, place: F32, shape: F32) -> None:
        self._place = self._last_place = place
        self._shape = self._last_shape = shape
        self._place_speed, self._shape_speed = np.zeros_like(place), np.zeros_like(shape)
        self._step, self._gap = np.zeros_like(shape), np.zeros_like(shape)
        self._own = np.zeros(len(shape), np.float32)

    def _learn_noise(self, jerk: F32) -> None:
        """Take in the second differences of the shape: noise and little else, in the face's quietest quarter."""
        lengths = np.hypot(jerk[:POINTS, 0], jerk[:POINTS, 1])
        quarter = POINTS // 4
        seen = _QUIET_QUARTER * float(np.partition(lengths, quarter)[quarter])
        rate = max(0.05 if seen < self._noise else 0.003, 0.5 / self._frames)
        self._noise = min(max(self._noise + rate * (seen - self._noise), _LEAST_NOISE), _MOST_NOISE)

    def _smooth_place(self, place: F32, step: F32) -> None:
        self._place_speed += _share(_RIGID_DERIVATIVE) * (step - self._place_speed)
        x, y, a, b = (float(value) for value in self._place_speed)
        width = math.hypot(float(place[2]), float(place[3]))
        speed = math.hypot(x, y, _reach() * a, _reach() * b) / width
        clear = max(0.0, speed - _RIGID_FLOOR * self._noise)
        expected = self._place + (clear / speed if speed else 0.0) * self._place_speed
        share = _share(self._cutoff(_RIGID_CUTOFF) + _RIGID_OPENING * clear)
        self._place = expected + max(share, self._start_share) * (place - expected)

    def _smooth_shape(self, shape: F32, step: F32) -> None:
        learning = max(_OWN_RATE, 1.0 / self._frames) if self._frames > 2 else 0.0
        self._own = _learn_own(self._own, step, self._step, learning)
        self._step = step
        self._shape, self._shape_speed, self._gap = _smooth_points(
            shape, step, self._shape, self._shape_speed, self._gap, self._own, *_parts(), self._noise,
            2 * math.pi * self._cutoff(_SHAPE_CUTOFF), self._start_share,
        )  # fmt: skip

    def _cutoff(self, usual: float) -> float:
        return min(max(usual * (_USUAL_NOISE / self._noise) ** 2, _LOWEST_CUTOFF), _HIGHEST_CUTOFF)

    @property
    def _start_share(self) -> float:
        return 1.0 / self._frames if self._frames <= _START else 0.0


@njit(nogil=True, cache=True)
def _learn_own(own: F32, step: F32, last_step: F32, rate: float) -> F32:
    """Each point's own variance, after what two consecutive steps say of it.

    Noise that is new in every frame takes back half of its last step: the product of the two is minus its variance. A
    motion goes on, which makes the product larger: a moving point never passes for a noisy one.
    """
    learnt = np.empty_like(own)
    for p in range(len(own)):
        product = step[p, 0] * last_step[p, 0] + step[p, 1] * last_step[p, 1]
        learnt[p] = own[p] + rate * (-0.5 * product - own[p])
    return learnt


@njit(nogil=True, cache=True)
def _smooth_points(
    shape: F32, step: F32, before: F32, speed_before: F32, gap_before: F32, own: F32, noisier: F32, agility: F32,
    noise: float, rest: float, least: float,
) -> tuple[F32, F32, F32]:  # fmt: skip
    """The smoothed shape, the smoothed speeds, and what was between the new shape and the one `before`.

    `rest` are the turns per frame of the cut-off at rest, `least` the least share of the new shape that is taken.
    """
    smooth, speeds, gaps = np.empty_like(shape), np.empty_like(shape), np.empty_like(shape)
    derivative = 2 * math.pi * _SHAPE_DERIVATIVE / (1 + 2 * math.pi * _SHAPE_DERIVATIVE)
    for p in range(len(shape)):
        for c in range(3):
            speeds[p, c] = speed_before[p, c] + derivative * (step[p, c] - speed_before[p, c])
            gaps[p, c] = shape[p, c] - before[p, c]
        speed = math.hypot(speeds[p, 0], speeds[p, 1])
        along = gaps[p, 0] * gap_before[p, 0] + gaps[p, 1] * gap_before[p, 1]
        lasting = max(along, 0.0) / (math.hypot(gaps[p, 0], gaps[p, 1]) + 1e-9)
        own_noise = min(max(math.sqrt(max(own[p], 0.0)) / noise, noisier[p]), _NOISIEST)
        floor = _SHAPE_FLOOR * noise * own_noise
        clear = max(min(speed, lasting) - floor, speed - _PLAINLY * floor, 0.0)
        turns = rest * max(noisier[p] / own_noise, _OWN_CUTOFF) + 2 * math.pi * _SHAPE_OPENING * agility[p] * clear
        share = max(turns / (1 + turns), least)
        for c in range(3):
            smooth[p, c] = before[p, c] + share * gaps[p, c]
    return smooth, speeds, gaps


def _share(cutoff: float) -> float:
    """How much of a new value an exponential filter of that cut-off (cycles per frame) takes."""
    turns = 2 * math.pi * cutoff
    return turns / (1 + turns)


@cache
def _reference() -> F32:
    """(468, 2) neutral face around its centroid, width 1."""
    points = face_mesh().canonical[:POINTS, :2]
    return np.asarray(points - points.mean(axis=0), np.float32)


@cache
def _reach() -> float:
    """Root mean square distance of the neutral face's points from their centroid: what a roll moves them by."""
    return float(np.sqrt((_reference() ** 2).sum(axis=1).mean()))


@cache
def _parts() -> tuple[F32, F32]:
    """(478,) how noisy each point is and how fast it may become, by the others'."""
    noise, agility = np.ones((2, POINTS + 10), np.float32)
    for points, noisier, faster in _PARTS:
        noise[list(points)], agility[list(points)] = noisier, faster
    return noise, agility


def _fit(mesh: F32) -> F32:
    """(4,) x, y of the face's centroid, and width times cosine and sine of its roll, by least squares."""
    points, reference = mesh[:POINTS, :2], _reference()
    centre = points.mean(axis=0)
    (xx, xy), (yx, yy) = reference.T @ (points - centre) / (POINTS * _reach() ** 2)
    return np.array([centre[0], centre[1], xx + yy, xy - yx], np.float32)


def _to_face(mesh: F32, place: F32) -> F32:
    """A mesh in pixels in the face's own coordinates, in face widths."""
    a, b = place[2:]
    width = math.hypot(float(a), float(b))
    shape = mesh / width
    shape[:, :2] = (mesh[:, :2] - place[:2]) @ (np.array([[a, -b], [b, a]], np.float32) / (width * width))
    return shape


def _to_image(shape: F32, place: F32) -> F32:
    """The inverse of `_to_face`."""
    a, b = place[2:]
    mesh = shape * np.float32(math.hypot(float(a), float(b)))
    mesh[:, :2] = shape[:, :2] @ np.array([[a, b], [-b, a]], np.float32) + place[:2]
    return mesh
