"""Things to hold in front of a face, drawn with their exact masks: what the occlusion figures are measured with.

Every object is drawn at four times the resolution and averaged down, so its `alpha` is exact at the border. Positions
come from the face mesh (MediaPipe's order) of the *clean* picture, never from what the product finds in the composite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Image = NDArray[np.uint8]
Polygon = NDArray[np.float64]

SUPERSAMPLING = 4
# Landmarks of the mesh that objects hang on to ("left" is left in the picture).
OUTER_EYE_LEFT, INNER_EYE_LEFT, INNER_EYE_RIGHT, OUTER_EYE_RIGHT = 33, 133, 362, 263
NOSE_BRIDGE, NOSE_TIP, MOUTH, CHIN, FOREHEAD, TEMPLE_LEFT, TEMPLE_RIGHT = 168, 1, 13, 152, 10, 234, 454
CHEEK_LEFT, CHEEK_RIGHT = 50, 280


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """An object as it lies over the picture: `colour` float32 H×W×3 BGR 0..255, `alpha` float32 H×W 0..1."""

    colour: F32
    alpha: F32

    def over(self, image: Image) -> Image:
        """The picture with the object in front; `image` is not changed."""
        weight = self.alpha[..., None]
        mixed = image * (1.0 - weight) + self.colour * weight
        return np.asarray(np.clip(mixed + 0.5, 0, 255), np.float32).astype(np.uint8)


Occluder = Callable[[Image, F32, int], Layer]
"""(clean picture, mesh (≥468, 2 or 3) in pixels, number of the frame) -> the object in that frame."""


def _frame_of(mesh: F32) -> tuple[Polygon, Polygon, Polygon, float]:
    """Origin between the eyes, unit vectors to the face's right (in the picture) and down, and the face's width."""
    points = mesh[:, :2].astype(np.float64)
    right = points[OUTER_EYE_RIGHT] - points[OUTER_EYE_LEFT]
    right /= np.linalg.norm(right)
    down = np.array([-right[1], right[0]])
    width = float(np.linalg.norm(points[TEMPLE_RIGHT] - points[TEMPLE_LEFT]))
    centre = (points[OUTER_EYE_LEFT] + points[OUTER_EYE_RIGHT]) / 2
    return centre, right, down, width


class _Canvas:
    """An enlarged drawing surface with the frame's coordinates; gives the exact coverage of what was drawn."""

    def __init__(self, image: Image) -> None:
        self.height, self.width = image.shape[:2]
        size = (self.height * SUPERSAMPLING, self.width * SUPERSAMPLING)
        self._ink: NDArray[np.uint8] = np.zeros(size, np.uint8)

    def _fixed(self, points: Polygon) -> NDArray[np.int32]:
        enlarged = (np.asarray(points, np.float64) + 0.5) * SUPERSAMPLING - 0.5
        return np.round(enlarged * 16).astype(np.int32)

    def polygon(self, points: Polygon) -> None:
        cv2.fillPoly(self._ink, [self._fixed(points)], 255, cv2.LINE_8, 4)

    def line(self, points: Polygon, thickness: float, closed: bool = False) -> None:
        pen = max(1, round(thickness * SUPERSAMPLING))
        cv2.polylines(self._ink, [self._fixed(points)], closed, 255, pen, cv2.LINE_8, 4)

    def coverage(self) -> F32:
        small = cv2.resize(self._ink, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) / np.float32(255)


def _ellipse(centre: Polygon, axes: tuple[float, float], right: Polygon, down: Polygon, power: float = 2.0) -> Polygon:
    """A superellipse (`power` 2: ellipse, larger: squarer) as a polygon of 96 points."""
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    cosine, sine = np.cos(turn), np.sin(turn)
    along = np.sign(cosine) * np.abs(cosine) ** (2 / power) * axes[0]
    across = np.sign(sine) * np.abs(sine) ** (2 / power) * axes[1]
    return centre + along[:, None] * right + across[:, None] * down


def _grid(image: Image) -> Polygon:
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.stack([columns, rows], axis=-1).astype(np.float64)


def _grain(shape: tuple[int, int], seed: int, sigma: float) -> F32:
    """Fixed noise of an object's surface, in levels, one value a pixel."""
    return np.random.default_rng(seed).normal(0.0, sigma, shape).astype(np.float32)


