import time
import weakref
from dataclasses import replace

import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Mask, Region
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.pipeline import Swapped
from liveswapping.pipeline.privacy import GLIMPSED, LINGERING, Guard, Policies, cover, in_sight

BLUR = Policies("blur", "blur")


def _face(left, top, size=20, ident=0):
    return Face(
        np.array([left, top, left + size, top + size], np.float32), np.zeros((5, 2), np.float32), 1.0, track_id=ident
    )


def _noise(value=0):
    return np.random.default_rng(value).integers(0, 256, (120, 160, 3), np.uint8)


def _done(image, chosen=(), others=(), trusted=True):
    return Swapped(image, len(chosen) + len(others), len(chosen), tuple(chosen), tuple(others), trusted)


def test_live_nothing_real_leaves_and_a_file_keeps_what_it_shows_unless_asked():
    assert Policies.of(Settings(), live=True) == BLUR
    assert Policies.of(Settings(), live=False) == Policies("pass", "pass")
    assert Policies.of(Settings(no_face="black", others="pass"), live=True) == Policies("black", "pass")
    assert not BLUR.exposing
    assert Policies("hold", "pass").exposing


@pytest.mark.parametrize("done", [None, _done(_noise()), _done(_noise(), [_face(5, 5)], trusted=False)])
def test_without_a_trusted_swap_the_whole_picture_is_blurred_beyond_detail(done):
    image = _noise()
    left, covered = Guard().protect(image, done, BLUR)
    assert covered == -1
    assert left.shape == image.shape
    assert np.abs(np.diff(left.astype(int), axis=1)).max() < 30 < np.abs(np.diff(image.astype(int), axis=1)).max()


def test_black_is_black_and_pass_passes():
    image = _noise()
    assert not Guard().protect(image, None, Policies("black", "blur"))[0].any()
    assert Guard().protect(image, None, Policies("pass", "blur"))[0] is image


def test_hold_shows_the_last_picture_that_was_safe_and_black_before_there_is_one():
    guard, safe = Guard(), _noise(1)
    policies = Policies("hold", "blur")
    assert not guard.protect(_noise(), None, policies)[0].any()
    guard.protect(_noise(), _done(safe, [_face(5, 5)]), policies)
    assert guard.protect(_noise(), None, policies)[0] is safe
    guard.reset()
    assert not guard.protect(_noise(), None, policies)[0].any()


def test_faces_that_nobody_chose_are_covered_and_nothing_else():
    image = _noise()
    done = _done(image, [_face(100, 60, ident=0)], [_face(20, 20, ident=1)])
    left, covered = Guard().protect(image, done, BLUR)
    assert covered == 1
    assert not np.array_equal(left[20:40, 20:40], image[20:40, 20:40])
    assert np.array_equal(left[60:, 60:], image[60:, 60:])
    assert Guard().protect(image, done, Policies("blur", "pass"))[0] is image


def test_what_nobody_else_holds_is_covered_without_a_copy_and_one_thing_seen_often_is_covered_once():
    image, others = _noise(), [_face(20, 20, ident=1), _face(21, 20, ident=2)]
    done = replace(_done(image.copy(), [_face(100, 60, ident=0)], others), own=True)
    before = image.copy()
    left, covered = Guard().protect(image, done, BLUR)
    assert (left is done.image, covered) == (True, 2)
    assert np.array_equal(image, before)
    assert np.abs(np.diff(left[22:38, 22:38].astype(int), axis=1)).max() < 30


def test_a_face_that_is_lost_stays_covered_where_it_was_until_it_is_found_or_time_is_up():
    guard, image = Guard(), _noise()
    one, other = _face(20, 20, ident=1), _face(100, 60, ident=2)
    guard.protect(image, _done(image, [one, other]), BLUR)
    assert guard.protect(image, _done(image, [other]), BLUR)[1] == 1
    assert guard.protect(image, _done(image, [_face(22, 21, ident=7), other]), BLUR)[1] == 0
    for _ in range(LINGERING + 1):
        left, covered = guard.protect(image, _done(image, [other]), BLUR)
    assert (left is image, covered) == (True, 0)


def test_no_detail_is_left_under_a_cover():
    image = _noise()
    cover(image, np.array([40, 30, 80, 70], np.float32))
    assert np.abs(np.diff(image[30:70, 40:80].astype(int), axis=1)).max() < 30


def test_a_swap_of_a_face_that_is_almost_hidden_is_not_trusted():
    face = _face(40, 30)
    hidden = Mask(Region(30, 20, 60, 60), np.full((60, 60), 0.1, np.float32))
    assert in_sight(face, None)
    assert not in_sight(face, hidden)
    assert in_sight(face, Mask(hidden.region, np.ones((60, 60), np.float32)))


def test_what_the_lookout_sees_beside_the_known_faces_is_covered_at_once_and_for_some_frames():
    seen = [[np.array([20, 20, 40, 40], np.float32), np.array([101, 61, 119, 79], np.float32)]]
    guard, image = Guard(lambda _: seen.pop() if seen else []), _noise()
    done = _done(image, [_face(100, 60, ident=0)])
    covered = [guard.protect(image, done, BLUR)[1] for _ in range(GLIMPSED + 2)]
    assert covered == [1] * GLIMPSED + [0] * 2


@pytest.mark.parametrize("made", [lambda image: None, _done], ids=["failed", "nobody there"])
def test_no_picture_is_held_while_all_of_them_are_covered(made):
    guard, held = Guard(lambda _: []), []
    for number in range(20):
        image = _noise(number)
        held.append(weakref.ref(image))
        guard.expect(image, BLUR)
        guard.protect(image, made(image), BLUR)
        del image
    deadline = time.monotonic() + 10  # the lookout's thread may hold the one that it looks at
    while sum(one() is not None for one in held) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sum(one() is not None for one in held) <= 1
    guard.close()


def test_what_is_seen_in_the_hair_of_a_known_face_is_nobody_but_a_small_face_beside_it_is_somebody():
    person = _face(80, 60, ident=0)
    left, top, right, _ = person.box
    middle = (left + right) / 2
    hair = np.array([middle - 4, top - 9, middle + 4, top - 1], np.float32)
    beside = hair - np.array([60, 0, 60, 0], np.float32)
    image = _noise()
    done = _done(image, [person])
    assert Guard(lambda _: [hair]).protect(image, done, BLUR)[1] == 0
    assert Guard(lambda _: [beside]).protect(image, done, BLUR)[1] == 1
