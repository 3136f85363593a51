"""Pictures as a screen takes them."""

import numpy as np
import pytest

from liveswapping.imaging.screen import fitted


def waves(width, height):
    """Smooth, so that a good scaling is known: the same waves, drawn in the other size."""
    x = (np.arange(width) + 0.5) / width
    y = (np.arange(height)[:, None] + 0.5) / height
    planes = [np.sin(7 * x + 1) * np.cos(5 * y), np.cos(4 * x) * np.sin(6 * y), np.sin(3 * x + 2 * y)]
    return np.clip(np.dstack([128 + 100 * plane for plane in planes]).round(), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shrunk", [0.8, 1.0, 1.3, 1.5, 2.0, 2.55, 3.1, 3.3, 6.0])
def test_a_picture_of_any_size_is_scaled_without_a_shift(shrunk):
    size = 160, 90
    shown = fitted(waves(round(size[0] * shrunk), round(size[1] * shrunk)), *size)
    assert shown.shape == (90, 160, 4)
    assert np.abs(shown[..., :3].astype(int) - waves(*size)).mean() < 1.5
    assert (shown[..., 3] == 255).all()


@pytest.mark.parametrize("shrunk", [1.0, 2.5])
def test_a_mirrored_picture_is_the_same_from_right_to_left(shrunk):
    image = waves(round(160 * shrunk), round(90 * shrunk))
    plain, mirrored = (fitted(image, 160, 90, mirrored=on) for on in (False, True))
    assert np.abs(plain[:, ::-1].astype(int) - mirrored).max() <= 2


def test_edges_are_cut_where_the_place_is_filled():
    shown = fitted(waves(640, 360), 100, 100, "fill")
    assert shown.shape == (100, 100, 4)
    middle = waves(640, 360)[:, 140:500]
    assert np.abs(shown[..., :3].astype(int) - fitted(middle, 100, 100)[..., :3]).mean() < 0.5
