"""`models list | pull | verify | path | calibrate`: the model files of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liveswapping.build import open_store
from liveswapping.cli.console import Console
from liveswapping.cli.inputs import settings_of
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from liveswapping.domain.settings import Settings
    from liveswapping.inference.catalog import Model
    from liveswapping.inference.store import Store


def run(request: Request, console: Console) -> int:
    """Do what was asked with the named models. Raises ModelError."""
    settings = settings_of(request)
    store = open_store(settings)
    names: list[str] = request.options.get("names", [])
    as_json = bool(request.options.get("json"))
    action = request.options["action"]
    if action == "list":
        return _list(store, store.select(names or ["all"]), console, as_json)
    if action == "pull":
        return _pull(store, names or ["builtin"], console, as_json, agreed=bool(request.options.get("yes")))
    if action == "verify":
        return _verify(store, names, console, as_json)
    if action == "calibrate":
        return _calibrate(settings, names, request.options, console)
    return _path(store, names, console, as_json)


def _list(store: Store, models: Sequence[Model], console: Console, as_json: bool) -> int:
    rows = [_described(store, model) for model in models]
    if as_json:
        console.print(json.dumps(rows))
        return 0
    console.table(
        ("name", "state", "size", "licence", "what it does"),
        [
            (row["name"], row["state"], _size(row["bytes"]), row["licence"], row["description"] + row["note"])
            for row in rows
        ],
    )
    return 0


def _pull(store: Store, names: Sequence[str], console: Console, as_json: bool, agreed: bool) -> int:
    store.select(names)
    _show_licences(store, names, console, agreed)
    with console.progress() as report:
        fetched = store.pull(names, report, consent=lambda _: None)
    if as_json:
        console.print(json.dumps([_described(store, model) for model in fetched]))
    elif fetched:
        console.print(f"fetched {', '.join(model.name for model in fetched)} into {store.directory}")
    else:
        console.print(f"everything is there already, in {store.directory}")
    return 0


def _show_licences(store: Store, names: Sequence[str], console: Console, agreed: bool) -> None:
    """Before the first download of files that are not for every use. Raises ModelError without the user's consent."""
    wanted = [model for model in store.select(names) if model.non_commercial and not store.file(model.name).is_file()]
    if not wanted:
        return
    lines = [f"{model.name}: {model.licence}" for model in wanted]
    if not agreed and not console.agrees(lines, "fetch them?"):
        raise ModelError(f"{'; '.join(lines)}: nothing was fetched; add --yes if you agree to that")
    if agreed:
        for line in lines:
            console.inform(line)


def _verify(store: Store, names: Sequence[str], console: Console, as_json: bool) -> int:
    """All named models must be ready; without names: the built-in ones, and of the others those that are here."""
    from liveswapping.inference.catalog import BUILTIN
    from liveswapping.inference.store import FileState

    states = {model.name: store.state(model.name) for model in store.select(names or ["all"])}
    if not names:
        states = {name: state for name, state in states.items() if name in BUILTIN or state is not FileState.MISSING}
    if as_json:
        console.print(json.dumps({name: state.value for name, state in states.items()}))
    else:
        for name, state in states.items():
            console.print(f"{name}: {state.value}")
    wrong = [name for name, state in states.items() if state is not FileState.READY]
    if wrong:
        raise ModelError(f"not ready: {', '.join(wrong)}; `python run.py models pull {' '.join(wrong)}` fetches them")
    return 0


def _path(store: Store, names: Sequence[str], console: Console, as_json: bool) -> int:
    """The files of the named models, verified; without names the folder of all."""
    paths = [str(store.path(model.name)) for model in store.select(names)] if names else [str(store.directory)]
    console.print(json.dumps(paths) if as_json else "\n".join(paths))
    return 0


def _calibrate(settings: Settings, names: Sequence[str], options: Mapping[str, Any], console: Console) -> int:
    """Make the int8 form of one model from the user's own frames, or remove it. Raises as `calibration.calibrated`."""
    from liveswapping.calibration import calibrated, forget
    from liveswapping.inference.calibrate import LEAST

    if len(names) != 1:
        raise SettingsError("calibrate takes one model; such as `models calibrate reswapper128 --faces_from clip.mp4`")
    (name,) = names
    if options.get("forget"):
        removed = forget(name, settings)
        console.print(f"{name}: its int8 form {'was removed' if removed else 'is not here'}")
        return 0
    if "faces_from" not in options:
        raise SettingsError(
            "calibrate needs pictures of faces; add --faces_from CLIP, or --forget to remove int8 again"
        )
    result = calibrated(name, options["faces_from"], settings)
    near = f"{result.psnr:.1f} dB to fp32 on {result.tried_on} faces held out"
    if options.get("json"):
        facts = {
            "kept": result.kept,
            "psnr_db": result.psnr,
            "faces": result.calibrated_on,
            "held_out": result.tried_on,
        }
        console.print(json.dumps({"name": name, **facts}))
    elif result.kept:
        console.print(f"{name}: int8 from {result.calibrated_on} faces, {near}; used from now on where it is fastest")
    else:
        console.print(
            f"{name}: int8 was not kept: {near}, and {LEAST:g} dB are asked of it; frames of other light may help"
        )
    return 0


def _described(store: Store, model: Model) -> dict[str, Any]:
    state = store.state(model.name)
    recorded = model.sha256 is None and store.sha256(model.name) is not None
    return {
        "name": model.name,
        "state": state.value,
        "file": str(store.file(model.name)),
        "bytes": model.size,
        "sha256": store.sha256(model.name),
        "note": "; sha256 recorded here, not published" if recorded else "",
        "licence": model.licence,
        "description": model.description,
    }


def _size(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:.1f} MB"
