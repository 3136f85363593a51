"""From what a request says of settings to Settings: which it may set, and which files it may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from liveswapping.api.refusal import Refused
from liveswapping.domain.casting import mapped, place_of
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.plugins import installed
from liveswapping.domain.settings import RULES, Settings, changed, checked

_SERVERS_OWN: Final = (
    "output",
    "models_dir",
    "model_download_url",
    "identities_dir",
    "onnx_log_level",
    "timestamp_server",
)
"""What only the command line that starts the server says."""
OPEN: Final = tuple(name for name in RULES if name not in _SERVERS_OWN)
"""Settings that a request may set."""
_FILES: Final = ("occluder", "parser", "face_attribute_direction")
"""Settings that name a file, and nothing else."""
_ADDRESS: Final = re.compile(r"(rtsps?|rtmps?|https?|srt|udp)://[^\s]+", re.IGNORECASE)
"""Streams that may be opened; whatever else FFmpeg knows may read files."""
Resolve = Callable[[str], str]


def schema() -> dict[str, object]:
    """A JSON Schema of what a request says of settings. null: the default."""
    null = {"type": "null"}
    properties = {
        name: {"anyOf": [RULES[name].schema, null], "description": f"allowed: {RULES[name].allowed}"} for name in OPEN
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def values_of(settings: Settings) -> dict[str, Any]:
    """The settings that a request may set, as they are, in types that JSON knows."""
    values = asdict(settings)
    values |= values.pop("look")
    return {name: list(value) if isinstance(value := values[name], tuple) else value for name in OPEN}


def merged(settings: Settings, wishes: Mapping[str, object], resolve: Resolve) -> Settings:
    """`settings` with what a request wishes. Raises Refused and SettingsError, naming key and value."""
    usual = values_of(Settings())
    values: dict[str, Any] = {}
    for name, value in wishes.items():
        if name not in OPEN:
            raise Refused(422, f"there is no setting '{name[:80]}' for a request; allowed: {', '.join(OPEN)}")
        if not all(text.isprintable() for text in _texts(value)):
            raise Refused(422, f"{name}: text of printable signs is expected")
        if value is None:
            values[name] = tuple(usual[name]) if isinstance(usual[name], list) else usual[name]
        else:
            values[name] = _with_files(name, _checked(name, value), resolve)
    return changed(settings, values)


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _checked(name: str, value: object) -> object:
    try:
        return checked(name, value, name)
    except (OverflowError, TypeError):  # a number without end, a list of what no list is for
        raise SettingsError(f"{name}: allowed: {RULES[name].allowed}") from None


def _with_files(name: str, value: Any, resolve: Resolve) -> Any:  # noqa: ANN401 - as many types as settings have
    if name == "sources" or name == "reference":
        return tuple(_person(one, resolve) for one in value)
    if name == "mapping":
        return tuple(_entry(who, source, resolve) for who, sources in _mapped(value).items() for source in sources)
    if name == "target":
        return target(value, resolve)
    if name in _FILES:
        return resolve(value)
    if name in ("model", "enhancer"):
        return _weights(name, value, resolve)
    return value


def _person(name: str, resolve: Resolve) -> str:
    """A photograph, or somebody who is kept under a name."""
    return name if name.startswith("saved:") else resolve(name)


def _mapped(value: tuple[str, ...]) -> dict[str, list[str]]:
    return mapped(Settings(mapping=value))


def _entry(who: str, source: str, resolve: Resolve) -> str:
    return f"{who if place_of(who) is not None else _person(who, resolve)}={_person(source, resolve)}"


def target(name: str, resolve: Resolve) -> str:
    """A camera, the demo, a stream's address, or a file that may be read. Raises Refused."""
    kind = name.partition(":")[0]
    if name.isdecimal() or kind in ("camera", "demo", *installed().plugins.sources) or _ADDRESS.fullmatch(name):
        return name
    return resolve(name)


def _weights(name: str, value: str, resolve: Resolve) -> str:
    from liveswapping.wanted import engine_names, restorer_names

    known = engine_names() if name == "model" else ("auto", "none", *restorer_names())
    return value if value.lower() in (one.lower() for one in known) else resolve(value)
