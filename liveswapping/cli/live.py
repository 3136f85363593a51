"""A live run with its window and its outputs: what `realtime` and `demo` have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liveswapping.build import build_runner, seal_of
from liveswapping.outputs import Outputs, late_sound, open_outputs
from liveswapping.pipeline.beside import run_beside

if TYPE_CHECKING:
    from liveswapping.cli.console import Console
    from liveswapping.domain.casting import Cast
    from liveswapping.domain.face import Identity
    from liveswapping.domain.frame import Frame
    from liveswapping.domain.protocols import Sink, Swapper
    from liveswapping.domain.settings import Settings
    from liveswapping.media.info import MediaSource
    from liveswapping.pipeline.preview import Preview
    from liveswapping.pipeline.runner import Runner
    from liveswapping.pipeline.status import Status

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What a live run is for, beside its settings."""

    window: bool
    text: bool = False
    """Write rate and delay into the window's picture."""
    outputs: Outputs = field(default_factory=Outputs)
    frames: int | None = None
    seconds: float | None = None


def run_live(
    source: MediaSource,
    settings: Settings,
    who: Cast | Identity,
    options: LiveOptions,
    console: Console,
    sinks: Sequence[Sink] = (),
    swapper: Swapper | None = None,
) -> Status:
    """Run to the end of `source`, of a limit, or of the user's patience. Closes everything, `sinks` too.

    `swapper`: instead of the engine that the settings name.
    """
    from liveswapping.media.null import NullSink
    from liveswapping.pipeline.limit import Limited
    from liveswapping.pipeline.preview import Preview

    with ExitStack() as opened:
        opened.callback(source.close)
        running: list[Runner] = []
        opened.enter_context(late_sound(options.outputs, lambda: running[0] if running else None))
        preview = Preview()
        outlets: list[Sink] = [preview if options.window else NullSink(), *sinks]
        files = options.outputs.record or options.outputs.screenshot
        seal = None if files is None else seal_of(settings, say=console.inform)
        outlets += open_outputs(options.outputs, source.info, _teller(console), seal)
        limited = Limited(source, options.frames, options.seconds)
        runner = build_runner(settings, who, limited, outlets, console.inform, swapper=swapper)
        running.append(runner)
        if not options.window:
            return run_beside(runner, lambda: None)
        return _run_with_window(runner, preview, options.text, console.note)


def _teller(console: Console) -> Callable[[str], None]:
    """How an output is doing: to the log, to a person, and to a program that wants to hear of it."""

    def tell(line: str) -> None:
        _LOG.info("%s", line)
        console.note(line)
        console.event({"output": line})

    return tell


def _run_with_window(runner: Runner, preview: Preview, text: bool, say: Callable[[str], None]) -> Status:
    from liveswapping.cli.display import controls_of, labelled
    from liveswapping.media.window import Window

    def take(timeout: float) -> Frame | None:
        frame = preview.take(timeout)
        return None if frame is None else labelled(frame, runner, text)

    window = Window(controls_of(runner, say), delay_ms=runner.settings.delay_ms)
    return run_beside(runner, lambda: window.run(take))
