"""The work of a batch on Ray. Starting a cluster takes half a minute, so it is done where somebody asks for it.

`python scripts/cluster.py` does the same with pictures.
"""

import os
import socket
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from liveswapping.domain.errors import SettingsError
from liveswapping.jobs.cluster import Cluster
from liveswapping.jobs.items import find_items
from liveswapping.jobs.results import Result, Status


class Fragile:
    """A worker that dies of "once.jpg" the first time; `folder` remembers."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def do(self, item):
        seen = self.folder / item.source.stem
        first = not seen.exists()
        seen.touch()
        if first and item.source.stem == "once":
            os._exit(9)
        return Result(item.index, str(item.source), "", "picture", Status.DONE)

    def close(self):
        """Nothing."""


@pytest.mark.skipif(
    "LIVESWAPPING_TEST_RAY" not in os.environ, reason="Ray takes half a minute to start; set LIVESWAPPING_TEST_RAY"
)
def test_a_killed_worker_of_a_cluster_loses_nothing(tmp_path):
    pytest.importorskip("ray")
    (tmp_path / "seen").mkdir()
    for name in ("a", "once", "b"):
        (tmp_path / f"{name}.jpg").touch()
    items, _ = find_items([str(tmp_path)], tmp_path / "out", recursive=False)
    results = []
    Cluster(partial(Fragile, str(tmp_path / "seen")), 2).work(items, results.append, lambda: False)
    assert sorted(Path(result.source).stem for result in results) == ["a", "b", "once"]
    assert {result.status for result in results} == {Status.DONE}


def test_where_no_cluster_answers_one_line_says_so_at_once(monkeypatch):
    ray = SimpleNamespace(is_initialized=lambda: False, init=lambda **_: pytest.fail("Ray would try for minutes"))
    monkeypatch.setitem(sys.modules, "ray", ray)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for scheme in ("", "ray://"):
            with pytest.raises(SettingsError, match=r"no cluster answers .*; start one with `ray start`"):
                Cluster(lambda: None, 2, f"{scheme}127.0.0.1:{nobody.getsockname()[1]}")


def test_without_ray_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError, match=r"install liveswapping\[cluster\]"):
        Cluster(lambda: None, 2)