def _flat(image: Image, bgr: tuple[float, float, float] | F32, light: F32 | float = 1.0) -> F32:
    colour = np.empty(image.shape, np.float32)
    colour[:] = np.asarray(bgr, np.float32)
    return np.asarray(colour * np.asarray(light, np.float32)[..., None], np.float32)


def microphone(bgr: tuple[float, float, float] = (38, 36, 35), size: float = 0.17, start: int = 0) -> Occluder:
    """A shaded ball on a stick in front of the mouth, held still in the room but for a slow sway."""

    def draw(image: Image, mesh: F32, number: int) -> Layer:
        _, right, down, width = _frame_of(mesh)
        sway = 0.05 * width * np.sin(number * 0.11)
        ball = mesh[MOUTH, :2] + right * (0.06 * width + sway) + down * (0.14 * width + 0.3 * sway)
        foot = ball + down * 1.4 * width + right * 0.5 * width
        canvas = _Canvas(image)
        canvas.polygon(_ellipse(ball, (size * width, size * 1.15 * width), right, down))
        canvas.line(np.stack([ball, foot]), size * 0.9 * width)
        highlight = ball - (right + down) * 0.4 * size * width
        distance = np.linalg.norm(_grid(image) - highlight, axis=-1) / (size * width)
        light = (0.75 + 0.9 * np.exp(-(distance**2))).astype(np.float32)
        return Layer(_flat(image, bgr, light), canvas.coverage() * float(number >= start))

    return draw


def glasses(
    bgr: tuple[float, float, float] = (22, 20, 20), rim: float = 0.022, power: float = 3.0, start: int = 0
) -> Occluder:
    """Two rims, a bridge and the beginning of the temples; they sit on the face and move with it."""

    def draw(image: Image, mesh: F32, number: int) -> Layer:
        _, right, down, width = _frame_of(mesh)
        pen = rim * width
        canvas = _Canvas(image)
        inner = []
        for outer_corner, inner_corner, side, temple in (
            (OUTER_EYE_LEFT, INNER_EYE_LEFT, -1, TEMPLE_LEFT),
            (OUTER_EYE_RIGHT, INNER_EYE_RIGHT, 1, TEMPLE_RIGHT),
        ):
            eye = (mesh[outer_corner, :2] + mesh[inner_corner, :2]) / 2 + down * 0.03 * width
            canvas.line(_ellipse(eye, (0.185 * width, 0.14 * width), right, down, power), pen, closed=True)
            inner.append(eye - side * 0.185 * width * right)
            edge = eye + side * 0.185 * width * right - down * 0.03 * width
            canvas.line(np.stack([edge, mesh[temple, :2] - down * 0.02 * width]), pen)
        arch = (inner[0] + inner[1]) / 2 - down * 0.03 * width
        canvas.line(np.stack([inner[0], arch, inner[1]]), pen)
        return Layer(_flat(image, bgr), canvas.coverage() * float(number >= start))

    return draw


def hair(
    bgr: tuple[float, float, float] = (24, 30, 40),
    strands: int = 5,
    pixels: tuple[float, float] = (2.0, 5.0),
    start: int = 0,
) -> Occluder:
    """Curved strands hanging from the forehead over the face, between two thicknesses in the frame's pixels."""

    def draw(image: Image, mesh: F32, number: int) -> Layer:
        _, right, down, width = _frame_of(mesh)
        rng = np.random.default_rng(7)
        canvas = _Canvas(image)
        root = mesh[FOREHEAD, :2]
        steps = np.linspace(0, 1, 24)[:, None]
        for _ in range(strands):
            begin = root + right * rng.uniform(-0.42, 0.42) * width - down * 0.05 * width
            sway = 0.04 * np.sin(number * 0.17 + rng.uniform(0, 6))
            bend, length = rng.uniform(-0.2, 0.2), rng.uniform(0.6, 1.0)
            path = begin + down * steps * length * width + right * (bend * steps + sway) * steps * width
            canvas.line(path, rng.uniform(*pixels))
        shine = 1.0 + 0.25 * np.sin(_grid(image)[..., 1] * 0.15).astype(np.float32)
        return Layer(_flat(image, bgr, shine), canvas.coverage() * float(number >= start))

    return draw


