"""What is done of a film, on the disk: closed segments, and the state to go on from. It survives a power cut.

The folder `.NAME.job` lies beside the film to come. In it `journal` holds one JSON object a line, each written when all
that it names is on the disk for good; a last line that is not whole is a line that was not written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from liveswapping.domain.errors import SinkError, SourceError
from liveswapping.jobs.lock import Lock
from liveswapping.media.codecs import Chosen
from liveswapping.media.film_encoder import Form
from liveswapping.media.film_source import Place
from liveswapping.media.part_file import writing
from liveswapping.media.video import Bookmark
from liveswapping.pipeline.film import Counts, Memory

_VERSION: Final = 2
_NAME: Final = "journal"


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of the frames so far."""

    frames: int = 0
    swapped: int = 0
    """Frames in which a face was swapped."""
    failed: int = 0
    """Frames that went through as they were."""
    damaged: int = 0
    """Pictures of the source that could not be decoded, or only in part."""
    last: int | None = None
    """The last picture's time stamp."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What must not change between the runs of one job."""

    key: str
    """A digest of all that decides what the film looks like."""
    segment: int
    """Frames per segment."""
    gap: int
    """Longest gap of a face that is bridged, in frames."""


class Journal:
    """One job's folder. One process at a time; `close` lets the next one in."""

    def __init__(self, output: Path) -> None:
        """Raises SinkError where the folder cannot be made, or another process works in it."""
        self.folder = work_folder(output)
        self._made = [one for one in (self.folder, *output.parents) if not one.exists()]
        with writing(output):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(self.folder / "lock", f"another run is already making '{output}'")
        self._entries: list[dict[str, Any]] = []
        self._read()

    @property
    def plan(self) -> Plan | None:
        """Of the run that began here; None: nothing is begun."""
        head = next((entry for entry in self._entries if entry["kind"] == "begun"), None)
        return None if head is None else Plan(head["key"], head["segment"], head["gap"])

    @property
    def segments(self) -> list[Path]:
        """The closed segments, in order."""
        return [self.folder / entry["name"] for entry in self._entries if entry["kind"] == "segment"]

    @property
    def tally(self) -> Tally:
        """What came of the frames in closed segments."""
        done = [entry for entry in self._entries if entry["kind"] == "segment"]
        return Tally(**done[-1]["tally"]) if done else Tally()

    @property
    def complete(self) -> bool:
        """Whether the last segment is closed."""
        return bool(self._entries) and self._entries[-1]["kind"] == "segment" and self._entries[-1]["place"] is None

    @property
    def form(self) -> Form | None:
        """Of the film; None before its first picture."""
        entry = next((entry for entry in self._entries if entry["kind"] == "form"), None)
        return None if entry is None else _form(entry["form"])

    def begin(self, plan: Plan) -> None:
        """Begin anew; what was there is removed."""
        with writing(self.folder):
            for path in self.folder.iterdir():
                if path.name != "lock":
                    path.unlink()
        self._entries = []
        self._append({"kind": "begun", "version": _VERSION, **asdict(plan)})

    def note_form(self, form: Form) -> None:
        """Write down what the film's pictures are. Raises SourceError where closed segments are otherwise."""
        if self.form is None:
            self._append({"kind": "form", "form": _plain(form)})
        elif self.form != form:
            raise SourceError(
                "the pictures, or the encoder, are not those that were begun with; begin anew with --fresh"
            )

    def next_segment(self) -> Path:
        """The name of the segment after the closed ones."""
        return self.folder / f"{len(self.segments):05d}.film"

    def commit(self, tally: Tally, go_on: tuple[Place, Memory] | None) -> None:
        """The next segment is closed and on the disk; `go_on`: where the one after it begins. None: it is the last."""
        path = self.next_segment()
        entry: dict[str, Any] = {"kind": "segment", "name": path.name, "bytes": path.stat().st_size}
        entry |= {"tally": asdict(tally), "place": None}
        if go_on is not None:
            place, memory = go_on
            entry |= {"place": _plain(place), "state": self._write_state(place.index, memory)}
        self._append(entry)
        self._forget_states()

    def resume(self) -> tuple[Place, Memory] | None:
        """Where to go on; None: at the beginning. Segments that are not what was written are dropped first."""
        self._drop_damaged()
        done = [entry for entry in self._entries if entry["kind"] == "segment"]
        if not done or done[-1]["place"] is None:
            return None
        state = done[-1]["state"]
        looking, finishing = ((self.folder / name).read_bytes() for name in state["files"])
        tally = self.tally
        return _place(done[-1]["place"]), Memory(looking, finishing, Counts(tally.swapped, tally.failed))

    def close(self) -> None:
        """Let go of the folder; where nothing in it is worth keeping it is removed."""
        if not self.segments:
            self.remove()
        self._lock.release()

    def remove(self) -> None:
        """Remove the folder, and those made for it that stay empty."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in self._made[1:]:
            with contextlib.suppress(OSError):  # it holds the film by now
                folder.rmdir()
        self._entries = []

    def _read(self) -> None:
        with contextlib.suppress(OSError), (self.folder / _NAME).open(encoding="utf-8") as file:
            self._entries = list(_entries(file.read()))
        if self._entries and (self._entries[0].get("version") != _VERSION or self._entries[0]["kind"] != "begun"):
            self._entries = []

    def _append(self, entry: dict[str, Any]) -> None:
        self._entries.append(entry)
        with writing(self.folder), (self.folder / _NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)

    def _rewrite(self) -> None:
        fresh = self.folder / f"{_NAME}.new"
        with writing(self.folder), fresh.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(entry) + "\n" for entry in self._entries)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / _NAME)
        sync_folder(self.folder)

    def _write_state(self, index: int, memory: Memory) -> dict[str, list[str]]:
        names, digests = [], []
        for kind, data in (("looking", memory.looking), ("finishing", memory.finishing)):
            path = self.folder / f"{index:08d}.{kind}"
            with writing(path), path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            names.append(path.name)
            digests.append(hashlib.sha256(data).hexdigest())
        return {"files": names, "sha256": digests}

    def _forget_states(self) -> None:
        """Keep the newest two."""
        held = [entry["state"]["files"] for entry in self._entries if entry.get("state")]
        for name in (name for files in held[:-2] for name in files):
            (self.folder / name).unlink(missing_ok=True)

    def _drop_damaged(self) -> None:
        before = len(self._entries)
        while self._entries and self._entries[-1]["kind"] == "segment" and not self._sound(self._entries[-1]):
            self._entries.pop()
        if not all(self._has_size(entry) for entry in self._entries if entry["kind"] == "segment"):
            self._entries = self._entries[:1]
        if len(self._entries) != before:
            self._rewrite()

    def _has_size(self, entry: dict[str, Any]) -> bool:
        path = self.folder / entry["name"]
        return path.is_file() and bool(path.stat().st_size == entry["bytes"])

    def _sound(self, entry: dict[str, Any]) -> bool:
        """Whether a segment and the state after it are what was written."""
        if not self._has_size(entry):
            return False
        state = entry.get("state")
        if state is None:
            return bool(entry["place"] is None)
        return all(
            (self.folder / name).is_file() and hashlib.sha256((self.folder / name).read_bytes()).hexdigest() == digest
            for name, digest in zip(state["files"], state["sha256"], strict=True)
        )


def work_folder(output: Path) -> Path:
    """Where the work on a film is kept until it is whole."""
    return output.with_name(f".{output.name}.job")


def sync_folder(folder: Path) -> None:
    """Have a folder's list of names on the disk; where the system knows no such thing it needs none."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            return
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if not isinstance(entry, dict) or "kind" not in entry:
            return
        yield entry


def _plain(value: object) -> Any:  # noqa: ANN401 - what JSON knows
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Form | Chosen | Place | Bookmark):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _form(plain: dict[str, Any]) -> Form:
    base, fps, aspect = (Fraction(plain[name]) for name in ("base", "fps", "aspect"))
    return Form(Chosen(**plain["chosen"]), plain["width"], plain["height"], base, fps, aspect)


def _place(plain: dict[str, Any]) -> Place:
    if plain["source"] is None:
        return Place(plain["index"], None)
    mark = Bookmark(**plain["source"])
    offset, last = (None if time is None else Fraction(time) for time in mark.clock)
    return Place(plain["index"], replace(mark, clock=(offset, last)))


def no_room(error: SinkError) -> SinkError:
    """The same, with the promise that nothing finished is lost."""
    return SinkError(f"{error}; what is done is kept: the same command goes on from there")
