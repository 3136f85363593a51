"""Who a run is about: people from photographs and saved files, and who in front of the camera becomes whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.domain.errors import NoFaceFound, SettingsError, SourceError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.casting import Cast, Role
    from liveswapping.domain.face import Face, Identity, Portrait
    from liveswapping.domain.frame import F32, Image
    from liveswapping.inference.store import Store

Say = Callable[[str], None]
_SAVED: Final = "saved:"
_NAME: Final = re.compile(r"\w[\w .-]{0,63}")


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved person."""

    name: str
    file: Path


def load_cast(settings: Settings, store: Store, say: Say) -> Cast:
    """Everybody whom the settings name, and whose faces become them. Raises as `load_identity`, and SettingsError."""
    from liveswapping.domain.casting import Cast, Role, mapped, place_of

    roles: list[Role] = []
    for who, sources in mapped(settings).items():
        identity = load_identity(settings, store, say, sources)
        place = place_of(who)
        likeness = None if place is not None else likeness_of([who], settings, store, say)
        roles.append(Role(identity, place, likeness))
    if settings.sources:
        reference = likeness_of(settings.reference, settings, store, say) if settings.reference else None
        roles.append(Role(load_identity(settings, store, say), None, reference))
    if not roles:
        raise SettingsError("nobody to become was named; add --source FILE, a photograph of the person")
    return Cast(tuple(roles))


def load_identity(settings: Settings, store: Store, say: Say, sources: Sequence[str] | None = None) -> Identity:
    """The person to become, from the photographs, folders and saved identities that the settings name.

    `say` is told what the user should know: which face of several was taken, which photographs were left out.
    Raises SourceError, NoFaceFound and ModelError.
    """
    from liveswapping.domain.face import Identity
    from liveswapping.media.identity_file import read_identity
    from liveswapping.wanted import engine_of, require

    require(settings, store)
    named = settings.sources if sources is None else sources
    files = {name: saved_file(name, settings) for name in named}
    known = [portrait for file in files.values() if file is not None for portrait in read_identity(file).portraits]
    pictures = _pictures([name for name, file in files.items() if file is None])
    if not known:
        return identity_of(pictures, settings, store, say)
    new = _portraits(pictures, settings, store, say) if pictures else []
    identity = Identity(named[0], (*known, *new))
    return _introduced(identity, settings, store) if engine_of(settings, store).recognises else identity


def photographs(settings: Settings) -> list[Path]:
    """The picture files that show who to become, as far as they are named by files and folders."""
    from liveswapping.media.images import pictures_in

    names = [*settings.sources, *(pair.partition("=")[2] for pair in settings.mapping)]
    places = [Path(name).expanduser() for name in names]
    return [path for place in places for path in (pictures_in(place) if place.is_dir() else [place]) if path.is_file()]


def _pictures(names: Sequence[str]) -> list[tuple[str, Image]]:
    from liveswapping.media.images import pictures_in, read_image

    pictures: list[tuple[str, Image]] = []
    for name in names:
        if not Path(name).is_dir():
            pictures.append((name, read_image(name)))
            continue
        found = pictures_in(Path(name))
        if not found:
            raise SourceError(f"there is no photograph in the folder '{name}'; put JPEG or PNG files there")
        pictures += [(str(path), read_image(path)) for path in found]
    return pictures


def identity_of(
    pictures: Sequence[tuple[str, Image]],
    settings: Settings,
    store: Store,
    say: Say = lambda _: None,
    *,
    required: bool = True,
) -> Identity:
    """The person of named photographs; one that shows no face is left out while another does.

    For an engine that has to know who that is, with an embedding of every photograph. `required`: raise ModelError at
    once where any file is missing that the settings will need, the engine's own among them.
    """
    from liveswapping.domain.face import Identity
    from liveswapping.wanted import engine_of, require

    if required:
        require(settings, store)
    identity = Identity(pictures[0][0], tuple(_portraits(pictures, settings, store, say)))
    return _introduced(identity, settings, store) if engine_of(settings, store).recognises else identity


def _portraits(pictures: Sequence[tuple[str, Image]], settings: Settings, store: Store, say: Say) -> list[Portrait]:
    from liveswapping.domain.face import Portrait
    from liveswapping.masks.occlusion import OcclusionMasker
    from liveswapping.observers import open_analyser

    portraits, faceless = [], []
    with ExitStack() as parts:
        analyser = open_analyser(settings, store, live=False)
        parts.callback(analyser.close)
        masker = OcclusionMasker(store.path)
        parts.callback(masker.close)
        for name, image in pictures:
            faces = analyser.faces(image)
            if not faces:
                faceless.append(name)
                continue
            face = _chosen(name, faces, settings.source_index, say)
            masker.start(image)
            portraits.append(Portrait(image, face, masker.mask(image, face)))
    if not portraits:
        names = ", ".join(faceless)
        raise NoFaceFound(f"no face was found in {names}; use a photograph that shows the face from the front")
    if faceless:
        say(f"left out, as no face was found: {', '.join(faceless)}")
    return portraits


