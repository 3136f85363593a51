import numpy as np
import pytest

from liveswapping.imaging.colour_match import match_light

ALL = np.ones((128, 128), np.float32)


@pytest.fixture
def picture(astronaut):
    return np.ascontiguousarray(astronaut[40:168, 160:288])


def saturation(image):
    return np.ptp(image.astype(float), axis=2).mean()


def test_without_amount_nothing_changes(picture):
    assert match_light(picture, 255 - picture, ALL, 0.0) is picture


def test_in_its_own_light_it_stays_itself(picture):
    assert np.abs(match_light(picture, picture, ALL, 1.0).astype(int) - picture).max() <= 1


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_brightness_and_tint_follow_the_reference(picture, amount):
    tinted = np.clip(picture * (0.6, 0.7, 0.8), 0, 255).astype(np.uint8)
    matched = match_light(picture, tinted, ALL, amount)
    for channel in range(3):
        ours, theirs, result = (image[..., channel].mean() for image in (picture, tinted, matched))
        assert result == pytest.approx(ours + amount * (theirs - ours), abs=6)


def test_light_from_one_side_arrives_on_that_side(picture):
    ramp = np.linspace(0.4, 1.0, 128)[None, :, None]
    matched = match_light(picture, (picture * ramp).astype(np.uint8), ALL, 1.0).astype(float)
    change = matched.mean(axis=(0, 2)) - picture.mean(axis=(0, 2))
    assert change[:32].mean() < change[-32:].mean() - 20


def test_detail_is_its_own(picture):
    flat = np.full_like(picture, 128)
    matched = match_light(picture, flat, ALL, 1.0).astype(float)

    def detail(image):
        return np.abs(np.diff(image.astype(float).mean(axis=2), axis=1)).mean()

    assert detail(matched) > 0.8 * detail(picture)


def test_a_black_and_white_reference_leaves_no_colour(picture):
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert saturation(match_light(picture, grey, ALL, 1.0)) < 0.06 * saturation(picture)


def test_what_lies_outside_the_weight_is_not_looked_at(picture):
    weight = ALL.copy()
    weight[:, 64:] = 0.0
    reference = picture.copy()
    reference[:, 72:] = (255, 0, 0)
    matched = match_light(picture, reference, weight, 1.0).astype(int)
    assert np.abs(matched[:, :48] - picture[:, :48]).mean() < 3
