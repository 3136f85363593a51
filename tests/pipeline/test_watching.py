"""Looking at pictures beside the loop."""

import threading
import weakref

import numpy as np
import pytest

from liveswapping.pipeline.watching import Watching


@pytest.fixture
def seen_by():
    return []


@pytest.fixture
def watching(seen_by):
    def look(image):
        seen_by.append(threading.current_thread() is threading.main_thread())
        return [np.full(4, image[0, 0, 0], np.float32)]

    watching = Watching(look)
    yield watching
    watching.close()


def _image(level):
    return np.full((4, 4, 3), level, np.uint8)


def test_pictures_are_looked_at_on_another_thread_and_each_gets_its_own_answer(watching, seen_by):
    images = [_image(level) for level in range(5)]
    for image in images:
        watching.begin(image)
    assert [watching.seen(image)[0][0] for image in images] == [0, 1, 2, 3, 4]
    assert not any(seen_by)


def test_a_picture_that_was_left_out_does_not_shift_the_answers(watching):
    one, left_out, other = (_image(level) for level in (1, 2, 3))
    for image in (one, left_out, other):
        watching.begin(image)
    assert watching.seen(one)[0][0] == 1
    assert watching.seen(other)[0][0] == 3


def test_a_picture_that_is_left_out_is_held_no_longer_nor_any_before_it(watching):
    images = [_image(level) for level in range(4)]
    for image in images:
        watching.begin(image)
    held = [weakref.ref(image) for image in images]
    watching.leave_out(images[2])
    assert watching.seen(images[3])[0][0] == 3  # the thread is past them all
    watching.leave_out(images[0])  # nothing is held of it
    del images, image
    assert [one() for one in held[:3]] == [None] * 3


def test_a_picture_that_nobody_began_is_looked_at_at_once(watching, seen_by):
    assert watching.seen(_image(7))[0][0] == 7
    assert seen_by == [False]  # by the thread that looks: never two at once