def _chosen(name: str, faces: Sequence[Face], index: int | None, say: Say) -> Face:
    """The largest face, or the one that was asked for, counted from the left."""
    from_left = sorted(faces, key=lambda face: float(face.box[0] + face.box[2]))
    if index is not None:
        if index >= len(from_left):
            raise SettingsError(f"--source_index {index}: {name} shows {len(faces)} face(s); use 0 to {len(faces) - 1}")
        return from_left[index]
    largest = max(from_left, key=lambda face: float((face.box[2] - face.box[0]) * (face.box[3] - face.box[1])))
    if len(faces) > 1:
        taken = next(place for place, face in enumerate(from_left) if face is largest)
        say(
            f"{name} shows {len(faces)} faces; took the largest, number {taken} from the left "
            f"(--source_index 0 to {len(faces) - 1} takes another)"
        )
    return largest


def _introduced(identity: Identity, settings: Settings, store: Store) -> Identity:
    """`identity` with embeddings; the network is opened only where one is missing."""
    if all(portrait.face.embedding is not None for portrait in identity.portraits):
        return identity
    from liveswapping.observers import open_recogniser

    recogniser = open_recogniser(settings, store)
    try:
        return recogniser.introduce(identity)
    finally:
        recogniser.close()


def likeness_of(names: Sequence[str], settings: Settings, store: Store, say: Say) -> F32:
    """(512,) of unit length: the mean embedding of a person's pictures. Raises as `load_identity`."""
    import numpy as np

    identity = _introduced(load_identity(settings, store, say, names), settings, store)
    found = [portrait.face.embedding for portrait in identity.portraits]
    mean = np.sum([embedding for embedding in found if embedding is not None], axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)


def save_identity(name: str, settings: Settings, store: Store, say: Say) -> Path:
    """Keep the person of `settings.sources` under `name`, with embeddings where the network for them is here.

    Raises SettingsError for the name, SinkError, and as `load_identity`.
    """
    from liveswapping.media.identity_file import write_identity

    file = _file_of(name, settings)
    identity = load_identity(settings, store, say)
    if store.missing(["buffalo_l_recognition"]):
        say(f"{name} is kept without an embedding, which `models pull buffalo_l` would give; photographs are enough")
    else:
        identity = _introduced(identity, settings, store)
    write_identity(file, type(identity)(name, identity.portraits))
    return file


def save_direction(file: Path, without: Sequence[str], settings: Settings, store: Store, say: Say) -> Path:
    """Write what tells the people of `settings.sources` from those of `without`, for --face_attribute_direction.

    Photographs may show many people; each counts as one. Raises ModelError where emap or the recognition network is
    not here, SinkError, SettingsError, SourceError and NoFaceFound.
    """
    import io

    import numpy as np

    from liveswapping.domain.face import Identity
    from liveswapping.media.part_file import PartFile, writing
    from liveswapping.swappers.latent import direction_between, load_emap, source_latent

    store.require(["emap", "buffalo_l_recognition"])
    emap = load_emap(store.path("emap"))
    groups = []
    for names in (settings.sources, without):
        portraits = _portraits(_pictures(names), settings, store, say)
        known = _introduced(Identity(names[0], tuple(portraits)), settings, store).portraits
        groups.append([source_latent(Identity(names[0], (portrait,)), emap) for portrait in known])
    content = io.BytesIO()
    np.save(content, direction_between(groups[0], groups[1], 1.0).values)
    target = file if file.suffix == ".npy" else file.with_name(f"{file.name}.npy")
    part = PartFile(target)
    try:
        with writing(target):
            part.path.write_bytes(content.getvalue())
        part.commit()
    finally:
        part.discard()
    return target


def saved_identities(settings: Settings) -> list[Saved]:
    """Who is kept, by name."""
    from liveswapping.media.identity_file import SUFFIX

    folder = identities_directory(settings)
    return [Saved(file.stem, file) for file in sorted(folder.glob(f"*{SUFFIX}")) if not file.name.startswith(".")]


def remove_identity(name: str, settings: Settings) -> None:
    """Delete who is kept under `name`. Raises SourceError where nobody is, and SettingsError."""
    file = _file_of(name, settings)
    try:
        file.unlink()
    except FileNotFoundError:
        known = ", ".join(saved.name for saved in saved_identities(settings)) or "nobody"
        raise SourceError(f"nobody is saved as '{name}'; there is: {known}") from None


def saved_file(source: str, settings: Settings) -> Path | None:
    """The file of a saved person, where `source` names one: `saved:NAME`, or a path that ends in .identity."""
    from liveswapping.media.identity_file import SUFFIX

    if source.startswith(_SAVED):
        return _file_of(source.removeprefix(_SAVED), settings)
    return Path(source).expanduser() if source.lower().endswith(SUFFIX) else None


def identities_directory(settings: Settings) -> Path:
    """Where saved people lie."""
    if settings.identities_dir is not None:
        return Path(settings.identities_dir).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("LiveSwapping", appauthor=False)) / "identities"


def _file_of(name: str, settings: Settings) -> Path:
    from liveswapping.media.identity_file import SUFFIX

    if _NAME.fullmatch(name) is None:
        raise SettingsError(f"'{name}' cannot be a saved identity's name: use letters, digits, spaces, - and _")
    return identities_directory(settings) / f"{name}{SUFFIX}"
