import numpy as np
import pytest

from liveswapping.provenance.label import Label, draw, size_of
from liveswapping.provenance.placement import RETURNS

SIZES = [(360, 640), (480, 640), (720, 1280), (1080, 1920), (1280, 720), (256, 256)]


def _box(left, top, right, bottom):
    return np.float32([left, top, right, bottom])


def _touched(shape, spot, ground):
    image = np.full((*shape, 3), ground, np.uint8)
    draw(image, spot)
    return (image != ground).any(axis=2)


def _covers(spot, box):
    wide, high = size_of(spot.letters)
    across = min(box[2], spot.left + wide) - max(box[0], spot.left)
    down = min(box[3], spot.top + high) - max(box[1], spot.top)
    return across > 0 and down > 0


@pytest.mark.parametrize("shape", SIZES)
def test_the_label_is_small_follows_the_pictures_size_and_lies_within_it(shape):
    spot = Label().place(shape, [])
    touched = _touched(shape, spot, 128)
    assert 0.001 < touched.mean() < (0.02 if min(shape) > 256 else 0.03)
    assert not touched[0].any()
    assert not touched[:, -1].any()
    assert size_of(spot.letters)[1] == pytest.approx(0.045 * min(shape), rel=0.25) or min(shape) <= 480


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_the_letters_stand_out_from_any_ground(ground):
    shape = (360, 640)
    spot = Label().place(shape, [])
    image = np.full((*shape, 3), ground, np.uint8)
    draw(image, spot)
    wide, high = size_of(spot.letters)
    label = image[spot.top : spot.top + high, spot.left : spot.left + wide]
    assert int(label.max()) - int(label.min()) > 140


def test_what_is_not_under_the_label_keeps_its_bits():
    image = np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)
    before = image.copy()
    spot = Label().place(image.shape, [])
    draw(image, spot)
    wide, high = size_of(spot.letters)
    changed = (image != before).any(axis=2)
    changed[spot.top : spot.top + high, spot.left : spot.left + wide] = False
    assert not changed.any()


@pytest.mark.parametrize("shape", SIZES)
def test_the_label_never_covers_a_face_wherever_faces_are(shape):
    random = np.random.default_rng(1)
    height, width = shape
    label, without = Label(), 0
    for _ in range(300):
        centres = random.uniform(0, 1, (int(random.integers(1, 6)), 2)) * (width, height)
        sides = random.uniform(0.05, 0.7, len(centres)) * height
        boxes = [_box(*(middle - side / 2), *(middle + side / 2)) for middle, side in zip(centres, sides, strict=True)]
        spot = label.place(shape, boxes)
        without += spot is None
        assert spot is None or not any(_covers(spot, box) for box in boxes)
    assert without < 6


def test_where_a_face_fills_the_picture_there_is_no_label():
    assert Label().place((480, 640), [_box(-10, -10, 700, 500)]) is None


def test_the_label_makes_itself_small_where_room_is():
    shape = (480, 640)
    spot = Label().place(shape, [_box(0, 0, 640, 455)])
    assert spot is not None
    assert spot.letters < Label().place(shape, []).letters


def test_the_label_stays_until_a_face_comes_and_does_not_flicker():
    label, shape = Label(), (720, 1280)
    first = label.place(shape, [_box(500, 200, 700, 450)])
    assert all(label.place(shape, [_box(500 + x, 200, 700 + x, 450)]) == first for x in range(300))
    beside = [_box(first.left - 100, first.top - 100, first.left + 20, first.top + 20)]
    second = label.place(shape, beside)
    assert second != first
    jumps = [label.place(shape, beside if number % 2 else []) for number in range(50)]
    assert set(jumps) == {second}


def test_from_a_makeshift_place_the_label_comes_back_to_a_corner_after_a_while():
    label, shape = Label(), (480, 640)
    corners = [_box(0, 0, 200, 480), _box(440, 0, 640, 480)]
    makeshift = label.place(shape, corners)
    places = [label.place(shape, []) for _ in range(RETURNS)]
    assert set(places[:-1]) == {makeshift}
    assert places[-1] == Label().place(shape, [])


def test_another_size_of_picture_is_another_place():
    label = Label()
    assert label.place((360, 640), []) != label.place((720, 1280), [])


def test_the_label_goes_on_where_another_process_left_off():
    shape, corners = (480, 640), [_box(0, 0, 200, 480), _box(440, 0, 640, 480)]
    whole, first, second = Label(), Label(), Label()
    course = [corners] + [[]] * (2 * RETURNS)
    expected = [whole.place(shape, boxes) for boxes in course]
    begun = [first.place(shape, boxes) for boxes in course[:9]]
    second.restore(first.state())
    assert begun + [second.place(shape, boxes) for boxes in course[9:]] == expected


def test_a_thumbnail_too_small_for_letters_has_none():
    assert Label().place((24, 24), []) is None
