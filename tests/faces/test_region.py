from __future__ import annotations

import math

import numpy as np
import pytest

from liveswapping.faces.region import TurnedSquare, crop, project, tensor, turn


def blob(width: int, height: int, x: float, y: float, sigma: float) -> np.ndarray:
    columns = np.exp(-((np.arange(width) - x) ** 2) / (2 * sigma**2))
    rows = np.exp(-((np.arange(height) - y) ** 2) / (2 * sigma**2))
    return np.repeat(np.rint(250 * rows[:, None] * columns)[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("size", [50, 190, 420, 700, 1500, 2600])
@pytest.mark.parametrize("angle", [0.0, 0.7, -2.0])
@pytest.mark.parametrize("flip", [False, True])
def test_what_is_seen_in_a_crop_is_projected_to_where_it_is(size: float, angle: float, flip: bool) -> None:
    picture = blob(1900, 1100, 903.3, 520.8, size / 20)
    square = TurnedSquare(903.3 + size / 9, 520.8 - size / 13, size, angle)
    seen = crop(picture, square, 64, flip=flip)[..., 0].astype(float)
    rows, columns = np.mgrid[:64, :64] + 0.5
    middle = np.array([[(seen * columns).sum() / seen.sum(), (seen * rows).sum() / seen.sum()]], np.float32)
    found = project(square.matrix(64, flip), middle)[0]
    assert np.hypot(found[0] - 903.3, found[1] - 520.8) < 0.15 * size / 64 + 0.1


def test_beyond_the_picture_is_its_border_or_black() -> None:
    picture = np.full((40, 40, 3), 77, np.uint8)
    square = TurnedSquare(0, 20, 40)
    assert (crop(picture, square, 32) == 77).all()
    assert (crop(picture, square, 32, replicate=False)[:, :14] == 0).all()


def test_a_square_far_outside_the_picture_is_no_error() -> None:
    picture = np.zeros((3, 2, 3), np.uint8)
    assert crop(picture, TurnedSquare(-900, 5000, 700, 1.0), 64).shape == (64, 64, 3)


def test_noise_is_averaged_where_a_crop_makes_smaller() -> None:
    noise = np.random.default_rng(0).normal(128, 20, (800, 800, 3)).clip(0, 255).astype(np.uint8)
    assert crop(noise, TurnedSquare(400, 400, 760), 192).std() < 8


def test_a_tensor_is_rgb_between_its_bounds() -> None:
    blue = np.zeros((40, 40, 3), np.uint8)
    blue[..., 0] = 255
    values = tensor(crop(blue, TurnedSquare(20, 20, 20), 4), low=-1.0)
    assert values.shape == (1, 4, 4, 3)
    assert values.dtype == np.float32
    assert values[0, 0, 0] == pytest.approx([-1, -1, 1])


def test_depth_is_scaled_with_the_square() -> None:
    moved = project(TurnedSquare(0, 0, 96).matrix(192), np.array([[0, 0, 10]], np.float32))
    assert moved[0, 2] == pytest.approx(5)


def test_turning_goes_the_short_way_round() -> None:
    assert turn(math.radians(170), math.radians(-170)) == pytest.approx(math.radians(20))
