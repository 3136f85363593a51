"""Slow work beside the live loop."""

import os
import sys
import threading
from concurrent.futures import Future

import pytest

from liveswapping.swappers.temporal.lane import SlowLane


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives single threads a priority")
def test_slow_work_goes_behind_the_live_loop_which_keeps_its_place():
    lane, found = SlowLane("slow"), Future()
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    lane.begin(lambda: found.set_result(os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
    assert found.result(60) > before or before >= 15
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
    lane.close()
