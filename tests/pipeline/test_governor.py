from itertools import pairwise

import pytest

from liveswapping.domain.frame import Frame
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.governor import Allowance, Governor
from liveswapping.pipeline.pace import Pace

ALLOWANCE = Allowance(0.05, 1 / 30)


class Part:
    """`cost`: of every saving, or one number each."""

    def __init__(self, *savings, cost=0.0):
        self.savings, self.saved = savings, 0
        self._costs = cost if isinstance(cost, tuple) else (cost,) * len(savings)

    def save(self, count):
        self.saved = count

    def cost(self, count):
        return self._costs[count - 1]


def _drive(governor, seconds, latency, work, start=0.0):
    """30 frames a second; the moments at which a rung was changed."""
    moments = [start + n / 30 for n in range(round(seconds * 30))]
    return [now for now in moments if governor.observe(now, latency, work, ALLOWANCE)]


def test_quality_is_given_up_rung_by_rung_in_order_and_no_more_than_once_a_second():
    one, other = Part("first", "second"), Part("third")
    governor = Governor([one, other])
    changed = _drive(governor, 6, latency=0.08, work=0.06)
    assert (one.saved, other.saved, governor.changes) == (2, 1, 3)
    assert governor.words == "third, second"  # each says how things are with those before it
    assert min(b - a for a, b in pairwise(changed)) >= 1.0


def test_a_rate_that_cannot_be_held_counts_like_a_picture_that_is_late():
    part = Part("first")
    _drive(Governor([part]), 3, latency=0.02, work=0.04)
    assert part.saved == 1


def test_a_little_too_late_must_last_longer():
    for latency, changes in ((0.052, [2.0]), (0.056, [0.3])):
        assert _drive(Governor([Part("first")]), 2.1, latency=latency, work=0.02) == [
            pytest.approx(changes[0], abs=0.04)
        ]


def test_far_too_late_is_answered_at_once():
    part = Part("first")
    governor = Governor([part])
    assert _drive(governor, 0.2, latency=0.5, work=0.5) == [1 / 30]


def test_a_slow_beginning_of_a_run_changes_nothing():
    part = Part("first")
    governor = Governor([part])
    governor.observe(0.0, 0.9, 0.9, ALLOWANCE)
    _drive(governor, 2, latency=0.02, work=0.01, start=0.9)
    assert governor.changes == 0


def test_one_slow_frame_changes_nothing():
    part = Part("first")
    governor = Governor([part])
    _drive(governor, 1, latency=0.02, work=0.01)
    governor.observe(1.0, 0.4, 0.4, ALLOWANCE)
    _drive(governor, 2, latency=0.02, work=0.01, start=1.03)
    assert governor.changes == 0


def test_quality_comes_back_when_there_is_room_and_stays_away_longer_each_time_that_was_wrong():
    part = Part("first")
    governor = Governor([part])
    now, waits = 0.0, []
    for _ in range(4):
        _drive(governor, 1.5, latency=0.05, work=0.038, start=now)
        assert part.saved == 1
        since = now + 1.5
        now = since
        while part.saved:
            governor.observe(now, 0.01, 0.01, ALLOWANCE)
            now += 1 / 30
        waits.append(now - since)
    assert waits == sorted(waits)
    assert waits[-1] > 3 * waits[0]


def test_nothing_is_taken_back_that_is_known_to_cost_too_much():
    part = Part("beside", cost=0.5)
    governor = Governor([part])
    _drive(governor, 1.5, latency=0.5, work=0.5)
    _drive(governor, 60, latency=0.01, work=0.01, start=1.5)
    assert part.saved == 1


def test_what_is_known_to_save_nothing_is_not_given_up():
    useless, useful = Part("beside", cost=-0.01), Part("useful")
    governor = Governor([useless, useful])
    _drive(governor, 4, latency=0.5, work=0.5)
    assert (useless.saved, useful.saved) == (0, 1)


def test_of_what_saves_enough_the_first_is_given_up_and_what_saves_next_to_nothing_stays():
    little, first, second = Part("little", cost=0.001), Part("first", cost=0.04), Part("second", cost=0.5)
    governor = Governor([little, first, second])
    _drive(governor, 0.4, latency=0.08, work=0.06)
    assert (little.saved, first.saved, second.saved) == (0, 1, 0)
    _drive(governor, 3, latency=0.2, work=0.2, start=5.0)
    assert (little.saved, first.saved, second.saved) == (0, 1, 1)
    _drive(governor, 6, latency=0.2, work=0.2, start=9.0)
    assert (little.saved, governor.changes) == (0, 2)


