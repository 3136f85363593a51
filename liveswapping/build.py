"""The composition root: from Settings to the parts and the Runner. The only module that knows every part.

Parts are imported inside functions, so that importing this module loads no runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.errors import NoFaceFound, SettingsError, SourceError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.face import Face, Identity
    from liveswapping.domain.frame import Image
    from liveswapping.domain.protocols import Sink, Source
    from liveswapping.inference.catalog import Model
    from liveswapping.inference.store import Store
    from liveswapping.media.info import MediaSource
    from liveswapping.pipeline.pipeline import Pipeline, Swapped
    from liveswapping.pipeline.runner import Runner

Say = Callable[[str], None]
_DEMO_FACE = 2
"""Which face of the sample picture the demo becomes, from the left: one that looks into the camera."""


def _silent(_: str) -> None:
    """Say it to nobody."""


def refuse_unusable(settings: Settings) -> None:
    """Raise SettingsError for what does not fit together. No file of weights is needed for that."""
    from liveswapping.parts import check

    check(settings, open_store(settings))


def open_store(settings: Settings) -> Store:
    """The model files, from where the settings say."""
    from liveswapping.inference.catalog import CATALOG, Url
    from liveswapping.inference.store import Store

    folder = None if settings.models_dir is None else Path(settings.models_dir).expanduser().absolute()
    base = settings.model_download_url
    if base is None:
        return Store(folder, CATALOG)
    moved = {
        name: replace(model, source=Url(f"{base.rstrip('/')}/{model.file}")) if _moves(model) else model
        for name, model in CATALOG.items()
    }
    return Store(folder, moved)


def _moves(model: Model) -> bool:
    """It is fetched from the published project's own address."""
    from liveswapping.inference.catalog import PUBLISHED, Url

    return isinstance(model.source, Url) and model.source.address.startswith(PUBLISHED)


def load_identity(settings: Settings, say: Say) -> Identity:
    """The person to become, from the photographs that the settings name.

    `say` is told what the user should know: which face of several was taken, which photographs were left out.
    Raises SourceError and NoFaceFound.
    """
    from liveswapping.media.images import pictures_in, read_image
    from liveswapping.parts import require

    store = open_store(settings)
    require(settings, store)
    pictures: list[tuple[str, Image]] = []
    for name in settings.sources:
        if not Path(name).is_dir():
            pictures.append((name, read_image(name)))
            continue
        found = pictures_in(Path(name))
        if not found:
            raise SourceError(f"there is no photograph in the folder '{name}'; put JPEG or PNG files there")
        pictures += [(str(path), read_image(path)) for path in found]
    return identity_of(pictures, settings, store, say)


def identity_of(
    pictures: Sequence[tuple[str, Image]],
    settings: Settings,
    store: Store,
    say: Say = _silent,
    *,
    required: bool = True,
) -> Identity:
    """The person of named photographs; one that shows no face is left out while another does.

    For an engine that has to know who that is, with an embedding of every photograph. `required`: raise ModelError at
    once where any file is missing that the settings will need, the engine's own among them.
    """
    from contextlib import ExitStack

    from liveswapping.domain.face import Identity, Portrait
    from liveswapping.masks.occlusion import OcclusionMasker
    from liveswapping.parts import engine_of, open_analyser, require

    if required:
        require(settings, store)
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
    identity = Identity(pictures[0][0], tuple(portraits))
    return _introduced(identity, settings, store) if engine_of(settings, store).recognises else identity


def _introduced(identity: Identity, settings: Settings, store: Store) -> Identity:
    from liveswapping.faces.recognition import Recogniser
    from liveswapping.parts import rungs_of, setup_of

    recogniser = Recogniser(store.path("buffalo_l_recognition"), rungs_of(settings), setup_of(settings))
    try:
        return recogniser.introduce(identity)
    finally:
        recogniser.close()


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


