import threading
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, SinkError, SourceError
from liveswapping.domain.face import Face, Identity, Patch
from liveswapping.domain.frame import Frame
from liveswapping.domain.look import Look
from liveswapping.domain.settings import Settings
from liveswapping.pipeline import memory
from liveswapping.pipeline.limit import Limited
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.runner import Runner
from liveswapping.pipeline.status import Seen, State

WHO = Identity("somebody", ())
FACE = Face(np.array([4, 4, 12, 12], np.float32), np.zeros((5, 2), np.float32), 1.0, track_id=0)


class File:
    """Every frame of a clip; index n has the value n in all pixels."""

    live = False

    def __init__(self, frames, breaks=None):
        self._frames, self._next, self._breaks, self.closed = frames, 0, breaks, 0

    def read(self, timeout):
        if self._next == self._breaks:
            raise SourceError("the clip is broken")
        if self._next >= self._frames:
            raise EndOfStream
        index = self._next
        self._next += 1
        return _frame(index, Fraction(index, 25))

    def close(self):
        self.closed += 1


class Camera(File):
    """Endless, one frame in 2 ms, every third frame dropped."""

    live = True

    def __init__(self, silent=False):
        super().__init__(10**9)
        self._silent = silent

    def read(self, timeout):
        time.sleep(timeout if self._silent else 0.002)
        if self._silent:
            return None
        self._next += self._next % 3 == 2
        return replace(super().read(timeout), pts=None)


class Finder:
    def __init__(self, nobody_in=(), fails_in=()):
        self._nobody_in, self._fails_in, self.resets, self.closed = nobody_in, fails_in, 0, 0

    def faces(self, image):
        if image[0, 0, 0] in self._fails_in:
            raise RuntimeError("cannot look at this one")
        return [] if image[0, 0, 0] in self._nobody_in else [FACE]

    def reset(self):
        self.resets += 1

    def close(self):
        self.closed += 1


class Painter:
    """Paints 8×8 pixels white."""

    def __init__(self, value=255):
        self._value, self.closed = value, 0

    def swap(self, image, targets):
        picture = np.full((8, 8, 3), self._value, np.uint8)
        matrix = np.array([[1, 0, -4], [0, 1, -4]], np.float32)
        return [Patch(picture, matrix, np.ones((8, 8), np.float32)) for _ in targets]

    def close(self):
        self.closed += 1


class Keeper:
    def __init__(self, fails_at=None):
        self.frames, self.closed, self._fails_at = [], 0, fails_at
        self.something_came = threading.Event()

    def write(self, frame):
        if frame.index == self._fails_at:
            raise SinkError("the disk is full")
        self.frames.append(frame)
        self.something_came.set()

    def close(self):
        self.closed += 1


def _frame(index, pts=None):
    return Frame(np.full((16, 16, 3), index % 200, np.uint8), index, time.perf_counter(), pts)


def _pipeline(finder=None, painter=None):
    return Pipeline(finder or Finder(), painter or Painter(), WHO)


def _start(runner):
    thread = threading.Thread(target=runner.run)
    thread.start()
    return thread


def _until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_every_frame_of_a_file_is_swapped_in_order_with_its_time():
    keeper = Keeper()
    status = Runner(File(20), _pipeline(), [keeper], Settings()).run()
    assert [frame.index for frame in keeper.frames] == list(range(20))
    assert [frame.pts for frame in keeper.frames] == [Fraction(n, 25) for n in range(20)]
    assert all((frame.image[4:12, 4:12] == 255).all() for frame in keeper.frames)
    assert (status.state, status.frames_read, status.frames_delivered, status.frames_swapped) == (
        State.ENDED,
        20,
        20,
        20,
    )
    assert set(status.stages) == {"analyse", "mask", "swap", "paste", "guard"}
    assert status.latency.p50_ms > 0


def test_two_frames_of_a_file_are_begun_ahead():
    pipeline, keeper = _pipeline(), Keeper()
    begin, finish, begun, most = pipeline.begin, pipeline.finish, [0], [0]

    def begin_counted(image):
        begun[0] += 1
        return begin(image)

    def finish_counted(picture, settings, laps):
        most[0] = max(most[0], begun[0])
        begun[0] -= 1
        return finish(picture, settings, laps)

    pipeline.begin, pipeline.finish = begin_counted, finish_counted
    Runner(File(6), pipeline, [keeper], Settings()).run()
    assert most[0] == 3


class Meeting(Painter):
    """Draws frames from the second on only while the faces of the next one are being looked for."""

    def __init__(self):
        super().__init__()
        self.looking = threading.Event()

    def swap(self, image, targets):
        if image[0, 0, 0] > 0:
            assert self.looking.wait(5)
        self.looking.clear()
        return super().swap(image, targets)


