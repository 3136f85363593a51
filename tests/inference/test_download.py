"""Downloads against a real server on the loopback interface that drops, resumes, restarts and lies."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from liveswapping.domain.errors import ModelDownloadError
from liveswapping.inference.download import fetch_url

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Behaviour:
    """How the server answers, and what it was asked."""

    content: bytes = CONTENT
    resumes: bool = True
    drop_after: list[int] = field(default_factory=list)
    """Bytes after which the next answers break off, one entry per answer."""
    statuses: list[int] = field(default_factory=list)
    """Status codes of the next answers, before any content."""
    ranges: list[str | None] = field(default_factory=list)


class Server:
    """A web server with one file."""

    def __init__(self, behaviour: Behaviour) -> None:
        handler = type("Handler", (_Handler,), {"behaviour": behaviour})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/weights.bin"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.behaviour.ranges.append(asked)
        self.close_connection = True
        if self.behaviour.statuses:
            self._answer(self.behaviour.statuses.pop(0), b"")
            return
        content, start = self.behaviour.content, 0
        if asked and self.behaviour.resumes:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            self._answer(416, b"")
            return
        body = content[start:]
        sent = body[: self.behaviour.drop_after.pop(0)] if self.behaviour.drop_after else body
        extra = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        self._answer(206 if start else 200, sent, length=len(body), **extra)

    def _answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def url(behaviour: Behaviour) -> Iterator[str]:
    with Server(behaviour) as server:
        yield server.url


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "weights.bin"


def fetch(url: str, target: Path, sha256: str = SHA256) -> list[tuple[str, int, int | None]]:
    reports: list[tuple[str, int, int | None]] = []
    fetch_url(url, target, sha256, lambda *report: reports.append(report), pause_s=0.001)
    return reports


def files(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir()) if target.parent.exists() else []


def test_a_file_arrives_whole_with_progress_up_to_its_size(url: str, target: Path) -> None:
    reports = fetch(url, target)
    assert target.read_bytes() == CONTENT
    assert reports[-1] == ("weights.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in reports] == sorted(done for _, done, _ in reports)
    assert files(target) == ["weights.bin"]


def test_a_dropped_connection_goes_on_where_it_stopped(behaviour: Behaviour, url: str, target: Path) -> None:
    behaviour.drop_after = [300_000, 200_000]
    fetch(url, target)
    assert target.read_bytes() == CONTENT
    assert behaviour.ranges == [None, "bytes=300000-", "bytes=500000-"]


def test_a_later_run_goes_on_with_the_bytes_of_an_earlier_one(behaviour: Behaviour, url: str, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / "weights.bin.part").write_bytes(CONTENT[:1000])
    fetch(url, target)
    assert target.read_bytes() == CONTENT
    assert behaviour.ranges == ["bytes=1000-"]


def test_a_server_that_cannot_resume_makes_it_start_over(behaviour: Behaviour, url: str, target: Path) -> None:
    behaviour.resumes = False
    behaviour.drop_after = [300_000]
    fetch(url, target)
    assert target.read_bytes() == CONTENT
    assert behaviour.ranges == [None, "bytes=300000-"]


def test_a_complete_part_needs_no_more_bytes(behaviour: Behaviour, url: str, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / "weights.bin.part").write_bytes(CONTENT)
    fetch(url, target)
    assert target.read_bytes() == CONTENT
    assert behaviour.ranges == [f"bytes={len(CONTENT)}-"]


def test_a_part_longer_than_the_file_is_thrown_away(url: str, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / "weights.bin.part").write_bytes(CONTENT + b"more")
    fetch(url, target)
    assert target.read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(behaviour: Behaviour, url: str, target: Path) -> None:
    behaviour.statuses = [503, 429]
    fetch(url, target)
    assert target.read_bytes() == CONTENT


def test_a_file_with_the_wrong_hash_is_thrown_away(behaviour: Behaviour, url: str, target: Path) -> None:
    behaviour.content = b"something else"
    with pytest.raises(ModelDownloadError, match="not the published file"):
        fetch(url, target)
    assert files(target) == []


def test_a_file_that_is_not_there_ends_at_once(behaviour: Behaviour, url: str, target: Path) -> None:
    behaviour.statuses = [404]
    with pytest.raises(ModelDownloadError, match="answered 404"):
        fetch(url, target)
    assert len(behaviour.ranges) == 1
    assert files(target) == []


def test_no_network_is_one_line_and_leaves_nothing(behaviour: Behaviour, target: Path) -> None:
    with Server(behaviour) as server:
        url = server.url
    with pytest.raises(ModelDownloadError, match="check the network connection") as caught:
        fetch(url, target)
    assert "\n" not in str(caught.value)
    assert files(target) == []


def test_a_connection_that_keeps_breaking_keeps_its_bytes(behaviour: Behaviour, url: str, target: Path) -> None:
    behaviour.drop_after = [1000, 0, 0, 0, 0, 0, 0]
    with pytest.raises(ModelDownloadError, match="goes on where it stopped"):
        fetch(url, target)
    assert files(target) == ["weights.bin.part"]


def test_a_full_disk_is_one_line_and_gets_its_bytes_back(
    url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail_writes(monkeypatch, errno.ENOSPC, after=2)
    with pytest.raises(ModelDownloadError, match=r"no space left for weights\.bin"):
        fetch(url, target)
    assert files(target) == []


def test_a_folder_that_cannot_be_written_is_one_line(url: str, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelDownloadError, match="LIVESWAPPING_MODELS_DIR"):
        fetch(url, tmp_path / "models" / "weights.bin")


def _fail_writes(monkeypatch: pytest.MonkeyPatch, number: int, after: int) -> None:
    """Let the file system refuse the write after the first `after` ones."""
    opened: Callable[..., Any] = Path.open

    def open_failing(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        file = opened(path, mode, *args, **options)
        if "b" not in mode or "r" in mode:
            return file
        return _Failing(file, number, after)

    monkeypatch.setattr(Path, "open", open_failing)


class _Failing:
    def __init__(self, file: Any, number: int, left: int) -> None:
        self._file, self._number, self._left = file, number, left

    def write(self, data: bytes) -> int:
        self._left -= 1
        if self._left < 0:
            raise OSError(self._number, "No space left on device")
        return int(self._file.write(data))

    def __enter__(self) -> _Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
