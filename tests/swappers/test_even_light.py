from __future__ import annotations

import cv2
import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import face_mesh
from liveswapping.swappers.mesh.even_light import without_cast_shadow
from liveswapping.swappers.mesh.light import Light

SIZE = 256


def lit(left: float, right: float) -> Light:
    """A face whose sides are that bright."""
    across = np.interp(face_mesh().canonical[:, 0], [-0.5, 0.5], [left, right])
    colour = np.repeat(across[:, None], 3, axis=1).astype(np.float32)
    return Light(colour, np.ones(len(colour), np.float32), 120.0, np.ones(3, np.float32))


def dark_cheek() -> tuple[F32, F32]:
    """Detail with a soft dark patch on the left cheek, away from all features, and where it lies."""
    at = face_mesh().uv[50] * (SIZE - 1)  # the middle of the left cheek
    patch = np.zeros((SIZE, SIZE), np.float32)
    cv2.circle(patch, (round(float(at[0])), round(float(at[1]))), 18, 1.0, -1)
    patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), 5.0), np.float32)
    detail: F32 = np.repeat(-0.5 * patch[..., None], 3, axis=2)
    return detail, patch > 0.8


def test_a_shadow_in_one_sided_light_is_taken_out() -> None:
    detail, patch = dark_cheek()
    lifted = without_cast_shadow(detail, np.ones((SIZE, SIZE), np.float32), lit(40.0, 200.0))
    assert detail[patch].mean() < -0.4
    assert lifted[patch].mean() > 0.8 * detail[patch].mean()


def test_what_is_dark_in_even_light_is_the_persons() -> None:
    detail, _ = dark_cheek()
    kept = without_cast_shadow(detail, np.ones((SIZE, SIZE), np.float32), lit(150.0, 150.0))
    assert np.array_equal(kept, detail)
