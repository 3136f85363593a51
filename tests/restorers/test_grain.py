import numpy as np
import pytest

from liveswapping.restorers.grain import Grain

GREY = np.full((120, 160, 3), 128, np.uint8)


class Doubling:
    closed = False

    def improve(self, image, faces):
        return np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)

    def close(self):
        self.closed = True


@pytest.mark.parametrize("std", [0.5, 2.0, 10.0])
def test_the_noise_has_the_deviation_that_was_asked_for_and_no_cast(std):
    grainy = Grain(None, std, 0).improve(GREY, ()).astype(float) - 128
    assert grainy.std() == pytest.approx((std**2 + 1 / 12) ** 0.5, rel=0.05)
    assert abs(grainy.mean()) < 0.1


def test_one_picture_always_gets_the_same_noise_and_another_gets_other():
    grain = Grain(None, 3.0, 0)
    once = grain.improve(GREY, ())
    other = grain.improve(GREY - 1, ())
    assert (grain.improve(GREY, ()) == once).all()
    assert (other.astype(int) + 1 != once).mean() > 0.5
    assert (GREY == 128).all()


@pytest.mark.parametrize(("size", "reach"), [(0, 0), (1, 0), (2, 1), (3, 1), (6, 3)])
def test_the_blur_reaches_half_its_kernel(size, reach):
    dot = np.zeros((31, 31, 3), np.uint8)
    dot[15, 15] = 255
    rows = np.flatnonzero(Grain(None, 0.0, size).improve(dot, ()).any(axis=(1, 2)))
    assert (rows.min(), rows.max()) == (15 - reach, 15 + reach)


def test_it_comes_after_what_restores_and_closes_it():
    before = Doubling()
    grain = Grain(before, 0.0, 3)
    assert grain.improve(GREY, ()).shape == (240, 320, 3)
    grain.close()
    assert before.closed
    Grain(None, 1.0, 0).close()
