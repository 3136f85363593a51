"""From segments on the disk to one file under a film's name."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av.error

from liveswapping.domain.errors import SinkError
from liveswapping.domain.protocols import Seal
from liveswapping.jobs.journal import Journal
from liveswapping.jobs.progress import Meter, Stage
from liveswapping.media.assemble import Companion, assemble
from liveswapping.media.chatter import reason
from liveswapping.media.film_source import Shaping
from liveswapping.media.part_file import PartFile, writing


def join(
    journal: Journal,
    output: Path,
    container: str,
    companion: Companion | None,
    seal: Seal | None,
    say: Callable[[str], None],
    meter: Meter,
) -> None:
    """Put a complete journal's segments together, beside the sound of the file that they were made of.

    `seal` marks the complete file, before it gets its name. Raises SinkError and SourceError.
    """
    assert journal.form is not None
    part, total = PartFile(output), journal.tally.frames
    try:
        with writing(output):
            assemble(
                part.path,
                container,
                journal.segments,
                journal.form,
                companion,
                say,
                lambda done: None if done % 100 else meter.show(Stage.JOINING, done, total),
                None if seal is None else seal.tags,
            )
            if seal is not None:
                seal.put(part.path)
        part.commit()
    except av.error.FFmpegError as error:
        part.discard()
        raise SinkError(f"writing '{output}' failed: {reason(error)}") from error
    except BaseException:
        part.discard()
        raise
    meter.show(Stage.DONE, total, total)


def companion_of(target: str, shaping: Shaping) -> Companion | None:
    """Where sound and the like come from; None where the target is no file."""
    path = Path(target).expanduser()
    return Companion(path, shaping.start or Fraction(0), shaping.end) if path.is_file() else None
