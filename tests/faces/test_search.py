from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from liveswapping.faces.search import KEYFRAME, Schedule, Search, photograph_searches, side_searches, tiles, whole


@pytest.mark.parametrize("shape", [(720, 1280), (1280, 720), (500, 500), (100, 3000)])
def test_tiles_cover_the_picture_and_overlap_by_half(shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    squares = tiles(picture, min(shape))
    for axis, length in (("y", shape[0]), ("x", shape[1])):
        centres = sorted({getattr(square, axis) for square in squares})
        side = squares[0].size
        assert centres[0] - side / 2 <= -0.5
        assert centres[-1] + side / 2 >= length - 0.5
        assert all(after - before <= side / 2 + 1e-6 for before, after in pairwise(centres))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (20, 20)])
def test_odd_pictures_are_not_searched_for_ever(shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    assert len(photograph_searches(picture)) < 120
    assert len(side_searches(picture)) < 60


def test_a_large_photograph_is_searched_more_finely_than_a_small_one() -> None:
    small, large = np.zeros((600, 800, 3), np.uint8), np.zeros((2400, 3200, 3), np.uint8)
    assert len(photograph_searches(large)) > len(photograph_searches(small))
    assert min(square.size for square in photograph_searches(large)) <= 600


def test_the_whole_picture_lies_in_its_square() -> None:
    square = whole(np.zeros((720, 1280, 3), np.uint8))
    assert (square.x, square.y, square.size) == (639.5, 359.5, 1280)


def test_a_tracked_stream_is_searched_twice_in_ten_frames() -> None:
    schedule = Schedule()
    searches = [schedule.next(1) for _ in range(10 * KEYFRAME)]
    assert searches.count(Search.PLAIN) == 10
    assert searches.count(Search.SIDE) == 10
    assert searches.count(None) == 8 * KEYFRAME + 0


def test_a_stream_without_a_face_is_searched_less_after_a_while() -> None:
    schedule = Schedule()
    early = [schedule.next(0) for _ in range(60)]
    late = [schedule.next(0) for _ in range(120)][60:]
    assert None not in early
    assert late.count(None) == 40
    assert Search.PLAIN in late
    assert Search.SIDE in late


def test_a_lost_face_is_sought_in_every_frame_at_first() -> None:
    schedule = Schedule()
    for _ in range(3):
        schedule.next(1)
    schedule.lost()
    searches = [schedule.next(1) for _ in range(8)]
    assert None not in searches
    assert {Search.LOST, Search.PLAIN} == set(searches)


def test_after_the_only_face_was_lost_tilted_ones_are_sought_too() -> None:
    schedule = Schedule()
    schedule.lost()
    assert set(Search) == {schedule.next(0) for _ in range(8)}