def _skin_tone(image: Image, mesh: F32) -> F32:
    """Median colour of both cheeks: what a hand of the same person looks like."""
    _, _, _, width = _frame_of(mesh)
    reach = max(2, round(0.04 * width))
    samples = []
    for index in (CHEEK_LEFT, CHEEK_RIGHT, FOREHEAD):
        x, y = (round(float(value)) for value in mesh[index, :2])
        samples.append(image[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach].reshape(-1, 3))
    return np.asarray(np.median(np.concatenate(samples), axis=0), np.float32)


def _path(mesh: F32, number: int, start: int, period: int) -> Polygon:
    """Where a hand is that comes from the left, crosses the face, and goes back: once in `period` frames."""
    centre, right, down, width = _frame_of(mesh)
    turn = 2 * np.pi * (number - start) / period
    return np.asarray(
        centre + right * (-0.62 * np.cos(turn)) * width + down * (0.42 + 0.22 * np.sin(2.3 * turn)) * width, np.float64
    )


def palm(start: int = 0, period: int = 90, noise: float = 2.0, relief: float = 0.12) -> Occluder:
    """A skin-coloured ellipse, lightly shaded, that moves over the face and back."""

    def draw(image: Image, mesh: F32, number: int) -> Layer:
        _, right, down, width = _frame_of(mesh)
        centre = _path(mesh, number, start, period)
        canvas = _Canvas(image)
        canvas.polygon(_ellipse(centre, (0.24 * width, 0.32 * width), right, down))
        offset = (_grid(image) - centre) / width
        light = 1.0 + relief * (offset @ (right + down)).clip(-1, 1)
        colour = _flat(image, _skin_tone(image, mesh), light.astype(np.float32))
        colour += _grain(image.shape[:2], 3, noise)[..., None]
        return Layer(colour, canvas.coverage() * float(number >= start))

    return draw


def hand(start: int = 0, period: int = 90, noise: float = 2.0) -> Occluder:
    """A palm with four fingers and a thumb in the person's own skin colour; darker lines between the fingers."""

    def draw(image: Image, mesh: F32, number: int) -> Layer:
        _, right, down, width = _frame_of(mesh)
        wrist = _path(mesh, number, start, period) + down * 0.2 * width
        shape, creases = _Canvas(image), _Canvas(image)
        shape.polygon(_ellipse(wrist, (0.17 * width, 0.2 * width), right, down, 2.6))
        for finger in range(4):
            spread = (finger - 1.5) * 0.085
            knuckle = wrist + right * spread * width - down * 0.12 * width
            tip = knuckle + right * spread * 0.5 * width - down * (0.3 - 0.04 * abs(finger - 1.3)) * width
            shape.line(np.stack([knuckle, tip]), 0.082 * width)
            crease = right * 0.044 * width
            creases.line(np.stack([knuckle + crease, tip + crease]), 0.008 * width)
        thumb = wrist + right * 0.14 * width
        shape.line(np.stack([thumb, thumb + right * 0.12 * width - down * 0.18 * width]), 0.09 * width)
        shape.line(np.stack([wrist, wrist + down * 0.9 * width]), 0.26 * width)
        offset = (_grid(image) - wrist) / width
        light = 1.0 + 0.15 * (offset @ (right - down)).clip(-1, 1) - 0.25 * creases.coverage()
        colour = _flat(image, _skin_tone(image, mesh), light.astype(np.float32))
        colour += _grain(image.shape[:2], 5, noise)[..., None]
        return Layer(colour, shape.coverage() * float(number >= start))

    return draw


OCCLUDERS: Mapping[str, Occluder] = {
    "microphone": microphone(),
    "microphone-grey": microphone(bgr=(105, 104, 103), size=0.14),
    "glasses": glasses(),
    "glasses-thin": glasses(bgr=(40, 45, 60), rim=0.014, power=2.2),
    "glasses-red": glasses(bgr=(40, 30, 150), rim=0.024),
    "hair-dark": hair(),
    "hair-blond": hair(bgr=(95, 160, 205), strands=6, pixels=(2.0, 6.0)),
    "palm": palm(),
    "hand": hand(),
}
"""The objects that the figures are quoted for; all are there from the first frame."""