def build_pipeline(settings: Settings, identity: Identity, say: Say = _silent, *, live: bool = True) -> Pipeline:
    """The parts for a stream of pictures, or with `live` False for single ones, searched thoroughly.

    `say` is told in one line each where neural networks run, and why not on something faster.
    """
    from contextlib import ExitStack

    from liveswapping.masks.occlusion import OcclusionMasker
    from liveswapping.parts import open_analyser, open_improver, open_swapper, require
    from liveswapping.pipeline.pipeline import Pipeline

    refuse_unusable(settings)
    store = open_store(settings)
    require(settings, store)
    if live:
        import cv2

        # The parts share out the cores among themselves; OpenCV's own threads would wait actively for small crops.
        cv2.setNumThreads(1)
    with ExitStack() as on_failure:
        analyser = open_analyser(settings, store, live=live)
        on_failure.callback(analyser.close)
        swapper = open_swapper(settings, store, say)
        on_failure.callback(swapper.close)
        improver = open_improver(settings, store, say)
        pipeline = Pipeline(analyser, swapper, identity, OcclusionMasker(store.path), improver)
        on_failure.pop_all()
    return pipeline


def build_runner(
    settings: Settings, identity: Identity, source: Source, sinks: Sequence[Sink], say: Say = _silent
) -> Runner:
    """A runner that owns `source` and `sinks`; where building fails they are closed. `say`: as `build_pipeline`."""
    from contextlib import ExitStack

    from liveswapping.pipeline.runner import Runner

    with ExitStack() as on_failure:
        on_failure.callback(source.close)
        for sink in sinks:
            on_failure.callback(sink.close)
        pipeline = build_pipeline(settings, identity, say)
        on_failure.pop_all()

    def rebuild(wanted: Settings) -> Pipeline:
        return build_pipeline(wanted, load_identity(wanted, _silent))

    return Runner(source, pipeline, sinks, settings, rebuild)


def picture(content: Image | str | Path) -> Image:
    """A picture from a file, or as it is. Raises SourceError."""
    if not isinstance(content, str | Path):
        return content
    from liveswapping.media.images import read_image

    return read_image(content)


def swap_picture(image: Image, identity: Identity, settings: Settings, say: Say = _silent) -> Swapped:
    """One picture on its own, searched thoroughly. Raises NoFaceFound."""
    from liveswapping.pipeline.timing import Laps

    pipeline = build_pipeline(settings, identity, say, live=False)
    try:
        swapped = pipeline.process(image, settings, Laps())
    finally:
        pipeline.close()
    if not swapped.swapped:
        raise NoFaceFound("no face was found in the target picture; use one that shows a face")
    return swapped


def open_source(settings: Settings, *, realtime: bool) -> MediaSource:
    """What the settings name as target. `realtime`: a file or demo plays at its own pace, as a camera does."""
    from liveswapping.media.open import open_source as open_named

    return open_named(
        settings.target or "camera:0",
        width=settings.width,
        height=settings.height,
        fps=settings.fps,
        fourcc=settings.fourcc,
        mirror=settings.mirror,
        rotate=settings.rotate,
        realtime=realtime,
        demo_factory=lambda name: _demo(name, settings),
    )


def _demo(name: str, settings: Settings) -> MediaSource:
    from liveswapping.faces.builtin import builtin_analysers
    from liveswapping.media.demo import DemoSource

    analyser = builtin_analysers()["mediapipe"].still(open_store(settings).path)
    try:
        return DemoSource(analyser, name) if name else DemoSource(analyser)
    finally:
        analyser.close()


def demo_identity(settings: Settings) -> Identity:
    """Somebody for the demo to become: a face of the sample picture that ships with insightface."""
    from liveswapping.media.demo import demo_picture

    with_face = replace(settings, source_index=_DEMO_FACE)
    return identity_of([("the sample picture", demo_picture("t1"))], with_face, open_store(settings))


def warm_up() -> None:
    """Swap small pictures in every way there is, so that compiled kernels lie on the disk before anybody waits."""
    from dataclasses import fields

    import numpy as np

    from liveswapping.domain.look import Look
    from liveswapping.media.demo import demo_picture
    from liveswapping.pipeline.timing import Laps

    settings = Settings()
    store = open_store(settings)
    image = demo_picture("astronaut")
    identity = identity_of([("the sample picture", image)], settings, store)
    switches = [field.name for field in fields(Look) if field.type == "bool"]
    everything = Look(0.9, 0.9, 0.9, 0.5, 0.9, **dict.fromkeys(switches, True))
    grey = np.ascontiguousarray(np.repeat(image[:, :, 1:2], 3, axis=2))
    swap_picture(image, identity, settings)
    pipeline = build_pipeline(settings, identity)
    try:
        for look in (Look(), everything):
            for picture_ in (image, image, grey):
                pipeline.process(picture_, replace(settings, look=look), Laps())
    finally:
        pipeline.close()
