import pytest
import torch

from liveswapping.inference.cuda.agreement import NoFastWay, fault, first_right, psnr

RIGHT = torch.linspace(0.0, 1.0, 64)


def way(answer):
    return lambda: answer


def broken():
    raise OSError("no compiler was found\nsecond line")


def test_psnr_counts_the_span_against_the_mean_squared_difference():
    assert psnr(RIGHT + 0.01, RIGHT, 1.0) == pytest.approx(40.0, abs=0.01)
    assert psnr(RIGHT + 0.01, RIGHT, 2.0) == pytest.approx(46.02, abs=0.01)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (RIGHT * torch.nan, "NaN"),
        (RIGHT + torch.inf, "NaN or infinity"),
        (torch.zeros(64), "one colour"),
        (RIGHT + 0.01, "40 dB"),
        (RIGHT + 0.001, None),
    ],
)
def test_an_answer_stands_for_another_only_where_it_is_near(answer, reason):
    found = fault(answer, RIGHT, 1.0)
    assert found is None if reason is None else reason in found


def test_the_first_way_that_is_right_is_taken():
    ways = [("compiled", broken), ("black", way(torch.zeros(64))), ("plain", way(RIGHT)), ("later", way(RIGHT))]
    assert first_right(ways, lambda layers: layers, RIGHT, 1.0)[0] == "plain"


def test_where_no_way_is_right_each_says_why_in_one_line():
    ways = [("compiled", broken), ("black", way(torch.zeros(64)))]
    with pytest.raises(NoFastWay) as raised:
        first_right(ways, lambda layers: layers, RIGHT, 1.0)
    assert str(raised.value) == "compiled: no compiler was found; black: it answered one colour"
