"""A real window, with a memory of its own, that is closed after each test."""

from __future__ import annotations

import gc
import http.server
import os
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from gui.interpreter import prepare
from liveswapping.inference.catalog import CATALOG, Url
from liveswapping.inference.store import Store

PATIENCE_MS = 120_000
"""For what computes: machines may be slow and busy."""


@pytest.fixture(scope="session")
def qapp_args():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    prepare()
    return ["liveswapping"]


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The folder in which the window remembers."""
    folder = tmp_path / "config"
    monkeypatch.setenv("LIVESWAPPING_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def portrait(tmp_path, astronaut_picture):
    """A photograph of one person, as a file."""
    path = tmp_path / "eileen.jpg"
    cv2.imwrite(str(path), astronaut_picture)
    return str(path)


@pytest.fixture
def open_window(qapp, qtbot, config):
    """Opens windows, which are closed and let go at the end."""
    from gui.app import make_window

    opened = []

    def open_one(*, consented=True, begin=True):
        if consented and not config.exists():
            config.mkdir()
            (config / "desktop.json").write_text('{"consented": true, "person": "sample"}', encoding="utf-8")
        window = make_window(qapp)
        window.show()
        opened.append(window)
        if begin:
            with qtbot.waitSignal(window.ready, timeout=PATIENCE_MS):
                window.begin()
        return window

    yield open_one
    for window in opened:
        close(window, qtbot)
        window.deleteLater()
    opened.clear()
    gc.collect()


def close(window, qtbot):
    """Close it, and wait until everything has been let go."""
    if window.isVisible():
        with qtbot.waitSignal(window.closed, timeout=PATIENCE_MS):
            window.close()


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    return Path(folder)


@pytest.fixture
def serve_weights(monkeypatch, tmp_path):
    """`serve_weights(handler)` is a store whose reswapper128 comes from a server on this machine, and the window's."""
    with ExitStack() as servers:

        def serve(handler):
            server = servers.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            servers.callback(thread.join)
            servers.callback(server.shutdown)
            address = Url(f"http://127.0.0.1:{server.server_port}/weights.pth")
            model = replace(CATALOG["reswapper128"], source=address, sha256=None, size=None)
            store = Store(tmp_path / "models", {**CATALOG, "reswapper128": model})
            monkeypatch.setattr("liveswapping.build.open_store", lambda _settings: store)
            return store

        yield serve
