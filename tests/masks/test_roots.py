from __future__ import annotations

import numpy as np
import pytest

from liveswapping.domain.frame import Mask, Region
from liveswapping.imaging.face_mesh import FOREHEAD, face_mesh
from liveswapping.masks.roots import with_roots

WIDTH, HEIGHT = 340, 400


@pytest.fixture
def mesh() -> np.ndarray:
    shape = face_mesh().canonical * 320
    return (shape - shape[:, :3].min(axis=0) + [10, 10, 0]).astype(np.float32)


def hidden(*boxes: tuple[int, int, int, int]) -> Mask:
    values = np.ones((HEIGHT, WIDTH), np.float32)
    for left, top, right, bottom in boxes:
        values[top:bottom, left:right] = 0
    return Mask(Region(0, 0, WIDTH, HEIGHT), values)


def test_a_fringe_is_closed_up_to_the_hairline(mesh: np.ndarray) -> None:
    x, top = mesh[FOREHEAD, :2].astype(int)
    fringe = hidden((x - 70, top + 35, x + 70, top + 60))
    rooted = with_roots(fringe, mesh).values
    assert rooted[top + 8 : top + 34, x - 40 : x + 40].mean() < 0.1
    assert rooted[top + 75 :].min() == 1.0


def test_a_hand_further_down_leaves_the_forehead_above_it_free(mesh: np.ndarray) -> None:
    x, top = mesh[FOREHEAD, :2].astype(int)
    hand = hidden((x - 70, top + 70, x + 70, top + 110))
    np.testing.assert_array_equal(with_roots(hand, mesh).values, hand.values)


def test_a_single_strand_hangs_by_itself(mesh: np.ndarray) -> None:
    x, top = mesh[FOREHEAD, :2].astype(int)
    strand = hidden((x - 30, top + 30, x - 25, top + 90))
    np.testing.assert_array_equal(with_roots(strand, mesh).values, strand.values)


def test_what_hides_the_chin_has_no_roots(mesh: np.ndarray) -> None:
    x = int(mesh[FOREHEAD, 0])
    chin = int(mesh[152, 1])
    microphone = hidden((x - 40, chin - 70, x + 40, chin - 30))
    np.testing.assert_array_equal(with_roots(microphone, mesh).values, microphone.values)
