"""What a file says of how it was made, and how much that is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from liveswapping.domain.errors import SourceError
from liveswapping.provenance import xmp
from liveswapping.provenance.credentials import MODELS, actions_of, read
from liveswapping.provenance.words import AGENT, AGENT_TAG, SOURCE_TYPE, TYPE_TAG

NONE, VALID, TRUSTED, CHANGED, UNKNOWN = "none", "valid", "trusted", "changed", "unknown"
"""What credentials are: not there; unbroken, of a signer on no list; the same, on a list; broken; not looked at."""
_STATES: Final = {"Valid": VALID, "Trusted": TRUSTED}
_SYNTHETIC: Final = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")
"""IPTC's words for what a trained algorithm made, in part or all of it."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in one file."""

    file: str
    by_us: bool = False
    """It says that it was made with LiveSwapping."""
    synthetic: bool = False
    """It says that it was made by a trained algorithm, in part or all of it."""
    credentials: str = NONE
    broken: tuple[str, ...] = ()
    """Why credentials are broken, in the library's words."""
    tool: str = ""
    signer: str = ""
    signed_at: str = ""
    """Empty: nobody vouches for the time."""
    source_type: str = ""
    description: str = ""
    actions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    """What it was made from, in words."""
    plain: Mapping[str, str] = field(default_factory=dict)
    """What plain metadata say."""


def inspect(file: Path, tags: Mapping[str, str] | None = None) -> Inspection:
    """Look at a file. `tags`: those of a film's container. Raises SourceError where it cannot be read."""
    try:
        with file.open("rb") as opened:
            opened.read(1)
        found, state = read(file), NONE
    except ImportError:
        found, state = None, UNKNOWN
    except FileNotFoundError:
        raise SourceError(f"there is no file '{file}': check its name and folder") from None
    except OSError as error:
        raise SourceError(f"'{file}' cannot be read: {error.strerror or error}") from error
    plain = {**_of_container(tags or {}), **xmp.description(file)}
    if found is not None:
        return _with_credentials(str(file), found, plain)
    tool, kind = plain.get("tool", ""), plain.get("source_type", "")
    words = plain.get("words", "")
    return Inspection(str(file), tool == AGENT, _is_synthetic(kind), state, (), tool, "", "", kind, words, plain=plain)


def explained(one: Inspection) -> Iterator[str]:
    """The same for people, in lines."""
    if one.by_us:
        yield f"{one.file}: made with {one.tool or AGENT}. {one.description}".rstrip()
    elif one.synthetic:
        yield f"{one.file}: says that it is synthetic; made with {one.tool or 'an unknown tool'}"
    elif one.credentials not in (NONE, UNKNOWN):
        yield f"{one.file}: not made with LiveSwapping; made with {one.tool or 'an unknown tool'}"
    else:
        yield f"{one.file}: says nothing of how it was made, which proves nothing: marks can be taken out of a file"
    yield f"  credentials  {_worth(one)}"
    if one.broken:
        yield f"  broken       {'; '.join(one.broken)}"
    if one.signer:
        yield f"  signer       {one.signer}, {one.signed_at or 'at a time that nobody vouches for'}"
    details = {
        "source type": one.source_type.rsplit("/", 1)[-1],
        "actions": ", ".join(one.actions),
        "models": ", ".join(one.models),
        "made from": ", ".join(one.ingredients),
        "plain words": one.plain.get("words", ""),
    }
    for name, value in details.items():
        if value:
            yield f"  {name:12} {value}"


def _worth(one: Inspection) -> str:
    return {
        NONE: "none" + ("; what plain metadata say anybody can write" if one.plain else ""),
        UNKNOWN: "not looked at: that needs the package c2pa-python",
        VALID: "valid but untrusted: nothing was changed since the file was signed; its signer is on no list of "
        "trusted ones, as a key is that is made on one's own computer, so it does not show who signed",
        TRUSTED: "valid, by a trusted signer",
        CHANGED: "broken: the file was changed after it was signed, or was never signed as it says",
    }[one.credentials]


def _with_credentials(file: str, found: Mapping[str, Any], plain: Mapping[str, str]) -> Inspection:
    manifest = found.get("manifests", {}).get(found.get("active_manifest"), {})
    actions = list(actions_of(found))
    kinds = [str(action["digitalSourceType"]) for action in actions if action.get("digitalSourceType")]
    told = next((action for action in actions if action.get("parameters", {}).get(MODELS)), {})
    signature = manifest.get("signature_info", {})
    tool = " ".join(filter(None, (_generator(manifest).get(name, "") for name in ("name", "version"))))
    state = _STATES.get(str(found.get("validation_state")), CHANGED)
    kind = next(filter(_is_synthetic, kinds), kinds[0] if kinds else "")
    return Inspection(
        file,
        _generator(manifest).get("name") == AGENT,
        _is_synthetic(kind),
        state,
        tuple(_failures(found)) if state == CHANGED else (),
        tool,
        signature.get("common_name") or signature.get("issuer") or "",
        signature.get("time", ""),
        kind,
        next((str(action["description"]) for action in actions if action.get("description")), ""),
        tuple(str(action.get("action", "")).removeprefix("c2pa.") for action in actions),
        tuple(map(str, told.get("parameters", {}).get(MODELS, ()))),
        tuple(_ingredient(one, found) for one in manifest.get("ingredients", ())),
        plain,
    )


def _generator(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    return next(iter(manifest.get("claim_generator_info", ())), {})


def _ingredient(one: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    role = {"parentOf": "the original", "componentOf": "a part of it"}.get(str(one.get("relationship")), "another file")
    label = one.get("active_manifest")
    if not label:
        return f"{role} (without credentials)"
    made_with = _generator(found.get("manifests", {}).get(label, {})).get("name", "an unknown tool")
    return f"{role} (with credentials, by {made_with})"


def _failures(found: Mapping[str, Any]) -> Iterator[str]:
    for status in found.get("validation_status", ()):
        if status.get("code") != "signingCredential.untrusted":
            yield f"{status.get('code')}: {status.get('explanation', '')}".rstrip(": ")


def _of_container(tags: Mapping[str, str]) -> dict[str, str]:
    """What a film's container says, as XMP's description."""
    known = {name.upper(): value for name, value in tags.items()}
    said = {"source_type": known.get(TYPE_TAG, ""), "words": known.get(AGENT_TAG, "")}
    return {name: value for name, value in said.items() if value} | ({"tool": AGENT} if said["words"] else {})


def _is_synthetic(kind: str) -> bool:
    return kind.rsplit("/", 1)[-1] in _SYNTHETIC or kind == SOURCE_TYPE
