"""A batch on several Ray workers of this machine, one of which is killed in the middle: nothing may be lost.

`python scripts/cluster.py [--pictures 60] [--workers 2]`. Needs Linux and Ray: `python -m pip install -r
requirements/cluster.txt`. Runs the `batch` job on a local cluster, ends one worker's process when a third of the
pictures is done, and checks every result against what was put in. Prints JSON last; the exit code says whether all was
as it must be.
Starting the cluster takes half a minute, which is why the tests do not do it unless LIVESWAPPING_TEST_RAY is set.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveswapping.build_batch import batch_job
from liveswapping.domain.settings import load_settings
from liveswapping.jobs.batch import BatchPlan
from liveswapping.jobs.progress import Progress
from liveswapping.jobs.results import Status
from liveswapping.jobs.video import VideoPlan
from scripts.job_batch import put_in
from scripts.measures.films import source_photo


def main(arguments: list[str] | None = None) -> int:
    """Run the batch, kill a worker, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])  # of the workers
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        folder = Path(name)
        broken = put_in(folder / "in", options.pictures, 0.1)
        settings = load_settings({"sources": [str(source_photo(folder))]}, os.environ, None)
        killer = Killer(options.pictures // 3)
        plan = BatchPlan((str(folder / "in"),), folder / "out")
        began = time.monotonic()
        job = batch_job(settings, plan, VideoPlan("", Path()), killer.watch, workers=options.workers, cluster="")
        outcome = job.run()
        failed = {Path(result.source).name for result in outcome.results if result.status is Status.FAILED}
        made = {path.name for path in (folder / "out").glob("*.jpg")}
        result = {
            "pictures": outcome.total,
            "done": outcome.count(Status.DONE),
            "failed": len(failed),
            "killed": killer.killed,
            "seconds": round(time.monotonic() - began, 1),
        }
        right = outcome.complete and failed == broken and len(made) == options.pictures - len(broken)
    print(json.dumps({**result, "right": right and killer.killed > 0}))
    return 0 if right and killer.killed else 1


class Killer:
    """Ends one worker's process, once so many pictures are done."""

    def __init__(self, after: int) -> None:
        self.killed = 0
        """The process that was ended; 0: none yet."""
        self._after = after

    def watch(self, progress: Progress) -> None:
        """As OnProgress."""
        if progress.done < self._after or self.killed:
            return
        workers = _workers()
        if workers:
            self.killed = workers[0]
            os.kill(self.killed, signal.SIGKILL)


def _workers() -> list[int]:
    """Processes of this machine that are actors of ours; Ray names them by their class."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if words.startswith("ray::_Hand") and _ours(int(path.parent.name)):
            found.append(int(path.parent.name))
    return found


def _ours(process: int) -> bool:
    """Whether this process is an ancestor of that one."""
    while process > 1:
        if process == os.getpid():
            return True
        try:
            stat = (Path("/proc") / str(process) / "stat").read_text(encoding="utf-8")
        except OSError:
            return False
        process = int(stat.rpartition(")")[2].split()[1])
    return False


if __name__ == "__main__":
    sys.exit(main())
