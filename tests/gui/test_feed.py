"""The way of a frame to a view."""

import threading

import numpy as np

from gui.live import feed as module
from gui.live.feed import Feed, Geometry, stamped

FRAME = np.full((90, 160, 3), 7, np.uint8)
PATIENCE = 30.0


def test_a_picture_in_work_when_the_view_was_cleared_is_not_shown(qapp, monkeypatch):
    begun, go_on, make = threading.Event(), threading.Event(), module._picture

    def slow(*given):
        begun.set()
        assert go_on.wait(PATIENCE)
        return make(*given)

    monkeypatch.setattr(module, "_picture", slow)
    feed = Feed()
    feed.geometry = Geometry(320, 180)
    feed.open()
    feed.offer(stamped(FRAME, None))
    assert begun.wait(PATIENCE)
    feed.forget()
    go_on.set()
    feed.close(wait=True)
    assert feed.take() is None


def test_the_newest_frame_comes_out_in_the_size_of_the_view(qtbot):
    feed = Feed()
    feed.geometry = Geometry(320, 180)
    feed.open()
    with qtbot.waitSignal(feed.ready, timeout=1000 * PATIENCE):
        feed.offer(stamped(FRAME, None))
    picture = feed.take()
    feed.close(wait=True)
    assert picture.after.shape == (180, 320, 4)
    assert (picture.after[..., :3] == 7).all()
