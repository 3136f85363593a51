"""What is large is open once, however many hold it."""

import threading
import time

import pytest

from liveswapping.domain.handover import Closed, Shared


class Network:
    def __init__(self):
        self.closed = 0

    @property
    def size(self):
        return 128

    def close(self):
        self.closed += 1


def test_what_is_asked_for_twice_is_made_once_and_closed_by_its_last_holder():
    made, shared = [], Shared()

    def make():
        made.append(Network())
        return made[-1]

    first, second = shared.hold("a", make), shared.hold("a", make)
    assert first.size == second.size == 128
    assert len(made) == 1
    first.close()
    first.close()
    assert made[0].closed == 0
    assert second.size == 128
    second.close()
    assert made[0].closed == 1
    shared.hold("a", make).close()
    assert [network.closed for network in made] == [1, 1]


def test_other_things_are_made_for_themselves():
    shared = Shared()
    one, other = shared.hold("a", Network), shared.hold("b", Network)
    assert one._thing is not other._thing


def test_after_a_renewal_nothing_is_shared_with_what_is_open_already():
    made, shared = [], Shared()

    def make():
        made.append(Network())
        return made[-1]

    old = shared.hold("a", make)
    shared.renew()
    new, newer = shared.hold("a", make), shared.hold("a", make)
    assert len(made) == 2
    old.close()
    assert [network.closed for network in made] == [1, 0]
    new.close()
    newer.close()
    assert [network.closed for network in made] == [1, 1]


def test_what_was_let_go_says_so():
    held = Shared().hold("a", Network)
    held.close()
    with pytest.raises(Closed):
        _ = held.size


def test_what_could_not_be_made_is_made_when_it_is_asked_for_again():
    shared = Shared()

    def fail():
        raise OSError("no memory")

    with pytest.raises(OSError, match="no memory"):
        shared.hold("a", fail)
    assert shared.hold("a", Network).size == 128


def test_two_threads_that_ask_at_once_get_one():
    made, held, shared = [], [], Shared()

    def make():
        made.append(Network())
        time.sleep(0.05)
        return made[-1]

    threads = [threading.Thread(target=lambda: held.append(shared.hold("a", make))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    for network in held:
        network.close()
    assert made[0].closed == 1
