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
    from liveswapping.domain.protocols import Analyser, Sink, Source
    from liveswapping.faces.builtin import AnalyserEntry
    from liveswapping.inference.store import Store
    from liveswapping.media.info import MediaSource
    from liveswapping.pipeline.pipeline import Pipeline, Swapped
    from liveswapping.pipeline.runner import Runner

_WEIGHTS = (".pth", ".pt", ".onnx", ".dfm")
_DEMO_FACE = 2
"""Which face of the sample picture the demo becomes, from the left: one that looks into the camera."""


def refuse_unbuilt(settings: Settings) -> None:
    """Raise SettingsError for what no part exists for yet."""
    from liveswapping.swappers.builtin import builtin_swappers

    engines = builtin_swappers()
    if settings.model not in engines:
        if _is_neural(settings.model):
            raise SettingsError(
                f"the engine '{settings.model}' is not built yet; use --model {', '.join(engines)} (no weights needed)"
            )
        engines[settings.model]  # says what there is
    if settings.provider not in ("auto", "cpu"):
        raise SettingsError(
            f"provider '{settings.provider}' is for neural engines, which are not built yet; mesh runs on cpu"
        )
    if settings.resolution != Settings().resolution:
        raise SettingsError(
            f"resolution {settings.resolution} is for neural engines, which are not built yet; leave it out: "
            "the mesh engine works at the picture's own"
        )
    if settings.upscale != 1:
        raise SettingsError(f"upscaling (here ×{settings.upscale}) is not built yet; use 1")


def _is_neural(model: str) -> bool:
    """Whether this is the name of published weights, or a file that looks like weights."""
    from liveswapping.inference.catalog import CATALOG

    return Path(model).suffix in _WEIGHTS or Path(model).stem in CATALOG


def open_store(settings: Settings) -> Store:
    """The model files, from where the settings say."""
    from liveswapping.inference.catalog import CATALOG, Url
    from liveswapping.inference.store import Store

    folder = None if settings.models_dir is None else Path(settings.models_dir).expanduser().absolute()
    base = settings.model_download_url
    if base is None:
        return Store(folder)
    moved = {
        name: replace(model, source=Url(f"{base.rstrip('/')}/{model.file}")) if isinstance(model.source, Url) else model
        for name, model in CATALOG.items()
    }
    return Store(folder, moved)


def load_identity(settings: Settings, say: Callable[[str], None]) -> Identity:
    """The person to become, from the photographs that the settings name.

    `say` is told what the user should know: which face of several was taken, which photographs were left out.
    Raises SourceError and NoFaceFound.
    """
    from liveswapping.media.images import pictures_in, read_image

    pictures: list[tuple[str, Image]] = []
    for name in settings.sources:
        if not Path(name).is_dir():
            pictures.append((name, read_image(name)))
            continue
        found = pictures_in(Path(name))
        if not found:
            raise SourceError(f"there is no photograph in the folder '{name}'; put JPEG or PNG files there")
        pictures += [(str(path), read_image(path)) for path in found]
    return identity_of(pictures, settings, open_store(settings), say)


def identity_of(
    pictures: Sequence[tuple[str, Image]],
    settings: Settings,
    store: Store,
    say: Callable[[str], None] = lambda _: None,
) -> Identity:
    """The person of named photographs; one that shows no face is left out while another does."""
    from contextlib import ExitStack

    from liveswapping.domain.face import Identity, Portrait
    from liveswapping.masks.occlusion import OcclusionMasker

    portraits, faceless = [], []
    with ExitStack() as parts:
        analyser = _analyser().still(store.path)
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
    return Identity(pictures[0][0], tuple(portraits))


def _chosen(name: str, faces: Sequence[Face], index: int | None, say: Callable[[str], None]) -> Face:
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


def build_pipeline(settings: Settings, identity: Identity) -> Pipeline:
    """The parts for a stream of pictures."""
    import cv2

    refuse_unbuilt(settings)
    # The parts share out the cores among themselves; OpenCV's own threads would wait actively for small crops.
    cv2.setNumThreads(1)
    store = open_store(settings)
    return _joined(_analyser().live(store.path), identity, settings, store)


def _analyser() -> AnalyserEntry:
    """The one that gives every engine what it needs: a mesh, and the five points that neural engines align by."""
    from liveswapping.faces.builtin import builtin_analysers

    return builtin_analysers()["mediapipe"]


def _joined(analyser: Analyser, identity: Identity, settings: Settings, store: Store) -> Pipeline:
    """A pipeline that owns `analyser`; where the other parts cannot be made it is closed."""
    from contextlib import ExitStack

    from liveswapping.masks.occlusion import OcclusionMasker
    from liveswapping.pipeline.pipeline import Pipeline
    from liveswapping.swappers.builtin import builtin_swappers

    with ExitStack() as on_failure:
        on_failure.callback(analyser.close)
        swapper = builtin_swappers()[settings.model](store.path)
        on_failure.callback(swapper.close)
        pipeline = Pipeline(analyser, swapper, identity, OcclusionMasker(store.path))
        on_failure.pop_all()
    return pipeline


def build_runner(settings: Settings, identity: Identity, source: Source, sinks: Sequence[Sink]) -> Runner:
    """A runner that owns `source` and `sinks`; where building fails they are closed."""
    from contextlib import ExitStack

    from liveswapping.pipeline.runner import Runner

    with ExitStack() as on_failure:
        on_failure.callback(source.close)
        for sink in sinks:
            on_failure.callback(sink.close)
        pipeline = build_pipeline(settings, identity)
        on_failure.pop_all()

    def rebuild(wanted: Settings) -> Pipeline:
        return build_pipeline(wanted, load_identity(wanted, lambda _: None))

    return Runner(source, pipeline, sinks, settings, rebuild)


def picture(content: Image | str | Path) -> Image:
    """A picture from a file, or as it is. Raises SourceError."""
    if not isinstance(content, str | Path):
        return content
    from liveswapping.media.images import read_image

    return read_image(content)


def swap_picture(image: Image, identity: Identity, settings: Settings, store: Store) -> Swapped:
    """One picture on its own, searched thoroughly. Raises NoFaceFound."""
    from liveswapping.pipeline.timing import Laps

    refuse_unbuilt(settings)
    pipeline = _joined(_analyser().still(store.path), identity, settings, store)
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
    from liveswapping.media.demo import DemoSource

    analyser = _analyser().still(open_store(settings).path)
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
    swap_picture(image, identity, settings, store)
    pipeline = build_pipeline(settings, identity)
    try:
        for look in (Look(), everything):
            for picture_ in (image, image, grey):
                pipeline.process(picture_, replace(settings, look=look), Laps())
    finally:
        pipeline.close()
