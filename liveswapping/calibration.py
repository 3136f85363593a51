"""int8 for a swap network or face restorer, from the faces of the user's own frames: `models calibrate`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from liveswapping.build import open_source, open_store
from liveswapping.domain.errors import EndOfStream, SettingsError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.face import Face
    from liveswapping.domain.frame import F32, Image
    from liveswapping.imaging.align import Framing
    from liveswapping.inference.calibrate import Calibrated
    from liveswapping.inference.quantise import Feed
    from liveswapping.inference.settling import Subject
    from liveswapping.inference.store import Store
    from liveswapping.media.info import MediaSource
    from liveswapping.wanted import EngineKind

MOST: Final = 48
"""Faces: more change the ranges little."""
_STEP: Final = 5
"""Frames from one face to the next, where nobody knows how many there are: neighbours are all but the same."""
_PATIENCE_S: Final = 5.0
_FFHQ_SIZE: Final = 512


@dataclass(frozen=True, slots=True)
class Seen:
    """A face in a frame, and its aligned crop."""

    crop: Image
    frame: Image
    face: Face


@dataclass(frozen=True, slots=True)
class _Named:
    """A network that can become int8."""

    subject: Subject
    kind: EngineKind | None
    """What engine it is; None: a face restorer."""


def calibrated(model: str, frames: str, settings: Settings) -> Calibrated:
    """Make the int8 form of the engine or face restorer that is called `model`, from the faces in `frames`.

    `frames`: whatever `--target` takes. Raises SettingsError (not installed, too few faces, a model that has no int8
    form), ModelError, SourceError.
    """
    from liveswapping.imaging.align import FFHQ
    from liveswapping.inference.calibrate import calibrate, require_openvino, restoring_feeds
    from liveswapping.wanted import setup_of

    store, setup = open_store(settings), setup_of(settings)
    named = _named(model, settings, store)
    require_openvino()
    file = named.subject.quantised(setup)
    if named.kind is not None:
        feeds = _swap_feeds(named, frames, replace(settings, model=model), store)
        return calibrate(named.subject.onnx(), feeds, file, 0.0)
    crops = [seen.crop for seen in face_crops(frames, FFHQ, _FFHQ_SIZE, settings=settings)]
    return calibrate(named.subject.onnx(), restoring_feeds(named.subject.onnx(), crops), file, -1.0)


def forget(model: str, settings: Settings) -> bool:
    """Remove the int8 form of `model`; False where there was none. Raises as `calibrated`."""
    from liveswapping.wanted import setup_of

    made = _named(model, settings, open_store(settings)).subject.quantised(setup_of(settings))
    there = made.is_file()
    for suffix in (".xml", ".bin"):
        made.with_suffix(suffix).unlink(missing_ok=True)
    return there


def face_crops(
    frames: str, framing: Framing, size: int, most: int = MOST, settings: Settings | None = None
) -> Iterator[Seen]:
    """Faces in `frames`, spread over them, each cut out as a network takes it. Raises SourceError and ModelError."""
    from liveswapping.imaging.align import crop
    from liveswapping.observers import open_analyser

    settings = replace(settings or Settings(), target=frames)
    with ExitStack() as stack:
        source = open_source(settings, realtime=False)
        stack.callback(source.close)
        analyser = open_analyser(settings, open_store(settings), live=False)
        stack.callback(analyser.close)
        faces = ((image, face) for image in _spread(source, most) for face in analyser.faces(image))
        for image, face in islice(faces, most):
            yield Seen(crop(image, framing.matrix(face.keypoints, size), size), image, face)


def _spread(source: MediaSource, most: int) -> Iterator[Image]:
    """Frames with some between them: all over a clip, as it is not known where faces are; not for ever of a camera."""
    step = _STEP if source.info.frames is None else max(1, source.info.frames // (2 * most))
    with suppress(EndOfStream):
        for number in range(2 * most * step):
            frame = source.read(_PATIENCE_S)
            if frame is not None and number % step == 0:
                yield frame.image


def _named(model: str, settings: Settings, store: Store) -> _Named:
    from liveswapping.inference.on_processor import gfpgan_subject, reswapper_subject
    from liveswapping.inference.settling import Subject
    from liveswapping.wanted import RESTORERS, EngineKind, engine_of, require, restorer_of, setup_of, size_of

    setup = setup_of(settings)
    restorer = restorer_of(replace(settings, enhancer=model), store) if model in RESTORERS else None
    if restorer is not None:
        require(replace(settings, enhancer=model), store)
        return _Named(gfpgan_subject(restorer.path(store), setup), None)
    engine = engine_of(replace(settings, model=model), store)
    if engine.weights is None or engine.kind is EngineKind.DFM:
        raise SettingsError(f"{model} has no int8 form; only swap networks and face restorers do")
    require(replace(settings, model=model), store)
    path = engine.weights.path(store)
    if engine.kind is EngineKind.TORCH_SWAP:
        return _Named(reswapper_subject(path, size_of(settings, engine.weights), setup), engine.kind)
    return _Named(Subject(path, lambda: path), engine.kind)


def _swap_feeds(named: _Named, frames: str, settings: Settings, store: Store) -> list[Feed]:
    """The faces of the frames, each of which shall become the next one of them."""
    import numpy as np

    from liveswapping.domain.face import Identity, Portrait
    from liveswapping.imaging.align import SWAP
    from liveswapping.inference.calibrate import picture_size, swap_feeds
    from liveswapping.observers import open_recogniser
    from liveswapping.swappers.latent import source_latent

    model = named.subject.onnx()
    emap = _emap(named, store)
    recogniser = open_recogniser(settings, store)
    crops, latents = [], []
    try:
        for seen in face_crops(frames, SWAP, picture_size(model), settings=settings):
            identity = recogniser.introduce(Identity("frames", (Portrait(seen.frame, seen.face),)))
            crops.append(seen.crop)
            latents.append(source_latent(identity, emap))
    finally:
        recogniser.close()
    return swap_feeds(model, crops, np.stack(latents[1:] + latents[:1])) if crops else []


def _emap(named: _Named, store: Store) -> F32:
    from liveswapping.inference.onnx_file import last_initialiser
    from liveswapping.swappers.latent import SIZE, load_emap

    own = None if named.subject.in_torch else last_initialiser(named.subject.file)
    return own if own is not None and own.shape == (SIZE, SIZE) else load_emap(store.path("emap"))
