from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liveswapping.domain.frame import Image
from liveswapping.faces.landmarks import NEW
from liveswapping.faces.lanes import Lanes
from liveswapping.faces.region import TurnedSquare


@pytest.fixture
def lanes(model_path: Callable[[str], Path]) -> Iterator[Lanes]:
    lanes = Lanes(model_path)
    yield lanes
    lanes.close()


def test_answers_come_in_the_order_of_the_jobs(lanes: Lanes) -> None:
    jobs = [lambda _lane, number=number: number**2 for number in range(50)]
    assert lanes.spread(jobs) == [number**2 for number in range(50)]


def test_two_jobs_run_side_by_side(lanes: Lanes) -> None:
    meeting = threading.Barrier(2, timeout=5)
    assert sorted(lanes.spread([lambda lane: meeting.wait() * 0 + lane] * 2)) == [0, 1]


@pytest.mark.parametrize("bad", [0, 1])
def test_a_jobs_error_reaches_the_caller_and_the_lanes_go_on_working(lanes: Lanes, bad: int) -> None:
    def job(number: int) -> Callable[[int], int]:
        def run(_lane: int) -> int:
            if number == bad:
                raise RuntimeError("broken")
            return number

        return run

    with pytest.raises(RuntimeError, match="broken"):
        lanes.spread([job(0), job(1)])
    assert lanes.spread([job(2), job(3)]) == [2, 3]


def test_one_face_looks_the_same_alone_and_among_others(lanes: Lanes, astronaut: Image) -> None:
    here, nowhere = TurnedSquare(226, 126, 150), TurnedSquare(430, 120, 120)
    alone = lanes.sight(astronaut, here, NEW)
    first, none, last = lanes.sights(astronaut, [here, nowhere, here], NEW)
    assert alone is not None
    assert first is not None
    assert last is not None
    assert none is None
    assert (alone.mesh == first.mesh).all()
    assert (alone.mesh == last.mesh).all()


def test_an_errand_is_done_beside_the_looking(lanes: Lanes, astronaut: Image) -> None:
    sights, answer = lanes.sights_beside(astronaut, [TurnedSquare(226, 126, 150)], lambda: "done")
    assert answer == "done"
    assert sights[0] is not None
