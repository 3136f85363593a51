import pytest

from liveswapping.inference.sizes import Sizes


def test_a_step_saves_what_both_sizes_took_and_one_never_used_goes_by_its_area():
    sizes = Sizes((512, 256, 128))
    assert (sizes.now, sizes.smaller, sizes.cost(1)) == (512, (256, 128), 0)
    sizes.took(512, 0.16)
    assert (sizes.cost(1), sizes.cost(2)) == (pytest.approx(0.12), pytest.approx(0.03))
    sizes.save(1)
    sizes.took(256, 0.1)
    assert (sizes.now, sizes.cost(1), sizes.cost(2)) == (256, pytest.approx(0.06), pytest.approx(0.075))
