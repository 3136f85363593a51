"""The composition root: from Settings to the parts and the Runner. The only module that knows every part.

Parts are imported inside functions, so that importing this module loads no runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping import people
from liveswapping.domain.errors import NoFaceFound
from liveswapping.domain.handover import Hold, Shared, open_anew
from liveswapping.domain.settings import Settings
from liveswapping.people import identity_of as identity_of

if TYPE_CHECKING:
    from liveswapping.domain.casting import Cast
    from liveswapping.domain.face import Identity
    from liveswapping.domain.frame import Image
    from liveswapping.domain.protocols import Analyser, Seal, Sink, Source, Swapper
    from liveswapping.inference.catalog import Model
    from liveswapping.inference.store import Store
    from liveswapping.media.info import MediaSource
    from liveswapping.pipeline.pipeline import Pipeline, Swapped
    from liveswapping.pipeline.runner import Runner
    from liveswapping.provenance.words import Done

Say = Callable[[str], None]
_DEMO_FACE = 2
"""Which face of the sample picture the demo becomes, from the left: one that looks into the camera."""


def _silent(_: str) -> None:
    """Say it to nobody."""


def refuse_unusable(settings: Settings) -> None:
    """Raise SettingsError for what does not fit together. No file of weights is needed for that."""
    from liveswapping.wanted import check

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
    """The person to become, from the photographs that the settings name: `people.load_identity`."""
    return people.load_identity(settings, open_store(settings), say)


def load_cast(settings: Settings, say: Say) -> Cast:
    """Everybody whom the settings name, and whose faces become them: `people.load_cast`."""
    return people.load_cast(settings, open_store(settings), say)


def build_pipeline(
    settings: Settings,
    who: Cast | Identity,
    say: Say = _silent,
    *,
    live: bool = True,
    camera: bool = False,
    hold: Hold = open_anew,
    make: Callable[..., Pipeline] | None = None,
    swapper: Swapper | None = None,
    analyser: Analyser | None = None,
) -> Pipeline:
    """The parts for a stream of pictures, or with `live` False for single ones, searched thoroughly.

    `camera`: late pictures are worthless, so a slow engine may work beside them.

    `say` is told in one line each where neural networks run, and why not on something faster. `hold`: where the
    engine's network may be open already, for another pipeline. `make` puts the parts together, in place of Pipeline
    itself: it takes what that takes. `swapper`, `analyser`: instead of the settings'; the pipeline's to close.
    """
    from contextlib import ExitStack

    from liveswapping.domain.casting import Cast
    from liveswapping.observers import open_analyser, open_masker, open_recogniser
    from liveswapping.parts import open_improver, open_live_restorer, open_live_swapper, open_swapper
    from liveswapping.pipeline.pipeline import Pipeline, provider_of
    from liveswapping.wanted import require

    refuse_unusable(settings)
    store = open_store(settings)
    require(settings, store)
    if live:
        import cv2

        # The parts share out the cores among themselves; OpenCV's own threads would wait actively for small crops.
        cv2.setNumThreads(1)
    with ExitStack() as on_failure:
        swapper = swapper or (open_live_swapper if camera else open_swapper)(settings, store, say, hold)
        on_failure.callback(swapper.close)
        finding = provider_of(swapper) if camera else "cpu"
        analyser = analyser or open_analyser(settings, store, live=live, provider=finding)
        on_failure.callback(analyser.close)
        masker = open_masker(settings, store, say)
        on_failure.callback(masker.close)
        restorer = open_live_restorer(settings, store, say) if camera else None
        if restorer is not None:
            on_failure.callback(restorer.close)
        improver = open_improver(settings, store, say, restores=restorer is None)
        if improver is not None:
            on_failure.callback(improver.close)
        recogniser = open_recogniser(settings, store) if isinstance(who, Cast) and who.recognises else None
        parts = analyser, swapper, who, masker, improver, recogniser
        pipeline = make(*parts) if make is not None else Pipeline(*parts, restorer=restorer)
        on_failure.pop_all()
    return pipeline


def build_runner(
    settings: Settings,
    who: Cast | Identity,
    source: Source,
    sinks: Sequence[Sink],
    say: Say = _silent,
    *,
    swapper: Swapper | None = None,
) -> Runner:
    """A runner that owns `source` and `sinks`; where building fails they are closed.

    `say`, `swapper`: as `build_pipeline`. What is built for other settings beside what runs shares its engine's
    network, where it is the same; with a swapper of the caller's nothing is built for others.
    """
    from contextlib import ExitStack

    from liveswapping.pipeline.marking import Marker
    from liveswapping.pipeline.runner import Runner

    shared = Shared()
    with ExitStack() as on_failure:
        on_failure.callback(source.close)
        for sink in sinks:
            on_failure.callback(sink.close)
        pipeline = build_pipeline(settings, who, say, camera=source.live, hold=shared.hold, swapper=swapper)
        lookout = None
        if source.live:
            from liveswapping.faces.lookout import Lookout
            from liveswapping.observers import small_networks

            lookout = Lookout(open_store(settings).path, small_networks(pipeline.provider))
        on_failure.pop_all()

    def rebuild(wanted: Settings) -> Pipeline:
        return build_pipeline(wanted, load_cast(wanted, _silent), camera=source.live, hold=shared.hold)

    build = rebuild if swapper is None else None
    return Runner(source, pipeline, sinks, settings, build, lookout, Marker(), shared.renew)


def picture(content: Image | str | Path) -> Image:
    """A picture from a file, or as it is. Raises SourceError."""
    if not isinstance(content, str | Path):
        return content
    from liveswapping.media.images import read_image

    return read_image(content)


def swap_picture(image: Image, who: Cast | Identity, settings: Settings, say: Say = _silent) -> Swapped:
    """One picture on its own, searched thoroughly, and labelled. Raises NoFaceFound."""
    from liveswapping.pipeline.marking import marked_still
    from liveswapping.pipeline.timing import Laps

    pipeline = build_pipeline(settings, who, say, live=False)
    try:
        swapped = pipeline.process(image, settings, Laps())
    finally:
        pipeline.close()
    if not swapped.found:
        raise NoFaceFound("no face was found in the target picture; use one that shows a face")
    if not swapped.swapped:
        raise NoFaceFound(nobody_meant(swapped.found))
    return marked_still(swapped, image, settings)


def nobody_meant(faces: int) -> str:
    """Why nothing was swapped where there are faces."""
    return (
        f"{faces} face(s) were found, and none looks like the reference or stands where --map says; "
        "lower --reference_threshold, or choose others"
    )


def seal_of(
    settings: Settings, target: str | Path | None = None, say: Say = _silent, done: Done | None = None
) -> Seal | None:
    """Marks one file that is made with these settings, out of the file `target` or live; None: that is switched off.

    `say` is told in one line where it cannot be marked as it should be. `done`: None: faces were swapped.
    """
    import logging

    if not settings.credentials:
        logging.getLogger(__name__).info("credentials are off: no file says how it was made")
        return None
    from liveswapping.provenance.credentials import Story
    from liveswapping.provenance.seal import FileSeal
    from liveswapping.provenance.words import Done
    from liveswapping.wanted import model_names

    file = None if target is None else Path(target).expanduser()
    made_of = str(file) if file is not None and file.is_file() else None
    if done is None:
        done = Done(models=tuple(model_names(settings, open_store(settings))))
    return FileSeal(Story(done, made_of, tuple(map(str, people.photographs(settings))), settings.timestamp_server), say)


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
    from liveswapping.media.demo import SIZE, DemoSource

    analyser = builtin_analysers()["mediapipe"].still(open_store(settings).path)
    try:
        size = settings.width or SIZE[0], settings.height or SIZE[1]
        return DemoSource(analyser, name or "astronaut", size=size)
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
