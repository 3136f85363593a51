"""`demo`: a face swapped in a moving picture, with nothing but what is installed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.build import demo_identity, load_identity, open_source, seal_of
from liveswapping.cli.console import Console
from liveswapping.cli.inputs import live_settings_of, outputs_of
from liveswapping.cli.live import LiveOptions, run_live
from liveswapping.cli.parser import Request
from liveswapping.cli.summary import as_sentence, as_values
from liveswapping.domain.errors import NoFaceFound, SettingsError
from liveswapping.media.around import AroundSource

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame, Image
    from liveswapping.media.info import MediaSource

_SECONDS = 10.0
_OUTPUT = "outputs/demo.mp4"


class BeforeAfter(AroundSource):
    """Stands around a source and behind the pipeline, and keeps one frame as it came and as it went."""

    def __init__(self, source: MediaSource, moment: float) -> None:
        """Keeps the first pair that comes `moment` seconds after the beginning, or else the last before that."""
        super().__init__(source)
        self._moment = moment
        self._began: float | None = None
        self._came: Frame | None = None
        self._settled = False
        self.pair: tuple[Image, Image] | None = None

    def read(self, timeout: float) -> Frame | None:
        """The next frame of the source."""
        frame = super().read(timeout)
        if frame is not None and not self._settled:
            self._came = frame
        return frame

    def write(self, frame: Frame) -> None:
        """The same frame, swapped."""
        if self._settled or self._came is None or self._came.index != frame.index:
            return
        self._began = frame.captured_at if self._began is None else self._began
        self.pair = self._came.image, frame.image
        self._settled = frame.captured_at - self._began >= self._moment


def run(request: Request, console: Console) -> int:
    """Swap for some seconds, record it, and say how fast it was."""
    import numpy as np

    from liveswapping.media.display import has_display
    from liveswapping.media.images import write_image

    settings = replace(live_settings_of(request), target="demo:")
    # Nobody can come into this picture: nothing is covered that a lookout for strangers takes for one.
    settings = replace(settings, others=settings.others or "pass")
    if settings.source_index is not None and not settings.sources:
        raise SettingsError("--source_index chooses a face of a photograph; give one with --source")
    output = Path(settings.output or _OUTPUT)
    seconds = request.options.get("seconds", _SECONDS)
    identity = load_identity(settings, console.inform) if settings.sources else demo_identity(settings)
    source = BeforeAfter(open_source(settings, realtime=True), seconds / 2)
    window = has_display() and not request.options.get("no_window")
    options = LiveOptions(
        window,
        outputs=replace(outputs_of(request), record=output),
        frames=request.options.get("frames"),
        seconds=seconds,
    )
    status = run_live(source, settings, identity, options, console, [source])
    values = as_values(status)
    if not status.frames_swapped or source.pair is None:
        raise NoFaceFound(f"no frame of the demo was swapped ({status.last_failure or 'no face was found'})")
    picture = output.with_suffix(".png")
    write_image(picture, np.ascontiguousarray(np.hstack(source.pair)), seal=seal_of(settings, say=console.inform))
    values |= {"video": str(output), "picture": str(picture)}
    if request.options.get("json"):
        console.print(json.dumps(values))
    else:
        console.print(f"{as_sentence(values)}\nwrote {output} and {picture} (before | after)")
    return 0
