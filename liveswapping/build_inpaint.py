"""Inpainting jobs out of settings and options: the composition root of what takes things out of films."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.build import open_store, seal_of
from liveswapping.build_filling import Filling
from liveswapping.build_jobs import Say, add_content
from liveswapping.build_propainter import ProPainterOptions
from liveswapping.domain.errors import EndOfStream, SettingsError, SourceError
from liveswapping.domain.settings import Settings
from liveswapping.jobs.progress import OnProgress, nobody
from liveswapping.provenance.words import SOURCE_TYPE, SYNTHETIC, WHAT_WAS_TAKEN_OUT, Done

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image, Region
    from liveswapping.domain.protocols import Seal
    from liveswapping.inpainting.canvas import Canvas
    from liveswapping.inpainting.marks import Marker
    from liveswapping.inpainting.record import Record
    from liveswapping.inpainting.shots import Hole, Inpainter
    from liveswapping.jobs.inpaint import InpaintJob, InpaintPlan
    from liveswapping.media.codecs import Chosen
    from liveswapping.media.info import MediaSource, SourceInfo

MASK_KINDS: Final = ("face", "person", "hair")
"""What is masked without a drawing, by the built-in networks."""
_BOX: Final = re.compile(r"(\d+),(\d+),(\d+),(\d+)")
_NOT_LOOKS: Final = ("engine",)
"""Options that say what is wanted; what became of it is a part of the key by itself."""


@dataclass(frozen=True, slots=True)
class InpaintOptions:
    """What is taken out, and how."""

    mask: str | None = None
    """A picture, folder or clip; LEFT,TOP,WIDTH,HEIGHT; or one of MASK_KINDS. None: only room around is painted."""
    faces: str = "all"
    """Whose face, hair or person: one of `settings.FACES`."""
    track: bool = False
    """What the mask marks on the first picture is followed."""
    engine: str = "auto"
    dilation: int = 4
    """Pixels by which masks grow."""
    ratio: float = 1.0
    size: tuple[int, int] | None = None
    """Another width and height."""
    scales: tuple[float, float] | None = None
    """How many times as wide and as high the film becomes; None: as it is."""
    crop: bool = False
    """Work only on the part around the masks."""
    fps: Fraction = field(default_factory=lambda: Fraction(24))
    """Of a folder of pictures."""
    encoder: str = "software"
    quality: int | None = None
    propainter: ProPainterOptions = field(default_factory=ProPainterOptions)


def inpaint_job(
    settings: Settings,
    options: InpaintOptions,
    plan: InpaintPlan,
    on_progress: OnProgress = nobody,
    say: Say = lambda line: None,
    record: Record | None = None,
) -> InpaintJob:
    """A job that takes something out of the film `plan.target`; nothing is opened before it runs."""
    from liveswapping.jobs.inpaint import InpaintJob

    if options.mask is None and options.scales is None:
        raise SettingsError(f"a mask is missing: a file, folder or clip, a box, or one of {', '.join(MASK_KINDS)}")
    from liveswapping.inpainting.record import Record

    record = record or Record()
    return InpaintJob(plan, InpaintFilm(settings, options, plan, say, record), on_progress, say, record)


class InpaintFilm:
    """`InpaintParts` out of settings."""

    def __init__(
        self, settings: Settings, options: InpaintOptions, plan: InpaintPlan, say: Say, record: Record
    ) -> None:
        self._settings = settings
        self._options = options
        self._plan = plan
        self._say = say
        self._filling = Filling(settings, options.engine, options.propainter, record, say)

    def seal(self) -> Seal | None:
        """As `InpaintParts.seal`."""
        engine = self._filling.engine
        kind = SOURCE_TYPE if engine == "propainter" else SYNTHETIC
        done = Done(WHAT_WAS_TAKEN_OUT, kind, (f"{engine} inpainting",))
        nobody = replace(self._settings, sources=(), mapping=())  # no face goes in
        return seal_of(nobody, self._plan.target, self._say, done)

    def key(self) -> str:
        """As `InpaintParts.key`."""
        from liveswapping import __version__

        options = {name: value for name, value in asdict(self._options).items() if name not in _NOT_LOOKS}
        plan = self._plan.codec, self._plan.frames, self._plan.cuts
        digest = hashlib.sha256(json.dumps([__version__, options, plan], default=str).encode())
        add_content(digest.update, self._plan.target)
        if self._options.mask is not None:
            add_content(digest.update, self._options.mask)
        digest.update(self._filling.engine.encode())
        for file in self._filling.weights or ():
            add_content(digest.update, str(file))
        return digest.hexdigest()

    def source(self) -> MediaSource:
        """As `InpaintParts.source`."""
        path = Path(self._plan.target).expanduser()
        if path.is_dir():
            from liveswapping.media.images import FolderSource

            return FolderSource(path, self._options.fps)
        from liveswapping.media.open import open_source

        if not path.exists():
            raise SourceError(f"there is no file '{path}': check its name and folder")
        return open_source(str(path))

    def marker(self, info: SourceInfo) -> Marker:
        """As `InpaintParts.marker`."""
        from liveswapping.inpainting.marks import FollowedMark, SameMark

        mask, size = self._options.mask, (info.width, info.height)
        if mask is None or self._options.scales is not None:
            import numpy as np

            return SameMark(np.zeros((info.height, info.width), np.bool_))
        if mask in MASK_KINDS:
            return self._people(mask)
        if (hole := _box(mask, size)) is None:
            from liveswapping.jobs.mask_files import open_masks

            sure = info.frames if info.path is None and self._plan.frames is None else None
            marker = open_masks(Path(mask).expanduser(), *size, sure)
            if not self._options.track:
                return marker
            with closing(marker):
                hole = marker.mark(_black(size))
        return FollowedMark(hole) if self._options.track else SameMark(hole)

    def canvas(self, info: SourceInfo) -> Canvas:
        """As `InpaintParts.canvas`."""
        from liveswapping.inpainting.canvas import Canvas

        given = self._options
        canvas = Canvas.of(
            info.width, info.height, ratio=given.ratio, wanted=given.size, scales=given.scales, dilation=given.dilation
        )
        if not given.crop or canvas.outpaints:
            return canvas
        return replace(canvas, crop=self._crop(canvas, info))

    def inpainter(self, attend: Callable[[], None]) -> Inpainter:
        """As `InpaintParts.inpainter`."""
        return self._filling.open(attend)

    def chosen(self, source: MediaSource) -> Chosen:
        """As `InpaintParts.chosen`."""
        from liveswapping.media.codecs import choose

        threads = max(1, min(16, 2 * (os.cpu_count() or 2)))
        given = self._options
        return choose(self._plan.codec, given.encoder, given.quality, threads, source.info.full_range)

    def _people(self, kind: str) -> Marker:
        from liveswapping.masks.people import PeopleMarker
        from liveswapping.observers import open_analyser
        from liveswapping.pipeline.selection import Selector

        if kind == "hair":
            self._say("hair is found approximately: what of a person is around the face, and has not its colour")
        store = open_store(self._settings)
        which, selector = self._options.faces, Selector()
        everybody = kind == "person" and which == "all"
        analyser = None if everybody else open_analyser(self._settings, store, live=True)
        return PeopleMarker(kind, store.path, analyser, lambda faces, image: selector.choose(faces, image, which))

    def _crop(self, canvas: Canvas, info: SourceInfo) -> Region | None:
        """The part around all masks of the film, which are read once for that."""
        import numpy as np

        from liveswapping.inpainting.canvas import part_around
        from liveswapping.media.film_source import FilmSource

        union: Hole = np.zeros((canvas.size[1], canvas.size[0]), np.bool_)
        source = FilmSource(self.source(), self._plan.shaping)
        with closing(source), closing(self.marker(info)) as marker:
            while True:
                try:
                    frame = source.read(1.0)
                except EndOfStream:
                    break
                if frame is not None:
                    union |= canvas.shot(canvas.picture(frame.image), marker.mark(frame.image)).hole
        return part_around(union)


def _black(size: tuple[int, int]) -> Image:
    """A black picture of this width and height."""
    import numpy as np

    return np.zeros((size[1], size[0], 3), np.uint8)


def _box(text: str, size: tuple[int, int]) -> Hole | None:
    """Such as "40,30,200,100": LEFT,TOP,WIDTH,HEIGHT; None: it is no box. Raises SettingsError for one outside."""
    import numpy as np

    found = _BOX.fullmatch(text.replace(" ", ""))
    if found is None:
        return None
    left, top, width, height = map(int, found.groups())
    hole = np.zeros((size[1], size[0]), np.bool_)
    hole[top : top + height, left : left + width] = True
    if not hole.any():
        raise SettingsError(f"--mask {text} marks nothing in a picture of {size[0]}×{size[1]}; left,top,width,height")
    if hole.all():
        raise SettingsError(f"--mask {text} covers the whole picture of {size[0]}×{size[1]}: leave something to stay")
    return hole
