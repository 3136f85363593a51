"""Parts that give way to others."""

import threading
import weakref

from liveswapping.pipeline import rebuild
from liveswapping.pipeline.rebuild import Rebuilder


class Parts:
    def __init__(self, go, seen):
        self.go, self.seen = go, seen

    def close(self):
        self.go.wait(60)
        self.seen.append("closed")


def test_what_a_retired_pipeline_held_is_given_back_when_it_is_closed_and_nothing_refers_to_it(monkeypatch):
    go, seen = threading.Event(), []
    parts = [Parts(go, seen)]
    held = weakref.ref(parts[0])
    monkeypatch.setattr(rebuild, "release", lambda: seen.append(held()))
    rebuilder = Rebuilder(lambda _: None)
    rebuilder.retire(parts.pop())
    go.set()
    rebuilder.close()
    assert seen == ["closed", None]
