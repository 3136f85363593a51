"""`identities list | save NAME --source … | remove NAME | direction FILE …`: people that are kept on this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from liveswapping import people
from liveswapping.build import open_store
from liveswapping.cli.console import Console
from liveswapping.cli.inputs import settings_of
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import SettingsError, SourceError
from liveswapping.domain.settings import Settings


def run(request: Request, console: Console) -> int:
    """Do what was asked. Raises SettingsError, SourceError, SinkError, NoFaceFound."""
    settings = settings_of(request)
    names: list[str] = request.options.get("names", [])
    action, as_json = request.options["action"], bool(request.options.get("json"))
    if action == "list":
        return _list(settings, console, as_json)
    if len(names) != 1:
        raise SettingsError(f"identities {action}: one name is needed, such as `identities {action} anna`")
    name = names[0]
    if action == "remove":
        people.remove_identity(name, settings)
        console.print(json.dumps({"removed": name}) if as_json else f"{name} is removed")
        return 0
    if action == "direction":
        return _direction(Path(name), request.options.get("without", ()), settings, console, as_json)
    if not settings.sources:
        raise SettingsError("identities save: add --source FILE, one photograph of the person or several")
    file = people.save_identity(name, settings, open_store(settings), console.inform)
    saved = json.dumps({"name": name, "file": str(file)})
    console.print(saved if as_json else f"{name} is kept in {file}; use it with --source saved:{name}")
    return 0


def _direction(file: Path, without: Sequence[str], settings: Settings, console: Console, as_json: bool) -> int:
    if not (settings.sources and without):
        raise SettingsError("identities direction: add --source FILE … and --without FILE …, photographs of two groups")
    written = people.save_direction(file, without, settings, open_store(settings), console.inform)
    flags = f"--face_attribute_direction {written} --face_attribute_steps 0.5"
    console.print(json.dumps({"file": str(written)}) if as_json else f"{written}; use it with {flags}")
    return 0


def _list(settings: Settings, console: Console, as_json: bool) -> int:
    """Who is kept; a file that cannot be read is listed as such."""
    rows = [_described(saved) for saved in people.saved_identities(settings)]
    if as_json:
        console.print(json.dumps(rows))
    elif rows:
        cells = [(str(row["name"]), str(row["photographs"]), str(row["embedding"]), str(row["file"])) for row in rows]
        console.table(("name", "photographs", "embedding", "file"), cells)
    else:
        folder = people.identities_directory(settings)
        console.print(f"nobody is kept in {folder}; `identities save NAME --source FILE` keeps somebody")
    return 0


def _described(saved: people.Saved) -> dict[str, str | int]:
    from liveswapping.media.identity_file import read_identity

    row: dict[str, str | int] = {"name": saved.name, "file": str(saved.file)}
    try:
        portraits = read_identity(saved.file).portraits
    except SourceError as error:
        return row | {"photographs": 0, "embedding": f"cannot be read: {error}"}
    known = all(portrait.face.embedding is not None for portrait in portraits)
    return row | {"photographs": len(portraits), "embedding": "yes" if known else "no"}
