"""What is told apart in an engine's answers, on pictures where the truth is known."""

import numpy as np
import pytest

from liveswapping.imaging.align import ARCFACE, FFHQ, SWAP, similarity
from liveswapping.swappers.temporal.mixing import between, packed, unpacked
from liveswapping.swappers.temporal.stiff import places, to_earlier


def _faces(count):
    """Keypoints of a face that turns, moves, grows and speaks."""
    random = np.random.default_rng(3)
    shape = np.asarray(ARCFACE, np.float32)
    for _ in range(count):
        turn = np.exp(1j * random.uniform(-0.3, 0.3)) * random.uniform(1.5, 2.5)
        placed = shape @ (1.0, 1j) * turn + complex(*random.uniform(50, 200, 2))
        yield np.stack([placed.real, placed.imag], 1).astype(np.float32) + random.normal(0, 3, (5, 2)).astype("f")


def test_an_engine_that_crops_as_swap_networks_do_is_foretold_from_its_first_answer():
    before, now = _faces(2)
    where = places([(before, SWAP.matrix(before, 256))])
    onto = to_earlier(now, SWAP.matrix(before, 256), where)
    right = np.linalg.inv(_square(SWAP.matrix(before, 256))) @ _square(SWAP.matrix(now, 256))
    assert np.allclose(onto, right[:2], atol=1e-2)


def test_an_engine_with_a_framing_of_its_own_is_foretold_after_three_answers():
    *known, now = _faces(5)
    answers = [(points, FFHQ.matrix(points, 512)) for points in known]
    onto = to_earlier(now, answers[-1][1], places(answers))
    right = np.linalg.inv(_square(answers[-1][1])) @ _square(similarity(now, np.asarray(FFHQ.points)))
    points = np.float32([[0, 0, 1], [300, 0, 1], [0, 300, 1]]).T
    assert np.abs(onto @ points - (right @ points)[:2]).max() < 0.5


def _square(matrix):
    return np.vstack([matrix, [0, 0, 1]])


@pytest.mark.parametrize("share", [-1.0, 0.4, 1.0])
def test_what_lies_over_the_camera_s_picture_plays_no_part_in_how_that_is_mixed(share):
    random = np.random.default_rng(0)
    cameras = [random.integers(60, 150, (64, 64, 3)).astype(np.uint8) for _ in range(2)]
    laid = random.integers(0, 60, (64, 64, 3))
    answers = [np.clip(camera * share + laid + 170 * (share < 0), 0, 255).astype(np.uint8) for camera in cameras]
    mixing = between(tuple(answers), tuple(cameras), np.ones((64, 64), np.float32), 60.0).solved()
    changed = mixing.of(cameras[0], 60.0) - mixing.of(cameras[1], 60.0)
    assert np.abs(changed - share * (cameras[0].astype(float) - cameras[1])).mean() < 3.0


def test_a_rest_of_either_sign_comes_back_from_its_bytes():
    mixed = np.full((2, 2, 3), 100.0, np.float32)
    for value in (0, 37, 100, 255):
        picture = np.full((2, 2, 3), value, np.uint8)
        assert np.abs(unpacked(packed(picture - mixed), mixed).astype(int) - picture).max() <= 1
