"""Weights from a web server: mirrors, archives, licences, and hashes that nobody publishes."""

from __future__ import annotations

import io
import json
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from liveswapping.domain.errors import ModelDownloadError, ModelError
from liveswapping.inference import download
from liveswapping.inference.catalog import BUFFALO_L, Model, Url, ZipMember
from liveswapping.inference.store import FileState, Store
from tests.inference.test_download import CONTENT, SHA256, Behaviour, Server

NOWHERE = "http://127.0.0.1:9/weights.bin"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _: None)


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def url(behaviour: Behaviour) -> Iterator[str]:
    with Server(behaviour) as server:
        yield server.url


def row(source: Url | ZipMember, sha256: str | None = SHA256, name: str = "net", file: str = "net.pth") -> Model:
    return Model(name, file, source, sha256, None, "no trade", (), (), "for tests")


def store(folder: Path, *rows: Model) -> Store:
    return Store(folder / "models", {model.name: model for model in rows})


def test_a_mirror_is_asked_where_the_address_does_not_answer(url: str, tmp_path: Path) -> None:
    assert store(tmp_path, row(Url(NOWHERE, (url,)))).ensure("net").read_bytes() == CONTENT


def test_where_no_mirror_answers_the_first_address_is_to_blame(tmp_path: Path) -> None:
    with pytest.raises(ModelDownloadError, match=r"weights\.bin"):
        store(tmp_path, row(Url(NOWHERE, (NOWHERE + "2",)))).ensure("net")


def test_a_mirror_with_another_file_is_not_believed(behaviour: Behaviour, url: str, tmp_path: Path) -> None:
    behaviour.content = b"something else"
    with pytest.raises(ModelDownloadError):
        store(tmp_path, row(Url(NOWHERE, (url,)))).ensure("net")
    assert not (tmp_path / "models" / "net.pth").exists()


def test_a_hash_that_nobody_publishes_is_recorded_at_the_first_download_and_holds(url: str, tmp_path: Path) -> None:
    models = store(tmp_path, row(Url(url), sha256=None))
    path = models.ensure("net")
    assert json.loads((tmp_path / "models" / "recorded.json").read_text()) == {"net.pth": SHA256}
    assert models.state("net") is FileState.READY
    path.write_bytes(b"changed")
    assert models.state("net") is FileState.DAMAGED
    with pytest.raises(ModelError, match="not the one that was recorded here"):
        models.path("net")
    assert models.ensure("net").read_bytes() == CONTENT


def test_a_later_download_must_be_what_was_recorded(behaviour: Behaviour, url: str, tmp_path: Path) -> None:
    models = store(tmp_path, row(Url(url), sha256=None))
    models.ensure("net").unlink()
    behaviour.content = b"another"
    with pytest.raises(ModelDownloadError, match="not the published file"):
        models.ensure("net")


def test_a_file_that_the_user_put_there_is_recorded_when_it_is_first_used(tmp_path: Path) -> None:
    models = store(tmp_path, row(Url(NOWHERE), sha256=None))
    models.directory.mkdir()
    models.file("net").write_bytes(b"mine")
    assert models.path("net").read_bytes() == b"mine"
    models.file("net").write_bytes(b"yours")
    assert models.state("net") is FileState.DAMAGED


def test_a_part_without_a_hash_is_whole_only_where_the_server_says_so(url: str, tmp_path: Path) -> None:
    target = tmp_path / "net.pth"
    (tmp_path / "net.pth.part").write_bytes(CONTENT)
    assert download.fetch_url(url, target, None, lambda *_: None) == SHA256
    assert target.read_bytes() == CONTENT


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize("folder", ["", "buffalo_l/"])
def test_a_pack_comes_in_one_download_and_leaves_only_what_is_used(
    behaviour: Behaviour, url: str, tmp_path: Path, folder: str
) -> None:
    behaviour.content = archive({folder + "det.onnx": b"faces", folder + "rec.onnx": b"people", "age.onnx": b"no"})
    rows = [
        replace(row(ZipMember(url, f"{part}.onnx"), None, name, f"pack/{part}.onnx"), non_commercial=True)
        for name, part in zip(BUFFALO_L, ("det", "rec"), strict=True)
    ]
    models, seen = store(tmp_path, *rows), []
    assert models.missing(BUFFALO_L) == ("buffalo_l",)
    fetched = models.pull(["buffalo_l"], consent=lambda model: seen.append(model.name))
    assert [model.name for model in fetched] == list(BUFFALO_L)
    assert seen == [BUFFALO_L[0]]
    assert models.path(BUFFALO_L[1]).read_bytes() == b"people"
    files = [path.relative_to(models.directory).as_posix() for path in models.directory.rglob("*") if path.is_file()]
    assert sorted(files) == ["pack/det.onnx", "pack/rec.onnx", "recorded.json"]
    assert len(behaviour.ranges) == 1
    assert models.ensure("buffalo_l") == models.directory / "pack"
    models.file(BUFFALO_L[0]).unlink()
    behaviour.content = archive({"rec.onnx": b"people"})
    with pytest.raises(ModelDownloadError, match=r"holds no sound det\.onnx"):
        models.ensure(BUFFALO_L[0])


def test_an_archive_that_is_none_is_one_line_and_thrown_away(url: str, tmp_path: Path) -> None:
    models = store(tmp_path, row(ZipMember(url, "det.onnx"), None))
    with pytest.raises(ModelDownloadError, match="no sound archive"):
        models.ensure("net")
    assert not list(models.directory.glob("*"))


def test_without_consent_nothing_is_fetched(behaviour: Behaviour, url: str, tmp_path: Path) -> None:
    models = store(tmp_path, replace(row(Url(url)), non_commercial=True))

    def refuse(model: Model) -> None:
        raise ModelError(model.licence)

    with pytest.raises(ModelError, match="no trade"):
        models.pull(["net"], consent=refuse)
    assert behaviour.ranges == []


def test_a_program_that_asks_is_told_the_licence(url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    models = store(tmp_path, replace(row(Url(url)), non_commercial=True))
    models.ensure("net")
    models.ensure("net")
    assert caplog.text.count("no trade") == 1


def test_a_disk_with_too_little_space_is_told_before_anything_is_written(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage(10, 0, 1000))
    models = store(tmp_path, row(Url(url)))
    with pytest.raises(ModelDownloadError, match=r"no space left for net\.pth"):
        models.ensure("net")
    assert not models.directory.exists()
