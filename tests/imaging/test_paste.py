from __future__ import annotations

import cv2
import numpy as np
import pytest

from liveswapping.domain.face import Patch
from liveswapping.domain.frame import Mask, Region
from liveswapping.imaging.paste import paste


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def shift(x: float, y: float) -> np.ndarray:
    return np.array([[1, 0, -x], [0, 1, -y]], np.float32)


def test_a_patch_at_the_frames_own_scale_is_blended_exactly() -> None:
    frame, patch = noise(120, 160), noise(40, 50, 1)
    mask = np.linspace(0, 1, 50, dtype=np.float32)[None].repeat(40, 0)
    before = frame.copy()
    paste(frame, [Patch(patch, shift(30, 20), mask)])
    expected = before.astype(np.float64)
    m = mask[..., None].astype(np.float64)
    expected[20:60, 30:80] += m * (patch - expected[20:60, 30:80])
    assert np.abs(frame - expected).max() <= 0.51


def test_no_pixel_changes_where_the_mask_is_zero() -> None:
    frame, before = noise(100, 100), noise(100, 100)
    mask = np.zeros((60, 60), np.float32)
    mask[20:40, 20:40] = 1
    paste(frame, [Patch(noise(60, 60, 2), shift(10, 10), mask)])
    changed = (frame != before).any(axis=2)
    assert changed[30:50, 30:50].mean() > 0.9
    changed[30:50, 30:50] = False
    assert not changed.any()


@pytest.mark.parametrize(("x", "y"), [(-25, -10), (80, 90), (-30, 85), (400, 400)])
def test_a_patch_that_reaches_over_the_border_is_cut_off(x: int, y: int) -> None:
    frame, before, patch = noise(100, 100), noise(100, 100), noise(40, 40, 3)
    paste(frame, [Patch(patch, shift(x, y), np.ones((40, 40), np.float32))])
    inside = before.copy()
    for row in range(max(0, y), min(100, y + 40)):
        for column in range(max(0, x), min(100, x + 40)):
            inside[row, column] = patch[row - y, column - x]
    np.testing.assert_array_equal(frame, inside)


def test_a_turned_and_scaled_patch_lands_where_its_matrix_says() -> None:
    frame = np.zeros((200, 200, 3), np.uint8)
    angle = np.radians(30)
    turn = 0.5 * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.concatenate([turn, (np.array([16, 16]) - turn @ [90, 110])[:, None]], axis=1).astype(np.float32)
    patch = np.zeros((32, 32, 3), np.uint8)
    patch[14:19, 14:19] = 255
    paste(frame, [Patch(patch, matrix, np.ones((32, 32), np.float32))])
    y, x = np.nonzero(frame[..., 0] > 128)
    assert abs(x.mean() - 90) < 0.6
    assert abs(y.mean() - 110) < 0.6
    assert 60 < len(x) < 140


def test_an_enlarged_patch_reaches_to_the_edges_of_its_outermost_pixels() -> None:
    frame = np.zeros((100, 100, 3), np.uint8)
    matrix = np.array([[0.1, 0, -2.45], [0, 0.1, -2.45]], np.float32)  # 5×5 pixels, each as large as 10×10
    paste(frame, [Patch(np.full((5, 5, 3), 200, np.uint8), matrix, np.ones((5, 5), np.float32))])
    rows = np.flatnonzero(frame.any(axis=(1, 2)))
    assert (rows[0], rows[-1]) == (20, 69)


def test_what_hides_the_face_stays_in_front_of_it() -> None:
    frame, before, patch = noise(100, 100), noise(100, 100), noise(60, 60, 4)
    seen = np.ones((30, 80), np.float32)
    seen[5:15, 20:50] = 0
    paste(frame, [Patch(patch, shift(10, 10), np.ones((60, 60), np.float32))], [Mask(Region(5, 30, 80, 30), seen)])
    expected = before.copy()
    expected[10:70, 10:70] = patch
    expected[35:45, 25:55] = before[35:45, 25:55]
    np.testing.assert_array_equal(frame, expected)


def test_a_turned_patch_is_what_interpolating_and_blending_give() -> None:
    frame, patch = noise(120, 160), cv2.GaussianBlur(noise(40, 50, 5), (0, 0), 1.5)
    mask = cv2.GaussianBlur(np.pad(np.ones((24, 34), np.float32), 8), (0, 0), 2.0)
    matrix = np.array([[0.3, 0.08, -2.0], [-0.08, 0.3, 4.0]], np.float32)
    seen = np.random.default_rng(6).random((60, 70), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    over = cv2.warpAffine(patch, matrix, (160, 120), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(mask, matrix, (160, 120), flags=flags)
    share[20:80, 30:100] *= seen
    expected = frame + share[..., None] * (over.astype(np.float32) - frame)
    paste(frame, [Patch(patch, matrix, mask)], [Mask(Region(30, 20, 70, 60), seen)])
    assert np.abs(frame - expected).max() < 2.0
