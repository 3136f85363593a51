import sys
from types import SimpleNamespace

import numpy as np
import pytest

from liveswapping.inference.process_memory import resident_bytes
from liveswapping.pipeline import memory
from liveswapping.pipeline.memory import GROWTH, MemoryGuard


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux says")
def test_what_is_read_follows_what_is_held():
    before = resident_bytes()
    block = np.ones(100_000_000, np.uint8)
    assert resident_bytes() - before > 80e6
    del block


def _guard(monkeypatch, readings):
    values = iter(readings)
    latest = [0.0]

    def read():
        latest[0] = next(values, latest[0])
        return latest[0] * 1e6

    monkeypatch.setattr(memory, "resident_bytes", read)
    return MemoryGuard(0.0)


def test_memory_that_grows_look_after_look_is_called_a_leak_once(monkeypatch):
    guard = _guard(monkeypatch, (100 * n for n in range(1000)))
    leaks = [guard.look(10.0 * n, 10.0, idle=False) for n in range(1, GROWTH + 4)]
    assert leaks == [False] * GROWTH + [True] + [False] * 2
    assert guard.host.high_mb > 400


def test_memory_that_rises_and_falls_is_none(monkeypatch):
    guard = _guard(monkeypatch, [500.0, 900.0] * 100)
    assert not any(guard.look(10.0 * n, 10.0, idle=True) for n in range(1, 40))


def test_nothing_is_done_where_that_is_not_wanted(monkeypatch):
    guard = _guard(monkeypatch, (100 * n for n in range(1000)))
    assert not any(guard.look(10.0 * n, 0.0, idle=True) for n in range(1, 40))


def test_what_building_the_parts_left_behind_is_given_back_soon_after_the_start(monkeypatch):
    cleared = []
    monkeypatch.setattr(memory, "release_caches", lambda: cleared.append(now))
    guard = MemoryGuard(0.0)
    for now in range(700):
        guard.look(float(now), 300.0, idle=False)
    assert cleared == [10, 310, 610]


def test_what_torch_holds_of_cards_counts_too(monkeypatch):
    cuda = SimpleNamespace(
        is_available=lambda: True, is_initialized=lambda: True, device_count=lambda: 2, empty_cache=lambda: None,
        memory_reserved=lambda device: 100e6 * (1 + device) * looks[0],
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    looks, guard = [1], _guard(monkeypatch, [100.0])
    leaks = []
    for looks[0] in range(1, GROWTH + 2):
        leaks.append(guard.look(10.0 * looks[0], 10.0, idle=False))
    assert leaks == [False] * GROWTH + [True]
    assert guard.host.high_mb == 100
    assert guard.card.high_mb == 300 * (GROWTH + 1)