def test_where_nothing_saves_enough_the_gentler_of_two_that_save_nearly_the_most_is_given_up():
    restorer, engine = Part("beside", "off", cost=(0.98, 0.02)), Part("beside", cost=0.78)
    governor = Governor([restorer, engine])
    _drive(governor, 0.1, latency=1.9, work=1.9)
    assert (restorer.saved, engine.saved) == (1, 0)
    _drive(governor, 1.2, latency=0.9, work=0.9, start=0.5)
    assert (restorer.saved, engine.saved) == (1, 1)


def test_what_nobody_can_foretell_is_tried_before_the_same_part_gives_up_more():
    restorer = Part("beside", "seldom", "off", cost=(0.03, 0.0, 0.02))
    governor = Governor([restorer])
    steps = []
    for start in range(3):
        _drive(governor, 0.5, latency=0.06, work=0.02, start=2.0 * start)
        steps.append(restorer.saved)
    assert steps == [1, 2, 3]


def test_a_rung_that_is_of_no_use_by_itself_is_passed_over_on_the_way_to_one_that_helps_and_on_the_way_back():
    restorer = Part("beside", "off", cost=(-0.01, 0.03))
    governor = Governor([restorer])
    _drive(governor, 1, latency=0.06, work=0.045)
    assert (restorer.saved, governor.words) == (2, "off")
    _drive(governor, 20, latency=0.02, work=0.01, start=1.0)
    assert restorer.saved == 0


def test_what_fits_is_taken_back_before_what_was_given_up_last_and_does_not():
    first, last = Part("first", cost=0.005), Part("last", cost=0.5)
    governor = Governor([first, last])
    _drive(governor, 0.4, latency=0.056, work=0.036)
    _drive(governor, 1.5, latency=0.5, work=0.5, start=2.0)
    assert (first.saved, last.saved) == (1, 1)
    _drive(governor, 10, latency=0.02, work=0.01, start=4.0)
    assert (first.saved, last.saved) == (0, 1)


def test_what_turns_out_to_cost_time_instead_of_saving_it_is_taken_back():
    part, other = Part("beside", cost=0.04), Part("other", cost=0.5)
    governor = Governor([part, other])
    _drive(governor, 0.4, latency=0.06, work=0.05)
    assert part.saved == 1
    part._costs = (-0.01,)
    _drive(governor, 0.2, latency=0.044, work=0.028, start=2.0)
    assert (part.saved, other.saved) == (0, 0)


def test_what_a_rung_was_seen_to_save_must_fit_before_it_is_taken_back_unless_it_is_long_ago():
    part = Part("unknown")
    governor = Governor([part])
    _drive(governor, 0.35, latency=0.07, work=0.02)
    assert _drive(governor, 20, latency=0.03, work=0.02, start=1.0) == []
    assert part.saved == 1
    _drive(governor, 30, latency=0.03, work=0.02, start=21.0)
    assert part.saved == 0


def test_between_enough_and_too_much_nothing_moves():
    governor = Governor([Part("first")])
    assert _drive(governor, 30, latency=0.044, work=0.028) == []


def test_a_release_takes_everything_back():
    one, other = Part("first"), Part("second")
    governor = Governor([one, other])
    _drive(governor, 4, latency=0.5, work=0.5)
    assert governor.release()
    assert (one.saved, other.saved, governor.words) == (0, 0, "")


def _frames(count, fps):
    return [Frame(None, n, n / fps) for n in range(count)]


def test_a_wanted_rate_leaves_out_what_comes_too_early():
    pace = Pace()
    taken = [pace.comes(frame, Settings(target_fps=20)) for frame in _frames(300, 60)]
    assert abs(sum(taken) - 100) <= 2
    assert all(Pace().comes(frame, Settings()) for frame in _frames(10, 60))


def test_the_next_frame_is_begun_so_that_its_faces_are_found_when_this_one_is_drawn():
    pace = Pace()
    pace.took(0.01, 0.02)
    assert abs(pace.lead - 0.009) < 1e-9
    assert pace.work == 0.02
    pace.took(0.16, 0.02)
    assert (pace.lead, pace.work) == (0.0, 0.16)


def test_the_interval_of_a_camera_is_known_though_frames_are_left_out():
    pace = Pace()
    for frame in [frame for frame in _frames(40, 30) if frame.index % 3]:
        pace.comes(frame, Settings())
    assert abs(pace.interval - 1 / 30) < 1e-9