def test_while_a_cameras_frame_is_drawn_the_next_one_is_looked_at():
    painter, keeper = Meeting(), Keeper()

    class Signalling(Finder):
        def faces(self, image):
            if image[0, 0, 0] > 1:
                painter.looking.set()
            return super().faces(image)

    runner = Runner(Camera(), _pipeline(Signalling(), painter), [keeper], Settings())
    thread = _start(runner)
    _until(lambda: len(keeper.frames) >= 8)
    runner.stop()
    painter.looking.set()
    thread.join(5)
    assert runner.status.failures == 0
    indices = [frame.index for frame in keeper.frames]
    assert indices == sorted(indices)


def test_no_frame_of_a_camera_is_taken_in_before_the_last_one_is_drawn():
    """A frame that waits only grows old: at most one is ahead of the one in work."""
    looked, drawn = [], []

    class Noting(Finder):
        def faces(self, image):
            looked.append(int(image[0, 0, 0]))
            return super().faces(image)

    class Slow(Painter):
        def swap(self, image, targets):
            time.sleep(0.02)
            drawn.append(len(looked))
            return super().swap(image, targets)

    Runner(Limited(Camera(), frames=8, seconds=None), _pipeline(Noting(), Slow()), [Keeper()], Settings()).run()
    assert all(ahead <= number + 1 for number, ahead in enumerate(drawn, 1))


def test_after_a_pause_of_the_camera_nothing_is_taken_for_the_same_face():
    class Interrupted(Camera):
        def read(self, timeout):
            frame = super().read(timeout)
            return replace(frame, captured_at=frame.captured_at + (2.0 if frame.index >= 4 else 0.0))

    finder, keeper = Finder(), Keeper()
    source = Limited(Interrupted(), frames=6, seconds=None)
    status = Runner(source, _pipeline(finder), [keeper], Settings()).run()
    assert finder.resets == 1
    assert status.frames_swapped == 6


def test_pixels_outside_the_mask_are_bit_identical_and_the_source_frame_is_not_written():
    keeper = Keeper()
    Runner(File(3), _pipeline(), [keeper], Settings()).run()
    untouched = np.ones((16, 16), bool)
    untouched[4:12, 4:12] = False
    assert all((frame.image[untouched] == frame.index).all() for frame in keeper.frames)


def test_a_frame_without_a_face_passes_as_it_came():
    keeper = Keeper()
    status = Runner(File(5), _pipeline(Finder(nobody_in=(2,))), [keeper], Settings()).run()
    assert (keeper.frames[2].image == 2).all()
    assert (status.frames_delivered, status.frames_swapped) == (5, 4)


def test_a_failing_frame_of_a_file_is_counted_and_passed_through():
    keeper = Keeper()
    status = Runner(File(5), _pipeline(Finder(fails_in=(1, 3))), [keeper], Settings()).run()
    assert [frame.index for frame in keeper.frames] == [0, 1, 2, 3, 4]
    assert (keeper.frames[3].image == 3).all()
    assert (status.failures, status.frames_swapped) == (2, 3)
    assert "cannot look at this one" in status.last_failure


def test_a_failing_frame_of_a_camera_is_counted_and_leaves_without_a_face():
    keeper = Keeper()
    runner = Runner(Camera(), _pipeline(Finder(fails_in=(1,))), [keeper], Settings(no_face="black"))
    thread = _start(runner)
    _until(lambda: len(keeper.frames) >= 5)
    runner.stop()
    thread.join(5)
    failed = next(frame for frame in keeper.frames if frame.index == 1)
    assert not failed.image.any()
    assert runner.status.failures >= 1


def test_a_hidden_run_shows_black_also_of_what_was_delayed():
    keeper = Keeper()
    runner = Runner(Camera(), _pipeline(), [keeper], Settings(delay_ms=100))
    thread = _start(runner)
    _until(lambda: len(keeper.frames) >= 3)
    runner.update(replace(runner.settings, hidden=True))
    before = len(keeper.frames)
    _until(lambda: len(keeper.frames) >= before + 5)
    runner.stop()
    thread.join(5)
    assert runner.status.hidden
    assert all(not frame.image.any() for frame in keeper.frames[before + 1 :])


def test_frames_that_a_live_source_dropped_are_counted():
    keeper = Keeper()
    status = Runner(Limited(Camera(), frames=9, seconds=None), _pipeline(), [keeper], Settings()).run()
    indices = [frame.index for frame in keeper.frames]
    assert indices == [0, 1, 3, 4, 6, 7, 9, 10, 12]
    assert status.dropped == 4


