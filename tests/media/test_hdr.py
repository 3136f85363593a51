import numpy as np
import pytest

from liveswapping.media.hdr import CURVES, tone_mapped


def mapped(curve, red, green, blue):
    planes = [np.full((2, 3), value, np.uint16) for value in (red, green, blue)]
    out = np.empty((2, 3, 3), np.uint8)
    tone_mapped(*planes, curve, out)
    return out[0, 0]


def pq(nits):
    power = (nits / 10000) ** 0.1593017578125
    return round(1023 * ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


@pytest.mark.parametrize("curve", CURVES)
def test_grey_stays_grey_and_brighter_stays_brighter(curve):
    greys = [mapped(curve, value, value, value) for value in range(0, 1024, 33)]
    assert all(np.ptp(grey.astype(int)) <= 1 for grey in greys)
    levels = [int(grey[1]) for grey in greys]
    assert levels == sorted(levels)
    assert levels[0] == 0
    assert levels[-1] >= 250


def test_below_the_knee_light_is_what_a_display_of_203_candelas_shows():
    for nits in (2.0, 20.0, 80.0):
        level = int(mapped(16, pq(nits), pq(nits), pq(nits))[1])
        assert 203 * (level / 255) ** 2.4 == pytest.approx(nits, rel=0.05)


def test_a_colour_of_bt709_comes_back_as_it_was():
    light = np.array([0.4, 0.1, 0.05])  # linear RGB, BT.709
    to_2020 = np.linalg.inv([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    codes = [pq(203 * value) for value in to_2020 @ light]
    blue, green, red = mapped(16, *codes) / 255.0
    assert np.array([red, green, blue]) ** 2.4 == pytest.approx(light, abs=0.02)
