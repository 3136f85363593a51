"""The people that figures are measured with: pictures that ship inside our dependencies."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from liveswapping.build import identity_of, open_store
from liveswapping.domain.face import Face, Identity
from liveswapping.domain.frame import Image
from liveswapping.domain.settings import Settings
from liveswapping.media.images import read_image

_FILES = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "t1": ("insightface", "data/images/t1.jpg"),
    "hanks": ("insightface", "data/images/Tom_Hanks_54745.png"),
}


def path_of(name: str) -> Path:
    """The file behind a short name, or `name` itself as a path."""
    if name not in _FILES:
        return Path(name)
    package, file = _FILES[name]
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed")
    return Path(found.submodule_search_locations[0], file)


def picture_of(name: str) -> Image:
    """The picture behind a short name or a path."""
    return read_image(str(path_of(name)))


def identity(names: tuple[str, ...], settings: Settings | None = None) -> Identity:
    """The person on these pictures (short names or paths), prepared as the product does."""
    settings = settings or Settings()
    pictures = [(name, picture_of(name)) for name in names]
    return identity_of(pictures, settings, open_store(settings))


def faces_in(image: Image) -> list[Face]:
    """All faces of a still picture, largest first."""
    from liveswapping.faces.stills import StillsAnalyser

    analyser = StillsAnalyser(open_store(Settings()).path)
    try:
        return list(analyser.faces(image))
    finally:
        analyser.close()