def test_everything_is_closed_once_whatever_happens():
    for source, sink, error in (
        (File(3), Keeper(), None),
        (File(3, breaks=1), Keeper(), SourceError),
        (File(3), Keeper(fails_at=1), SinkError),
    ):
        finder, painter = Finder(), Painter()
        runner = Runner(source, _pipeline(finder, painter), [sink], Settings())
        if error is None:
            runner.run()
        else:
            with pytest.raises(error):
                runner.run()
            assert runner.status.state is State.FAILED
        assert (source.closed, sink.closed, finder.closed, painter.closed) == (1, 1, 1, 1)


def test_stop_is_honoured_while_no_frame_arrives():
    source, keeper = Camera(silent=True), Keeper()
    runner = Runner(source, _pipeline(), [keeper], Settings())
    thread = _start(runner)
    time.sleep(0.05)
    began = time.monotonic()
    runner.stop()
    thread.join(5)
    assert time.monotonic() - began < 0.5
    assert runner.status.state is State.STOPPED
    assert source.closed == keeper.closed == 1


def test_a_new_look_applies_from_the_next_frame():
    keeper = Keeper()
    runner = Runner(Camera(), _pipeline(), [keeper], Settings())
    thread = _start(runner)
    keeper.something_came.wait(5)
    runner.update(replace(runner.settings, look=Look(opacity=0.0)))
    _until(lambda: keeper.frames[-1].image[8, 8, 0] != 255)
    runner.stop()
    thread.join(5)
    assert runner.status.failures == 0


def test_the_faces_of_the_newest_picture_are_told():
    keeper = Keeper()
    runner = Runner(Camera(), _pipeline(), [keeper], Settings())
    assert runner.faces == ()
    thread = _start(runner)
    keeper.something_came.wait(5)
    _until(lambda: runner.faces == (Seen((4.0, 4.0, 12.0, 12.0), swapped=True),))
    runner.stop()
    thread.join(5)


def test_other_parts_are_built_beside_the_running_ones_which_are_closed_then():
    gate, first, keeper = threading.Event(), Painter(100), Keeper()

    def build(settings):
        gate.wait(5)
        return _pipeline(painter=Painter(50))

    runner = Runner(Camera(), _pipeline(painter=first), [keeper], Settings(), build)
    thread = _start(runner)
    keeper.something_came.wait(5)
    runner.update(replace(runner.settings, sources=("other.jpg",), look=Look(opacity=0.5)))
    _until(lambda: keeper.frames[-1].image[8, 8, 0] != 100)  # the slider does not wait for the parts
    assert first.closed == 0
    seen = len(keeper.frames)
    _until(lambda: len(keeper.frames) > seen + 3)
    gate.set()
    _until(lambda: first.closed == 1)
    runner.update(replace(runner.settings, look=Look()))
    _until(lambda: keeper.frames[-1].image[8, 8, 0] == 50)
    runner.stop()
    thread.join(5)


def test_where_memory_leaks_all_parts_are_built_anew_beside_the_running_ones_and_no_frame_is_without_a_swap(
    monkeypatch,
):
    held, order, keeper, first = [0.0], [], Keeper(), Painter(100)

    def grow():
        held[0] += 0.0 if order else 100e6
        return held[0]

    def build(settings):
        order.append("built")
        return _pipeline(painter=Painter(50))

    monkeypatch.setattr(memory, "resident_bytes", grow)
    monkeypatch.setattr(memory.gc, "collect", lambda: 0)  # of all that the tests hold it takes its time
    settings = Settings(clear_memory_every=0.001)
    runner = Runner(
        Camera(), _pipeline(painter=first), [keeper], settings, build, renew=lambda: order.append("renewed")
    )
    thread = _start(runner)
    _until(lambda: first.closed == 1)
    _until(lambda: keeper.frames[-1].image[8, 8, 0] == 50)
    runner.stop()
    thread.join(5)
    assert order[:2] == ["renewed", "built"]
    assert {int(frame.image[8, 8, 0]) for frame in keeper.frames} == {100, 50}
    assert runner.status.memory_high_mb > 0
    assert "memory keeps growing" in runner.status.last_failure


def test_parts_that_cannot_be_built_are_reported_and_the_old_ones_go_on():
    attempts, keeper = [], Keeper()

    def build(settings):
        attempts.append(settings)
        raise SourceError("other.jpg is not there")

    runner = Runner(Camera(), _pipeline(), [keeper], Settings(), build)
    thread = _start(runner)
    runner.update(replace(runner.settings, sources=("other.jpg",)))
    _until(lambda: runner.status.last_failure == "other.jpg is not there")
    seen = len(keeper.frames)
    _until(lambda: len(keeper.frames) > seen + 5)
    runner.stop()
    thread.join(5)
    assert len(attempts) == 1


