"""Which files a batch works on, and what their results are called."""

from __future__ import annotations

import glob
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from liveswapping.domain.errors import SettingsError
from liveswapping.jobs.video import CONTAINERS
from liveswapping.media.images import READABLE, WRITABLE

FILMS: Final = frozenset(
    (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp",
     ".gif")
)  # fmt: skip
"""What a film's name may end in, in a folder; whatever else lies there is left alone."""
PATTERN: Final = "{name}{ext}"
_FIELDS: Final = ("name", "ext", "index", "parent")


class Kind(Enum):
    """What an item is."""

    PICTURE = "picture"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class Item:
    """One file to work on, and what comes of it."""

    index: int
    """In the batch, from 1."""
    source: Path
    output: Path
    kind: Kind


def find_items(
    inputs: Sequence[str], folder: Path, *, recursive: bool, pattern: str = PATTERN
) -> tuple[list[Item], list[str]]:
    """The files of folders, globs and names, in their order and each once, and what is named but is no such file.

    Results lie in `folder`, in the same sub-folders as in the input, under names made by `pattern`. Two that would
    have the same name get numbers. Raises SettingsError where there is nothing, or the pattern cannot be used.
    """
    check_pattern(pattern)
    items: list[Item] = []
    wrong: list[str] = []
    seen: set[Path] = set()
    taken: set[Path] = set()
    for named in inputs:
        found = list(_files(named, recursive))
        if not found:
            wrong.append(f"{named}: there is no picture and no film there")
        for path, below in found:
            if path.resolve() in seen or folder.resolve() in path.resolve().parents:
                continue
            seen.add(path.resolve())
            kind = Kind.PICTURE if path.suffix.lower() in READABLE else Kind.FILM
            output = _output(path, folder / below, kind, pattern, len(items) + 1, taken)
            items.append(Item(len(items) + 1, path, output, kind))
    if not items:
        raise SettingsError("; ".join(wrong) or "there is nothing to do: name pictures, films, or folders of them")
    return items, wrong


def check_pattern(pattern: str) -> None:
    """Raise SettingsError where `pattern` is no pattern for names."""
    known = ", ".join(f"{{{name}}}" for name in _FIELDS)
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
        sample = pattern.format(**_values(Path("folder/name.jpg"), ".jpg", 1))
    except (ValueError, KeyError, IndexError, AttributeError):
        raise SettingsError(f"--pattern {pattern!r} cannot be used; it may hold {known}") from None
    if not fields <= set(_FIELDS) or not sample.strip() or Path(sample).name != sample:
        raise SettingsError(f"--pattern {pattern!r} cannot be used; it is a file's name and may hold {known}")


def _files(named: str, recursive: bool) -> Iterator[tuple[Path, Path]]:
    """Files, and the folder of each within what was named."""
    path = Path(named).expanduser()
    if path.is_dir():
        inside = sorted(path.rglob("*") if recursive else path.iterdir(), key=_natural)
        for one in inside:
            hidden = any(part.startswith(".") for part in one.relative_to(path).parts)
            if one.is_file() and not hidden and _known(one):
                yield one, one.relative_to(path).parent
    elif path.is_file():
        yield path, Path()
    elif glob.has_magic(named):
        for match in sorted(glob.glob(str(path), recursive=recursive)):  # noqa: PTH207 - of absolute patterns, too
            one = Path(match)
            if one.is_file() and _known(one):
                yield one, Path()


def _known(path: Path) -> bool:
    return path.suffix.lower() in FILMS or path.suffix.lower() in READABLE


def _natural(path: Path) -> list[tuple[int, int | str]]:
    """2 before 10; each piece carries its kind, so that text never meets a number."""
    pieces: list[tuple[int, int | str]] = []
    number = ""
    for letter in f"{path.as_posix().casefold()}\0":
        if letter.isdecimal():
            number += letter
            continue
        if number:
            pieces.append((0, int(number)))
            number = ""
        pieces.append((1, letter))
    return pieces


def _output(path: Path, folder: Path, kind: Kind, pattern: str, index: int, taken: set[Path]) -> Path:
    usual = ".png" if kind is Kind.PICTURE else ".mp4"
    written = WRITABLE if kind is Kind.PICTURE else CONTAINERS
    ext = path.suffix.lower() if path.suffix.lower() in written else usual
    output = folder / pattern.format(**_values(path, ext, index))
    if output.suffix.lower() not in written:
        output = output.with_name(output.name + ext)
    number = 2
    while output in taken:
        output = output.with_name(f"{output.stem}-{number}{output.suffix}")
        number += 1
    taken.add(output)
    return output


def _values(path: Path, ext: str, index: int) -> Mapping[str, object]:
    return {"name": path.stem, "ext": ext, "index": index, "parent": path.absolute().parent.name}
