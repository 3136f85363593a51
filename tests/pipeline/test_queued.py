import threading
import weakref

import numpy as np
import pytest

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.pipeline.queued import QueuedSink


class Recorder:
    def __init__(self, gate=None, fail_at=None):
        self.indices, self.closed, self._gate, self._fail_at = [], 0, gate, fail_at

    def write(self, frame):
        if self._gate is not None:
            self._gate.wait(5)
        if frame.index == self._fail_at:
            raise SinkError("the disk is full")
        self.indices.append(frame.index)

    def close(self):
        self.closed += 1


def _frames(count):
    return [Frame(np.zeros((1, 1, 3), np.uint8), index, 0.0) for index in range(count)]


def _write_all(sink, frames):
    for frame in frames:
        sink.write(frame)


def test_every_frame_of_a_file_arrives_in_order():
    inner = Recorder()
    sink = QueuedSink(inner, live=False, size=2)
    for frame in _frames(50):
        sink.write(frame)
    sink.close()
    assert inner.indices == list(range(50))
    assert inner.closed == 1
    assert sink.dropped == 0


def test_a_slow_sink_never_makes_a_live_run_wait():
    gate = threading.Event()
    inner = Recorder(gate)
    sink = QueuedSink(inner, live=True, size=2)
    for frame in _frames(50):
        sink.write(frame)
    gate.set()
    sink.close()
    assert sink.dropped >= 46
    assert inner.indices == sorted(inner.indices)


def test_what_the_sink_raises_holds_nothing_of_the_run_that_wrote_to_it():
    def a_run(sink):
        held = Recorder()  # stands for the run and its networks
        try:
            while True:
                sink.write(_frames(1)[0])
        except SinkError as error:
            return error.with_traceback(None), weakref.ref(held)

    failure, held = a_run(QueuedSink(Recorder(fail_at=0), live=False))
    assert str(failure) == "the disk is full"
    assert held() is None


def test_what_the_sink_raises_reaches_the_run_and_the_sink_is_closed():
    inner = Recorder(fail_at=3)
    sink = QueuedSink(inner, live=False, size=1)
    with pytest.raises(SinkError, match="the disk is full"):
        _write_all(sink, _frames(50))
    sink.close()
    assert inner.closed == 1


def test_a_failure_of_the_last_frame_is_raised_at_the_end():
    inner = Recorder(fail_at=0)
    sink = QueuedSink(inner, live=False)
    sink.write(_frames(1)[0])
    with pytest.raises(SinkError, match="the disk is full"):
        sink.close()
    assert inner.closed == 1


def test_closing_does_not_wait_for_ever_where_that_is_not_wanted():
    gate = threading.Event()
    inner = Recorder(gate)
    sink = QueuedSink(inner, live=True, size=2, close_within=0.05)
    sink.write(_frames(1)[0])
    sink.close()
    assert inner.closed == 0  # it hangs, and is closed when it comes back
    gate.set()
    for _ in range(500):
        if inner.closed:
            break
        threading.Event().wait(0.01)
    assert (inner.indices, inner.closed) == ([0], 1)


def test_the_first_failure_is_what_is_told():
    class Clumsy(Recorder):
        def close(self):
            super().close()
            raise SinkError("and it cannot be closed")

    sink = QueuedSink(Clumsy(fail_at=0), live=False)
    sink.write(_frames(1)[0])
    with pytest.raises(SinkError, match="the disk is full"):
        sink.close()
