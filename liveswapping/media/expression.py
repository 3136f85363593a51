"""What moves inside an animated face: lids that close, irises that wander, a mouth that talks.

Everything is drawn in the upright picture, before the head is moved. Eye and mouth have axes of their own through
their corners: `along` from corner to corner and `down` across, both in pixels from the middle of the corners. The
maps are written backwards and in closed form: for a pixel of the result they say where in the photograph it is from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.face_mesh import CHIN, LIPS_INNER, LIPS_OUTER, NOSE_TIP
from liveswapping.media.motion import Moment

Floats: TypeAlias = NDArray[np.floating[Any]]


def smoothstep(values: Floats) -> F32:
    """0 below 0, 1 above 1, without corners between."""
    t = np.clip(values, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def sample(picture: Image, places: F32) -> Image:
    """The picture at `places` (h, w, 2), x and y in its pixels; beyond its edges it is reflected."""
    # The stubs do not know that None is how one map in place of two is given.
    found = cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)  # type: ignore[call-overload]
    return np.asarray(found, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    """A part of the face in its own coordinates, at every pixel of a rectangle of the picture."""

    region: Region
    centre: F32
    """(2,) the middle between the corners, in pixels of the picture."""
    turn: F32
    """(2, 2) rows: the unit vectors along and down."""
    half: float
    """Half the distance between the corners."""
    along: F32
    """region's height × width, pixels."""
    down: F32
    pixels: F32
    """region's height × width × 2: x and y in the picture."""

    @staticmethod
    def through(corners: F32, points: F32, size: tuple[int, int]) -> _Axes:
        """Axes from `corners` (2, 2), in a rectangle around `points` (N, 2) inside a picture of `size`."""
        centre = corners.mean(axis=0)
        half = float(np.hypot(*(corners[1] - corners[0]))) / 2
        cos, sin = (corners[1] - corners[0]) / (2 * half)
        turn = np.array([[cos, sin], [-sin, cos]], np.float32)
        low = np.clip(np.floor(points.min(axis=0)), 0, np.array(size) - 2).astype(int)
        high = np.clip(np.ceil(points.max(axis=0)) + 1, low + 2, size).astype(int)
        region = Region(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
        y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
        pixels = np.stack([x, y], axis=2)
        x, y = x - centre[0], y - centre[1]
        return _Axes(region, centre, turn, half, cos * x + sin * y, cos * y - sin * x, pixels)

    def to_axes(self, points: F32) -> F32:
        """(N, 2) points of the picture as (along, down)."""
        return np.asarray((points - self.centre) @ self.turn.T, np.float32)

    def curve(self, points: F32, along: Floats) -> F32:
        """How far down the line through `points` (of the picture, left to right) is at each value of `along`."""
        own = self.to_axes(points)
        order = np.argsort(own[:, 0])
        return np.asarray(np.interp(along, own[order, 0], own[order, 1]), np.float32)

    def from_above(self, offset: F32, part: tuple[slice, slice] = (slice(None), slice(None))) -> F32:
        """(height, width, 2) pixels of the picture that lie `offset` above each pixel of (a part of) the rectangle."""
        return np.asarray(self.pixels[part] - offset[..., None] * self.turn[1], np.float32)


def _mix(below: Image, above: Image | F32, weight: F32) -> Image:
    """`above` over `below` with `weight` 0..1 per pixel."""
    mixed = below + weight[..., None] * (np.asarray(above, np.float32) - below)
    return np.asarray(mixed + 0.5, np.uint8)


_WIDER = 1.25
"""How much wider than the opening of an eye its lid with the lashes is."""


class Eye:
    """One eye of a photograph, that blinks and looks about."""

    def __init__(self, picture: Image, mesh: F32, ring: tuple[int, ...], brow: tuple[int, ...], iris: int) -> None:
        """`ring` and `brow` as imaging.face_mesh gives them, `iris` the number of its centre."""
        points = mesh[:, :2]
        around = points[list(ring + brow)]
        corners = points[[ring[0], ring[8]]]
        corners = corners[np.argsort(corners[:, 0])]
        margin = 0.3 * np.hypot(*(corners[1] - corners[0]))
        height, width = picture.shape[:2]
        around = np.concatenate([around - margin, around + margin])
        self._axes = axes = _Axes.through(corners, around, (width, height))
        self._picture = picture
        self._upper = axes.curve(points[list(ring[8:] + ring[:1])], axes.along)
        self._lower = np.maximum(axes.curve(points[list(ring[:9])], axes.along), self._upper)
        fold = axes.curve(points[list(brow[:5])], axes.along)
        above = axes.curve(points[list(ring[8:] + ring[:1])], axes.along / _WIDER)
        below = axes.curve(points[list(ring[:9])], axes.along / _WIDER)
        self._opening = np.maximum(below - above, 0.0)
        self._lash = 0.28 * axes.half
        self._fold = np.minimum(fold + 0.1 * axes.half, self._upper - 0.3 * axes.half - self._lash)
        centre = axes.to_axes(points[[iris]])[0]
        distance = np.hypot(axes.along - centre[0], axes.down - centre[1]) / (0.9 * axes.half)
        aside = 0.16 * axes.half * np.clip(1.0 - distance * distance, 0.0, 1.0) ** 2
        self._gaze = aside[..., None] * axes.turn[0]
        soft = max(0.06 * axes.half, 0.7)
        inside = np.minimum(axes.down - self._upper, self._lower - axes.down) / soft
        self._inside = np.clip(inside, 0.0, 1.0)
        self._soft = soft

    @property
    def region(self) -> Region:
        """What `draw` may change."""
        return self._axes.region

    def draw(self, canvas: Image, moment: Moment) -> None:
        """Write the eye into its rectangle of `canvas`, a copy of the photograph."""
        axes, window, blink, gaze = self._axes, canvas[self._axes.region.slices], moment.blink, moment.gaze
        if abs(gaze) > 0.02:
            moved = sample(self._picture, axes.pixels - gaze * self._gaze)
            window[:] = _mix(window, moved, self._inside)
        if blink < 0.01:
            return
        edge = self._upper + blink * self._opening
        span, rest = edge - self._lash - self._fold, self._upper - self._lash - self._fold
        ratio = np.minimum(span / rest, 2.6)
        t = (axes.down - self._fold) / span
        inner = np.clip(t, 0.0, 1.0)
        hermite = ratio * inner + (3 - 3 * ratio) * inner**2 + (2 * ratio - 2) * inner**3
        down = np.where(t < 0, axes.down, self._fold + rest * hermite)
        down = np.where(t > 1, axes.down - (edge - self._upper), down)
        lid = sample(self._picture, axes.from_above(axes.down - down))
        window[:] = _mix(window, lid, np.clip((edge - axes.down) / self._soft + 1.0, 0.0, 1.0))


_OPEN, _LIFT, _SHUT = 0.5, 0.06, 0.95
"""How far a wide open jaw drops the lower lip and lifts the upper one, in half mouth widths; how much of the gap
between the photograph's lips closing lips take away."""


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """One direction of a talking mouth, fully taken. All values: how many pixels down the lips and the skin go."""

    whole: F32
    """Over the whole rectangle: of the jaw below the line of the mouth, of the upper lip above it."""
    jaw: F32
    """Over the aperture: of the lower lip, continued above the line."""
    lip: F32
    """Over the aperture: of the upper lip, continued below the line."""


class Mouth:
    """The mouth and jaw of a photograph, that talk.

    Three layers: the upper lip (which lifts a little), the jaw with the lower lip (which drops), and behind them the
    mouth's interior, fixed to the skull: the photograph's own teeth, or drawn ones where it shows none.
    """

    def __init__(self, picture: Image, mesh: F32) -> None:
        points = mesh[:, :2]
        corners = points[[LIPS_INNER[0], LIPS_INNER[10]]]
        middle, chin = corners.mean(axis=0), points[CHIN]
        aside = (corners[1] - corners[0]) * 0.9
        around = np.stack([points[NOSE_TIP], chin + (chin - middle), *(corners + aside), *(corners - aside)])
        around = np.concatenate([around, chin + aside[None], chin - aside[None]])
        height, width = picture.shape[:2]
        self._picture = picture
        self._axes = axes = _Axes.through(corners, around, (width, height))
        self._soft = max(0.03 * axes.half, 0.7)
        upper = points[list(LIPS_INNER[10:] + LIPS_INNER[:1])]
        lower, bottom = points[list(LIPS_INNER[:11])], points[list(LIPS_OUTER[:11])]
        self._upper = axes.curve(upper, axes.along)
        line = np.maximum(axes.curve(lower, axes.along), self._upper)
        self._lower = np.maximum(axes.curve(lower + 0.15 * (bottom - lower), axes.along), self._upper)
        inside = (np.abs(axes.along) < 1.1 * axes.half) & (axes.down > self._upper - 0.3 * axes.half)
        rows, columns = np.nonzero(inside & (axes.down < self._lower + 0.8 * axes.half))
        self._aperture = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        self._to_lower = (self._lower - axes.down)[self._aperture]
        self._to_upper = (axes.down - self._upper)[self._aperture]
        own = axes.to_axes(np.stack([chin, points[NOSE_TIP]]))
        neck, nose = 1.75 * float(own[0, 1]), 0.9 * float(own[1, 1])
        self._opened = self._opening(neck, nose)
        self._closed = self._closing(lower, upper, neck)
        self._teeth, self._tongue = self._interior(line)

    def _opening(self, neck: float, nose: float) -> _Layers:
        """The jaw drops down to the neck, the lip lifts up to the nose (both: where, along `down`)."""
        axes, here = self._axes, self._aperture
        t = np.clip((axes.down - self._lower) / (neck - self._lower), 0.0, 1.0)
        jaw = _OPEN * axes.half * _arch(axes.along / (axes.half * (1.05 + 1.5 * t)))
        jaw *= 1.0 - smoothstep((t - 0.25) / 0.75)
        lip = -_LIFT * axes.half * _arch(axes.along / (1.05 * axes.half))
        lip *= 1.0 - smoothstep((self._upper - axes.down) / (self._upper - nose))
        whole = np.where(axes.down > self._upper, jaw, lip)
        return _Layers(whole.astype(np.float32), jaw[here].astype(np.float32), lip[here].astype(np.float32))

    def _closing(self, lower: F32, upper: F32, neck: float) -> _Layers:
        """The lower lip rises by the gap between the lips; the skin down to the chin follows, wider and less."""
        axes, here = self._axes, self._aperture
        t = np.clip((axes.down - self._lower) / (neck - self._lower), 0.0, 1.0)
        seen = axes.along / (1.0 + 1.2 * t)
        spread = np.maximum(axes.curve(lower, seen) - axes.curve(upper, seen), 0.0)
        jaw = -_SHUT * spread * (1.0 - smoothstep(t / 0.5))
        whole = np.where(axes.down > self._upper, jaw, 0.0)
        return _Layers(whole.astype(np.float32), jaw[here].astype(np.float32), np.zeros_like(self._to_lower))

    def _interior(self, line: F32) -> tuple[F32, F32]:
        """Teeth with the dark behind them, and what the tongue adds; `line` is the lower lip's edge at rest."""
        here, axes = self._aperture, self._axes
        picture = self._picture[axes.region.slices][here].astype(np.float32)
        across, down, upper = axes.along[here] / axes.half, axes.down[here], self._upper[here]
        lip = picture[np.abs(self._lower[here] + 0.15 * axes.half - down) < 0.1 * axes.half].mean(axis=0)
        dark = lip * np.array([0.1, 0.08, 0.15], np.float32)
        middle = np.clip(1.0 - across * across, 0.0, 1.0)
        if float((line - self._upper).max()) > 0.2 * axes.half:
            teeth, end = picture, upper + 0.9 * (line[here] - upper)
        else:
            skin = self._picture[axes.region.slices].reshape(-1, 3).mean(axis=0)
            ivory = 0.85 * (0.6 * skin + 0.4 * skin.max() * np.array([0.8, 0.93, 1.0], np.float32))
            gaps = 1.0 - 0.18 * np.exp(-(((np.abs((across * 4.2) % 1.0 - 0.5) - 0.5) / 0.07) ** 2))
            teeth = (middle * gaps)[..., None] * ivory
            end = upper + 0.24 * axes.half * np.clip(1.0 - across**4, 0.0, 1.0)
        weight = np.clip((end - down) / (2.5 * self._soft) + 0.5, 0.0, 1.0)[..., None]
        tongue = (lip * np.array([0.29, 0.27, 0.52], np.float32) - dark) * middle[..., None] * (1.0 - weight)
        return (dark + weight * (teeth - dark)).astype(np.float32), tongue.astype(np.float32)

    @property
    def region(self) -> Region:
        """What `draw` may change."""
        return self._axes.region

    def draw(self, canvas: Image, moment: Moment) -> None:
        """Write mouth, chin and throat into their rectangle of `canvas`, a copy of the photograph."""
        how_far = abs(moment.jaw)
        if how_far < 0.01:
            return
        layers = self._opened if moment.jaw > 0 else self._closed
        axes, here, window = self._axes, self._aperture, canvas[self._axes.region.slices]
        window[:] = sample(self._picture, axes.from_above(how_far * layers.whole))
        jaw, lip = how_far * layers.jaw, how_far * layers.lip
        below = sample(self._picture, axes.from_above(jaw, here))
        mouth = sample(self._picture, axes.from_above(lip, here))
        above_jaw, below_lip = self._to_lower + jaw, self._to_upper - lip
        if moment.jaw > 0:
            tongue = np.exp(-((above_jaw / (0.28 * axes.half)) ** 2))[..., None] * self._tongue
            mouth = _mix(mouth, self._teeth + tongue, np.clip(below_lip / self._soft, 0.0, 1.0))
        window[here] = _mix(mouth, below, np.clip(0.5 - above_jaw / self._soft, 0.0, 1.0))


def _arch(across: Floats) -> F32:
    """The shape of parting lips: 1 in the middle, 0 at ±1."""
    return np.asarray(np.clip(1.0 - across * across, 0.0, 1.0) ** 1.4, np.float32)
