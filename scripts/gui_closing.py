"""How long the real process takes to end when its window is closed: `python scripts/gui_closing.py` (see below).

Under Xvfb (`xvfb-run -s "-screen 0 1920x1080x24" python scripts/gui_closing.py`) the real program is started twice: it
is closed while it is live and records, and while a call into a library goes on that nobody can interrupt. Prints the
seconds from the click to the end of the process, and its exit code. Exit code 1 where a bar is missed: 2 s and 10 s.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
BARS: Final = {"live": 2.0, "hanging": 10.0}
_START = """
import sys
from PySide6.QtCore import QTimer
from gui import app, main_window

main_window.import_runtimes = lambda _report: {}
made, leave = app.make_window, app._leave

def make(*arguments):
    window = made(*arguments)
    window.desk.preferences.change(consented=True, person="sample")
    window.desk.preferences.keep_folder("recordings", main_window.Path(sys.argv[1]))
    window.first.agreed.emit()
    window.ready.connect(window.live.toggle)
    window.closing.connect(lambda: print("closing", flush=True))
    return window

def left():
    print("left", flush=True)
    leave()

app.make_window, app._leave = make, left
"""
_LIVE = """
def make_live(*arguments):
    window = make(*arguments)
    window.live.preview.first_frame.connect(window.live.output.toggle_recording)
    window.live.preview.first_frame.connect(lambda: QTimer.singleShot(500, window.close))
    return window

app.make_window = make_live
"""
_HANGING = """
import threading
from liveswapping import build

begun = threading.Event()
build.load_cast = lambda *_: (begun.set(), threading.Event().wait())

def make_hanging(*arguments):
    window = make(*arguments)
    watch = QTimer(window)
    watch.timeout.connect(lambda: window.close() if begun.is_set() else None)
    watch.start(10)
    return window

app.make_window = make_hanging
"""
_END = """
sys.exit(app.main([]))
"""


def program(kind: str, patience_ms: int | None = None) -> str:
    """What a new Python is to run, with a folder for recordings as its argument. `kind`: one of BARS.

    It prints "closing" when its window is closed, and "left" where something hung for longer than the window waits.
    """
    patience = "" if patience_ms is None else f"app._PATIENCE_MS = {patience_ms}\n"
    return _START + {"live": _LIVE, "hanging": _HANGING}[kind] + patience + _END


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long the process takes to end when its window is closed.")
    parser.parse_args(arguments)
    result = {kind: closed(kind) for kind in BARS}
    print(json.dumps(result, indent=1))
    return 0 if all(one["exit_code"] == 0 and one["seconds"] <= BARS[kind] for kind, one in result.items()) else 1


def closed(kind: str) -> dict[str, float]:
    """Start, close, and wait for the end."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"LIVESWAPPING_CONFIG_DIR": folder, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", program(kind), folder]
        with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            running.stdout.readline()
            began = time.perf_counter()
            code = running.wait()
            return {"seconds": round(time.perf_counter() - began, 2), "exit_code": code}


if __name__ == "__main__":
    sys.exit(main())
