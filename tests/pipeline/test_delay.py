import time

import numpy as np

from liveswapping.domain.frame import Frame
from liveswapping.pipeline.delay import DelayLine


def _frame(index, captured_at, shape=(2, 2, 3)):
    return Frame(np.zeros(shape, np.uint8), index, captured_at)


def test_frames_come_out_in_order_when_their_time_has_come():
    line = DelayLine()
    for index in range(5):
        assert line.push(_frame(index, index * 0.1), delay=0.25)
    assert [frame.index for frame in line.due(now=0.36, delay=0.25)] == [0, 1]
    assert len(line) == 3


def test_a_shorter_delay_lets_go_of_what_is_due_by_then():
    line = DelayLine()
    for index in range(5):
        line.push(_frame(index, index * 0.1), delay=1.0)
    assert [frame.index for frame in line.due(now=0.4, delay=0.0)] == [0, 1, 2, 3, 4]


def test_a_long_delay_of_large_frames_keeps_fewer_a_second_and_stays_within_its_memory():
    line = DelayLine(limit_bytes=10 * 12)
    kept = [line.push(_frame(index, index / 30), delay=5.0) for index in range(150)]
    assert len(line) <= 10
    assert sum(kept) == len(line) >= 8
    gaps = np.diff([frame.captured_at for frame in line.due(now=100, delay=5.0)])
    assert gaps.max() < 1.2 * gaps.min()


def test_without_a_delay_nothing_is_left_out():
    line = DelayLine(limit_bytes=1)
    for index in range(3):
        assert line.push(_frame(index, 1.0), delay=0.0)
        assert [frame.index for frame in line.due(now=1.0, delay=0.0)] == [index]


def _picture(index):
    ramp = np.linspace(0, 200, 640, dtype=np.uint8)
    return Frame(np.dstack([np.tile(ramp + index % 50, (360, 1))] * 3), index, index / 30)


def test_what_does_not_fit_is_compressed_and_comes_out_all_but_equal_and_complete():
    line = DelayLine(limit_bytes=12 * 640 * 360 * 3)
    for index in range(60):
        while not line.push(_picture(index), delay=2.0):
            time.sleep(0.001)
        assert line.size <= 12 * 640 * 360 * 3
    frames = list(line.due(now=100.0, delay=2.0))
    line.close()
    assert [frame.index for frame in frames] == list(range(60))
    worst = max(np.abs(frame.image.astype(int) - _picture(frame.index).image).max() for frame in frames)
    assert 0 < worst < 8
