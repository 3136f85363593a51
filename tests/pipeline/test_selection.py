import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.pipeline.selection import Selector

PICTURE = np.zeros((100, 200, 3), np.uint8)


def _face(left, size, track):
    box = np.array([left, 40, left + size, 40 + size], np.float32)
    return Face(box, np.zeros((5, 2), np.float32), 1.0, track_id=track)


@pytest.mark.parametrize(
    ("which", "tracks"),
    [("all", [1, 2, 3]), ("largest", [2]), ("leftmost", [1]), ("rightmost", [3]), ("central", [2])],
)
def test_each_rule_chooses_its_faces(which, tracks):
    faces = [_face(10, 20, 1), _face(80, 40, 2), _face(160, 30, 3)]
    assert [face.track_id for face in Selector().choose(faces, PICTURE, which)] == tracks


def test_no_face_is_no_choice():
    assert list(Selector().choose([], PICTURE, "largest")) == []


def test_a_choice_does_not_jump_between_faces_of_nearly_one_size():
    selector = Selector()
    assert selector.choose([_face(10, 40, 1), _face(100, 38, 2)], PICTURE, "largest")[0].track_id == 1
    assert selector.choose([_face(10, 40, 1), _face(100, 42, 2)], PICTURE, "largest")[0].track_id == 1
    assert selector.choose([_face(10, 40, 1), _face(100, 60, 2)], PICTURE, "largest")[0].track_id == 2


def test_another_face_takes_over_when_the_chosen_one_has_gone():
    selector = Selector()
    selector.choose([_face(10, 40, 1), _face(100, 38, 2)], PICTURE, "largest")
    assert selector.choose([_face(100, 38, 2)], PICTURE, "largest")[0].track_id == 2
    selector.reset()
    assert selector.choose([_face(10, 40, 1), _face(100, 38, 2)], PICTURE, "largest")[0].track_id == 1
