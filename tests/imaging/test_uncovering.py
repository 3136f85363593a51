"""A face that became smaller lets what is behind it be seen."""

import numpy as np
import pytest

from liveswapping.domain.face import Moved, Patch
from liveswapping.imaging.uncovering import Backdrop, uncovered

SIZE = 60
LEFT, TOP = 10, 5


def _square(half):
    return np.float32([[-half, -half], [half, -half], [half, half], [-half, half]]) + 40


@pytest.fixture
def moved():
    """A square face of 40 pixels around (40, 40) that became one of 24, and what is up to 60 drawn in after it."""
    points = np.concatenate([_square(12), _square(30)])
    back = np.concatenate([_square(20) - _square(12), np.zeros((4, 2), np.float32)])
    ring = [(i, 4 + i, 4 + (i + 1) % 4) for i in range(4)] + [(i, 4 + (i + 1) % 4, (i + 1) % 4) for i in range(4)]
    triangles = np.array([*ring, (0, 1, 2), (0, 2, 3)], np.int32)
    return Moved(points.astype(np.float32), back.astype(np.float32), triangles, _square(12))


def _patch(moved):
    image = np.full((SIZE, SIZE, 3), 200, np.uint8)
    matrix = np.float32([[1, 0, -LEFT], [0, 1, -TOP]])
    return Patch(image, matrix, np.ones((SIZE, SIZE), np.float32), moved)


@pytest.fixture
def backdrop():
    """Stripes, and a person who is the face and no more."""
    plate = np.zeros((80, 90, 3), np.uint8)
    plate[:, ::2] = 90
    people = np.zeros((80, 90), np.uint8)
    people[20:60, 20:60] = 255
    return Backdrop(plate, people)


def test_where_the_face_was_and_is_not_any_more_the_background_is_shown(moved, backdrop):
    found = uncovered(_patch(moved), backdrop)
    frame = np.zeros((80, 90, 3), np.uint8)
    frame[TOP : TOP + SIZE, LEFT : LEFT + SIZE] = found.image
    assert (frame[30:50, 30:50] == 200).all()  # the smaller face
    assert np.array_equal(frame[22:26, 22:58], backdrop.plate[22:26, 22:58])  # where the larger one was
    assert np.array_equal(frame[14:18, 14:66], backdrop.plate[14:18, 14:66])  # and nothing was drawn in around it


def test_people_around_a_face_are_drawn_in_with_it(moved, backdrop):
    people = backdrop.people.copy()
    people[50:] = 255  # a neck, which goes on below
    found = uncovered(_patch(moved), Backdrop(backdrop.plate, people))
    below = found.image[54 - TOP : 60 - TOP, 32 - LEFT : 48 - LEFT]
    assert (below == 200).all()


def test_what_moves_nothing_stays_as_it_is(moved, backdrop):
    patch = Patch(*(getattr(_patch(moved), name) for name in ("image", "matrix", "mask")))
    assert uncovered(patch, backdrop) is patch
