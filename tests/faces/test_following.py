import numpy as np

from liveswapping.domain.face import Face
from liveswapping.faces.following import Follower

KEYPOINTS = np.float32([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]])


def face_at(x, y=0.0, noise=None):
    shift = np.float32([x, y])
    box = np.float32([0, 0, 100, 120]) + np.tile(shift, 2)
    return Face(box, KEYPOINTS + shift + (0 if noise is None else noise), 0.9)


def test_numbers_stay_with_their_faces_whatever_the_order():
    follower = Follower()
    one, two = follower.follow([face_at(0), face_at(300)])
    for step in range(1, 8):
        b, a = follower.follow([face_at(300 - 4 * step), face_at(4 * step)])
        assert (a.track_id, b.track_id) == (one.track_id, two.track_id)


def test_a_face_that_comes_back_soon_keeps_its_number_and_later_it_is_a_new_one():
    follower = Follower()
    (first,) = follower.follow([face_at(0)])
    for _ in range(3):
        follower.follow([])
    assert follower.follow([face_at(5)])[0].track_id == first.track_id
    for _ in range(6):
        follower.follow([])
    assert follower.follow([face_at(5)])[0].track_id != first.track_id


def test_a_number_is_never_used_for_somebody_else():
    follower = Follower()
    (first,) = follower.follow([face_at(0)])
    follower.reset()
    assert follower.follow([face_at(0)])[0].track_id != first.track_id


def test_a_still_face_is_steadied():
    random, follower, seen = np.random.default_rng(0), Follower(), []
    for _ in range(120):
        noise = random.normal(0, 0.5, (5, 2)).astype(np.float32)
        seen.append(follower.follow([face_at(0, noise=noise)])[0].keypoints)
    assert np.std(seen[20:], axis=0).mean() < 0.3
    assert np.abs(np.mean(seen[20:], axis=0) - KEYPOINTS).max() < 0.3


def test_a_fast_face_is_not_left_behind():
    follower = Follower()
    for step in range(40):
        (face,) = follower.follow([face_at(8 * step)])
    assert np.abs(face.keypoints - face_at(8 * 39).keypoints).max() < 4


def test_what_was_given_is_not_changed():
    given = face_at(0)
    before = given.keypoints.copy()
    follower = Follower()
    follower.follow([given])
    follower.follow([face_at(3)])
    assert np.array_equal(given.keypoints, before)
    assert given.track_id == -1