def test_a_paused_run_shows_nothing_new_and_goes_on_afterwards():
    keeper = Keeper()
    runner = Runner(Camera(), _pipeline(), [keeper], Settings())
    thread = _start(runner)
    keeper.something_came.wait(5)
    runner.update(replace(runner.settings, paused=True))
    _until(lambda: runner.status.state is State.PAUSED)
    time.sleep(0.02)
    seen = len(keeper.frames)
    time.sleep(0.05)
    assert len(keeper.frames) == seen
    runner.update(replace(runner.settings, paused=False))
    _until(lambda: len(keeper.frames) > seen)
    runner.stop()
    thread.join(5)


def test_a_paused_file_waits():
    keeper = Keeper()
    runner = Runner(File(5), _pipeline(), [keeper], Settings(paused=True))
    thread = _start(runner)
    time.sleep(0.03)
    assert keeper.frames == []
    runner.update(Settings())
    thread.join(5)
    assert len(keeper.frames) == 5


def test_a_delayed_frame_is_shown_that_much_later():
    shown = []

    class Clock(Keeper):
        def write(self, frame):
            shown.append(time.perf_counter() - frame.captured_at)

    runner = Runner(Limited(Camera(), frames=80, seconds=None), _pipeline(), [Clock()], Settings(delay_ms=60))
    runner.run()
    on_time = shown[: len(shown) // 4]  # the end of the stream lets the rest go at once
    assert min(on_time) >= 0.06
    assert runner.status.latency.p50_ms < 50


def test_a_recorder_that_fails_does_not_end_what_is_seen():
    keeper, broken = Keeper(), Keeper(fails_at=1)
    source = Limited(Camera(), frames=6, seconds=None)
    status = Runner(source, _pipeline(), [broken, keeper], Settings()).run()
    assert len(keeper.frames) == 6
    assert (broken.closed, keeper.closed) == (1, 1)
    assert status.sink_failure == "the disk is full"


class Guest(Keeper):
    """A sink that comes and goes; what its owner was told is in `ended`."""

    def __init__(self, fails_at=None):
        super().__init__(fails_at)
        self.ended = []
        self.over = threading.Event()

    def tell(self, error):
        self.ended.append(error)
        self.over.set()


def test_sinks_come_and_go_while_the_run_goes_on():
    keeper, one, other = Keeper(), Guest(), Guest()
    runner = Runner(Camera(), _pipeline(), [keeper], Settings())
    thread = _start(runner)
    assert keeper.something_came.wait(5)
    runner.add(one, one.tell)
    assert one.something_came.wait(5)
    runner.add(other, other.tell)
    runner.remove(one)
    assert one.over.wait(5)
    taken = len(one.frames)
    other.something_came.clear()
    assert other.something_came.wait(5)
    runner.stop()
    thread.join(5)
    assert len(one.frames) == taken
    assert (one.ended, other.ended) == ([None], [None])
    assert (one.closed, other.closed, keeper.closed) == (1, 1, 1)


def test_an_added_sink_that_fails_is_closed_its_owner_is_told_and_the_run_goes_on():
    keeper, broken = Keeper(), Guest(fails_at=3)
    runner = Runner(Limited(Camera(), frames=12, seconds=None), _pipeline(), [keeper], Settings())
    runner.add(broken, broken.tell)
    status = runner.run()
    assert len(keeper.frames) == 12
    assert [str(error) for error in broken.ended] == ["the disk is full"]
    assert broken.closed == 1
    assert status.sink_failure == ""


def test_a_sink_that_is_added_after_the_end_is_closed_at_once():
    late = Guest()
    runner = Runner(File(2), _pipeline(), [Keeper()], Settings())
    runner.run()
    runner.add(late, late.tell)
    assert (late.ended, late.closed, late.frames) == ([None], 1, [])


def test_a_sink_is_let_out_of_a_paused_run():
    guest, keeper = Guest(), Keeper()
    runner = Runner(Camera(), _pipeline(), [keeper], Settings())
    thread = _start(runner)
    runner.add(guest, guest.tell)
    assert guest.something_came.wait(5)
    runner.update(Settings(paused=True))
    runner.remove(guest)
    assert guest.over.wait(5)
    assert guest.closed == 1
    runner.stop()
    thread.join(5)


def test_a_camera_that_was_away_starts_afresh():
    finder = Finder()

    class Flaky(Camera):
        def read(self, timeout):
            frame = super().read(timeout)
            return replace(frame, captured_at=frame.captured_at + 10 * (frame.index >= 4))

    Runner(Limited(Flaky(), frames=6, seconds=None), _pipeline(finder), [Keeper()], Settings()).run()
    assert finder.resets == 1


def test_a_source_can_be_limited_in_frames_and_in_seconds():
    for limit, expected in (((7, None), 7), ((None, 0.2), 5), ((3, 0.2), 3)):
        keeper = Keeper()
        source = File(20)
        Runner(Limited(source, *limit), _pipeline(), [keeper], Settings()).run()
        assert len(keeper.frames) == expected
        assert source.closed == 1
