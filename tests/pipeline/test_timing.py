import pytest

from liveswapping.pipeline.timing import Laps, Rate, Rolling


def test_quantiles_are_those_of_the_newest_values():
    rolling = Rolling(size=4)
    assert rolling.quantile(0.5) == 0
    for value in (100, 1, 2, 3, 4):
        rolling.add(value)
    assert rolling.quantile(0.5) == 2.5
    assert rolling.quantile(1.0) == 4


def test_an_exact_series_gives_its_exact_rate():
    rate = Rate(size=10)
    for tick in range(25):
        rate.tick(tick * 0.1)
    assert rate.per_second(2.4) == pytest.approx(10)


def test_a_rate_falls_when_nothing_comes_any_more():
    rate = Rate(size=10)
    for tick in range(10):
        rate.tick(tick * 0.1)
    assert rate.per_second(0.95) == pytest.approx(10)
    assert rate.per_second(10.9) < 1


def test_one_event_has_no_rate():
    rate = Rate()
    assert rate.per_second(1.0) == 0
    rate.tick(0.0)
    assert rate.per_second(1.0) == 0


def test_laps_divide_the_time_of_a_frame_among_its_stages():
    laps = Laps()
    laps.start()
    laps.lap("one")
    laps.lap("two")
    assert list(laps.stages) == ["one", "two"]
    assert laps.stages["one"].quantile(0.5) >= 0
