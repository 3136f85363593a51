"""Content credentials (C2PA): what a file says, signed, of how it was made. Written and read by the c2pa library.

Nothing in them names a person, a computer or a file, and they hold no picture of what was there before.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from liveswapping.provenance.keys import ALGORITHM, SigningKey
from liveswapping.provenance.words import AGENT, Done, version

if TYPE_CHECKING:
    from c2pa import Builder, Context

MIME: Final[Mapping[str, str]] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".mp4": "video/mp4",
    ".m4v": "video/x-m4v",
    ".mov": "video/quicktime",
}
"""What we write and C2PA reaches, by the file's ending."""
MODELS: Final = "org.liveswapping.models"
_LOG = logging.getLogger(__name__)
_TARGET: Final = "target"
_UNKNOWN: Final = "application/octet-stream"
_CONTEXT: Final = {
    "version": 1,
    "core": {
        "merkle_tree_chunk_size_in_kb": 1024,  # else a film is hashed in pieces of 256 MB, several in memory at once
        "merkle_tree_max_proofs": 0,
        "backing_store_memory_threshold_in_mb": 64,
    },
    # A thumbnail would show the face that was replaced.
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


@dataclass(frozen=True, slots=True)
class Story:
    """How a file was made."""

    done: Done = field(default_factory=Done)
    target: str | None = None
    """The file that faces were swapped in; None: it was live."""
    photographs: tuple[str, ...] = ()
    """Pictures of the person to become; they are mentioned only where they have credentials of their own."""
    timestamp_server: str | None = None


def sign(source: Path, signed: Path, story: Story, key: SigningKey) -> None:
    """Write `source` with credentials as `signed`, a new file. Raises OSError, ImportError, c2pa.C2paError."""
    c2pa = _library()
    mime = MIME[source.suffix.lower()]
    server = None if story.timestamp_server is None else story.timestamp_server.encode()
    info = c2pa.C2paSignerInfo(ALGORITHM.encode(), key.certificates.encode(), key.key.encode(), server)
    kept = [path for path in map(Path, story.photographs) if has_credentials(path)]
    with _context() as context, c2pa.Builder(_manifest(story, mime, len(kept)), context) as builder:
        if story.target is not None:
            _add(builder, Path(story.target), _TARGET, "parentOf")
        for number, path in enumerate(kept):
            _add(builder, path, _face(number), "componentOf")
        with c2pa.Signer.from_info(info) as signer, source.open("rb") as unsigned, signed.open("w+b") as result:
            builder.sign(signer, mime, unsigned, result)


def read(file: Path) -> dict[str, Any] | None:
    """What the credentials of `file` say and whether that holds, as the library reports it; None: there are none.

    Raises OSError, ImportError.
    """
    c2pa = _library()
    try:
        with _context() as context, file.open("rb") as stream:
            reader = c2pa.Reader.try_create(_mime(file), stream, context=context)
            if reader is None:
                return None
            with reader:
                found: dict[str, Any] = json.loads(reader.json())
                return found
    except (c2pa.C2paError.NotSupported, c2pa.C2paError.Other, c2pa.C2paError.Io) as error:  # no file of such a kind
        _LOG.info("%s: %s", file, error)
        return None
    except c2pa.C2paError as error:
        return {"validation_state": "Invalid", "validation_status": [{"code": "unreadable", "explanation": str(error)}]}


def has_credentials(file: Path) -> bool:
    """Whether there is something to keep."""
    try:
        return file.suffix.lower() in MIME and file.is_file() and read(file) is not None
    except OSError:
        return False


def _manifest(story: Story, mime: str, faces: int) -> dict[str, Any]:
    agent = {"name": AGENT, "version": version()}
    done: dict[str, Any] = {
        "digitalSourceType": story.done.kind,
        "softwareAgent": agent,
        "description": story.done.words,
        "parameters": {MODELS: list(story.done.models)},
    }
    if story.target is None:
        actions = [{"action": "c2pa.created", **done}]
    else:
        opened = {"action": "c2pa.opened", "softwareAgent": agent, "parameters": {"ingredientIds": [_TARGET]}}
        actions = [opened, {"action": "c2pa.edited", **done}]
    if faces:
        ids = {"ingredientIds": [_face(number) for number in range(faces)]}
        actions.append({"action": "c2pa.placed", "softwareAgent": agent, "parameters": ids})
    return {
        "claim_generator_info": [agent],
        "title": story.done.words,
        "format": mime,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def _add(builder: Builder, file: Path, name: str, relationship: str) -> None:
    """Mention a file that went in, with the credentials that it has; of one that cannot be read that it was there."""
    c2pa = _library()
    words = {"title": name, "relationship": relationship, "label": name}
    try:
        with file.open("rb") as stream:
            builder.add_ingredient(words, _mime(file), stream)
    except (c2pa.C2paError, OSError):
        builder.add_ingredient(words, _UNKNOWN, io.BytesIO())


def _face(number: int) -> str:
    return f"face {number}"


def _mime(file: Path) -> str:
    return MIME.get(file.suffix.lower(), _UNKNOWN)


def _library() -> ModuleType:
    """c2pa. Raises ImportError where it cannot be had: it is not made for every system."""
    try:
        return importlib.import_module("c2pa")
    except Exception as error:  # what it raises where its native part is missing or foreign is its own business
        raise ImportError(f"{type(error).__name__}: {error}") from error


def _context() -> Context:
    c2pa = _library()
    with c2pa.Settings.from_dict(_CONTEXT) as settings:
        return c2pa.Context(settings)


def actions_of(found: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The actions of the newest manifest that `read` answered with."""
    manifest = found.get("manifests", {}).get(found.get("active_manifest"), {})
    for assertion in manifest.get("assertions", ()):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            yield from assertion.get("data", {}).get("actions", ())
