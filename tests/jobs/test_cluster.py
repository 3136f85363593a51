"""The work of a batch on Ray. Starting a cluster takes half a minute, so it is done where somebody asks for it.

`python scripts/cluster.py` does the same with pictures.
"""

import os
from functools import partial
from pathlib import Path

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


def test_without_ray_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(SettingsError, match=r"install liveswapping\[cluster\]"):
        Cluster(lambda: None, 2)
