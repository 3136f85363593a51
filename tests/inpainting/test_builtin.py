import cv2
import numpy as np
import pytest

from liveswapping.inpainting.builtin import BuiltinInpainter
from liveswapping.inpainting.membrane import fill_smoothly
from liveswapping.inpainting.shots import Reel, Shot, fill_film
from tests.inpainting.moving import Scene, moving_scene, psnr_inside


@pytest.fixture(scope="module")
def scene(astronaut_picture):
    return moving_scene(cv2.resize(astronaut_picture, (400, 400)), 40, size=(192, 112))


@pytest.fixture
def inpainter():
    engine = BuiltinInpainter()
    yield engine
    engine.close()


@pytest.fixture
def near_sighted():
    engine = BuiltinInpainter(reach=5)
    yield engine
    engine.close()


def _shots(scene):
    return (Shot(image, hole) for image, hole in zip(scene.images, scene.holes, strict=True))


def test_what_some_picture_shows_is_found_again(scene, inpainter):
    assert psnr_inside(fill_film(_shots(scene), inpainter, 0, cuts=True), scene) > 32


def test_pixels_outside_the_hole_keep_their_bits(scene, inpainter):
    for picture, image, hole in zip(fill_film(_shots(scene), inpainter, 0, True), *scene[:2], strict=True):
        assert np.array_equal(picture[~hole], image[~hole])


@pytest.mark.parametrize("first", [1, 7, 12])
def test_a_film_that_is_taken_up_in_the_middle_goes_on_with_the_same_bits(scene, near_sighted, first):
    short = Scene(*(part[:20] for part in scene))
    whole = list(fill_film(_shots(short), near_sighted, 0, cuts=True))
    rest = list(fill_film(_shots(short), near_sighted, first, cuts=True))
    assert len(rest) == 20 - first
    assert all(np.array_equal(one, other) for one, other in zip(whole[first:], rest, strict=True))


def test_nothing_is_carried_across_a_cut(scene, near_sighted, astronaut_picture):
    one = Scene(*(part[:6] for part in scene))
    other = moving_scene(255 - cv2.rotate(astronaut_picture, cv2.ROTATE_180)[:, :300], 6)
    both = Scene(*(a + b for a, b in zip(one, other, strict=True)))
    scenes = []
    together = list(fill_film(_shots(both), near_sighted, 0, cuts=True, on_scene=scenes.append))
    apart = [picture for part in (one, other) for picture in fill_film(_shots(part), near_sighted, 0, cuts=True)]
    assert scenes == [0, 6]
    assert all(np.array_equal(a, b) for a, b in zip(together, apart, strict=True))


def test_a_restless_picture_is_no_cut(inpainter):
    noise = np.random.RandomState(1).randint(0, 255, (60, 80, 3)).astype(np.uint8)
    rolled = [cv2.GaussianBlur(np.roll(noise, 2 * time, axis=1), (0, 0), 1.0) for time in range(4)]
    contrast = [cv2.normalize(one, None, 0, 255, cv2.NORM_MINMAX) for one in rolled]
    scenes = []
    hole = np.zeros((60, 80), bool)
    list(fill_film((Shot(one, hole) for one in contrast), inpainter, 0, True, scenes.append))
    assert scenes == [0]


def test_what_no_picture_shows_is_filled_smoothly_and_does_not_flicker(inpainter):
    ramp = np.tile(np.linspace(40, 200, 120, dtype=np.float32)[None, :, None], (80, 1, 3)).astype(np.uint8)
    hole = np.zeros((80, 120), bool)
    hole[20:60, 40:80] = True
    random = np.random.RandomState(0)
    noisy = [np.clip(ramp + random.standard_normal(ramp.shape) * 3, 0, 255).astype(np.uint8) for _ in range(8)]
    filled = list(fill_film((Shot(one, hole) for one in noisy), inpainter, 0, True))
    inside = np.stack([one[hole].astype(float) for one in filled])
    assert np.abs(inside - ramp[hole]).mean() < 6
    assert np.abs(np.diff(inside[1:], axis=0)).mean() < 1.5


def test_one_picture_alone_is_filled(inpainter):
    image = np.full((40, 50, 3), 90, np.uint8)
    image[15:25, 20:30] = 255
    hole = np.zeros((40, 50), bool)
    hole[14:26, 19:31] = True
    (filled,) = fill_film(iter([Shot(image, hole)]), inpainter, 0, True)
    assert np.abs(filled.astype(int) - 90).max() <= 1


def test_a_picture_that_is_all_hole_does_not_stop_the_rest(scene, near_sighted):
    holes = [np.ones_like(scene.holes[0]) if number == 3 else hole for number, hole in enumerate(scene.holes[:8])]
    filled = list(fill_film(_shots(Scene(scene.images[:8], holes, [])), near_sighted, 0, True))
    known = scene.truth[3][30:60, 10:40].astype(float)
    assert np.abs(filled[3][30:60, 10:40] - known).mean() < 8


def test_a_reel_holds_no_more_than_is_asked_for():
    reel = Reel(Shot(np.full((2, 2, 3), number, np.uint8), np.zeros((2, 2), bool)) for number in range(100))
    for number in range(60):
        reel.forget(number - 4)
        assert reel[number].image[0, 0, 0] == number
        assert reel.held <= 5
    assert reel.count is None
    assert reel.finish() == reel.count == 100
    with pytest.raises(IndexError):
        reel[59]


def test_an_affine_field_is_carried_on_into_a_hole_as_it_is():
    rows, columns = np.mgrid[:60, :80].astype(np.float32)
    field = np.stack([0.1 * columns, 0.05 * rows], axis=-1)
    known = np.ones((60, 80), bool)
    known[20:40, 30:50] = False
    filled = fill_smoothly(np.where(known[..., None], field, 0).astype(np.float32), known)
    assert np.abs(filled - field).max() < 0.25
