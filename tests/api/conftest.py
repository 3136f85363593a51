"""A real server on loopback, on a thread of its own, and a client for it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from liveswapping.api.address import Address, listen, url_of
from liveswapping.api.app import Server
from liveswapping.api.serve import ApiServer
from liveswapping.api.shelf import Limits, Shelf
from liveswapping.domain.settings import Settings

TOKEN = "the-token-of-these-tests"
PATIENCE_S = 240


@dataclass
class Answer:
    status: int
    headers: object
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Client:
    url: str
    folder: Path
    server: Server

    def ask(self, method, path, body=None, *, headers=None, token=TOKEN):
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = body if hasattr(body, "read") else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def until(self, path, holds):
        """What `path` answers when that holds."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            answer = self.ask("GET", path).json
            if holds(answer):
                return answer
            time.sleep(0.05)
        pytest.fail(f"{path} never came there: {answer}")

    def upload(self, name, path):
        return self.ask("PUT", f"/v1/uploads/{name}", path.read_bytes())


@pytest.fixture(autouse=True)
def no_leaked_threads():
    """The server's threads are there until it ends; `client` looks for them then."""


@pytest.fixture(scope="package")
def face(tmp_path_factory, astronaut_picture):
    path = tmp_path_factory.mktemp("faces") / "me.png"
    cv2.imwrite(str(path), astronaut_picture[:320, 60:380])
    return path


@pytest.fixture(scope="package")
def client(tmp_path_factory, face):
    before = set(threading.enumerate())
    folder = tmp_path_factory.mktemp("server")
    allowed = folder / "allowed"
    allowed.mkdir()
    shelf = Shelf(folder / "data", Limits(file=1 << 20, total=2 << 20), [allowed])
    server = Server.on(shelf, Settings())
    address = Address(port=0)
    listening = listen(address)
    api = ApiServer(server, TOKEN, address)
    thread = threading.Thread(target=lambda: asyncio.run(api.serve([listening])), name="api")
    thread.start()
    client = Client(url_of(address, listening), folder, server)
    assert client.upload("me.png", face).status == 201
    yield client
    api.should_exit = True
    thread.join()
    server.close()
    listening.close()
    left = [one.name for one in set(threading.enumerate()) - before if not one.name.startswith("bands")]
    assert left == []
