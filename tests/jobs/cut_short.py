"""A film's job in a process of its own, to which something happens when its second segment is closed.

`python -m tests.jobs.cut_short WHAT SOURCE FILM OUTPUT`. WHAT: "full" (no file may grow past a kilobyte, which a
program meets as it does a full disk) or "read-only" (the film's folder may not be written into, nor by root, who
therefore gives OUTPUT relative to it). Prints the error that ends the job.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from liveswapping.build_jobs import video_job
from liveswapping.domain.errors import SinkError
from liveswapping.domain.settings import load_settings
from liveswapping.jobs.journal import work_folder
from liveswapping.jobs.video import VideoPlan
from liveswapping.media.segment import SegmentWriter

NOBODY = 65534
SEGMENT = 8


def happen(what: str, output: Path) -> None:
    if what == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        return
    for folder in (work_folder(output), output.parent):
        folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)


def main(what: str, source: str, film: str, output: str) -> None:
    really_close, closed = SegmentWriter.close, []

    def close(segment: SegmentWriter) -> None:
        really_close(segment)
        closed.append(segment)
        if len(closed) == 2:
            happen(what, Path(output))

    SegmentWriter.close = close
    plan = VideoPlan(film, Path(output), segment_frames=SEGMENT)
    try:
        video_job(load_settings({"sources": [source]}, os.environ, None), plan).run()
    except SinkError as error:
        sys.stdout.write(f"{error}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
