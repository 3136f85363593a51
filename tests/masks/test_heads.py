"""Which pixels are somebody's face or body."""

import cv2
import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.imaging.face_mesh import OVAL, face_mesh
from liveswapping.masks.heads import bodies, face_area, whole_face_area

WIDTH = 100


def _face(x, y, width=WIDTH):
    mesh = face_mesh().canonical * np.float32(width) + np.float32([x, y, 0])
    return Face(np.zeros(4, np.float32), np.zeros((5, 2), np.float32), 1.0, mesh)


@pytest.mark.parametrize("shines", [False, True])
def test_a_face_s_mask_covers_all_of_the_forehead_and_ends_in_the_hair(shines):
    image, face = np.full((320, 300, 3), 200, np.uint8), _face(150, 190)
    top = int(face.mesh[list(OVAL), 1].min())
    cv2.ellipse(image, (150, 190), (75, 120), 0, 0, 360, (30, 30, 35), -1)  # dark hair
    cv2.ellipse(image, (150, 190), (55, 190 - top + 25), 0, 0, 360, (110, 140, 200), -1)  # skin
    if shines:
        cv2.ellipse(image, (150, top - 8), (12, 12), 0, 0, 360, (250, 250, 250), -1)
    mask = whole_face_area(image, face)
    assert not face_area(face, image.shape)[top - 20, 150]  # which the mesh's outline alone leaves
    assert mask[top - 20 : top, 140:160].all()
    assert not mask[top - 40, 150]


def test_people_who_touch_are_told_apart():
    people = np.zeros((300, 400), np.bool_)
    people[60:, 60:340] = True
    left, right = _face(130, 130), _face(270, 130)
    found = bodies([right], [left], people)
    assert found[250, 300]
    assert not found[250, 100]
    assert np.array_equal(bodies([right, left], [], people), people)
    assert not bodies([], [left], people).any()
