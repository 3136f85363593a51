"""How fast the window opens, how late its picture is, and whether it keeps its memory.

`python scripts/gui_endurance.py` (under Xvfb: `xvfb-run -s "-screen 0 1920x1080x24" python scripts/gui_endurance.py`)
opens the real window and plays a small clip of many frames a second live, so that --frames of them pass soon; meanwhile
all pages are visited in turn, the second window opens and closes, and the face changes. Memory is read all along: what
it grows by in the last three quarters counts. How late the picture is is measured before that, with nothing else going
on, at --fps of 720p.
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
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.main_window import MainWindow

_SECONDS = 10.0
"""For which the lateness of pictures is watched."""
_FAST = 120
"""Frames a second of the small clip."""
_SHARES = {"p50": 0.5, "p95": 0.95, "max": 1.0}
_TURN_S = 1.0
_PATIENCE_S = 600.0
_LATE_MS = 20.0
_GROWTH_MB = 10.0
_OPENED_S = 1.5
_START = """
import sys, time
began = time.perf_counter()
from PySide6.QtWidgets import QApplication
app = QApplication(["x"])
from gui.app import make_window
window = make_window(app)
window.show()
app.processEvents()
print(time.perf_counter() - began)
print([name for name in ("torch", "onnxruntime", "cv2", "insightface") if name in sys.modules], flush=True)
import os
os._exit(0)
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print. Exit code 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description="How fast the window opens, how late its picture is, what it holds.")
    parser.add_argument("--frames", type=int, default=20_000, help="frames of the long run (default 20000; 0: none)")
    parser.add_argument("--fps", type=int, default=30, help="frames a second while lateness is measured (default 30)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        os.environ["LIVESWAPPING_CONFIG_DIR"] = str(Path(name) / "config")
        opened = _opened()
        calm, fast = Path(name) / "calm.mp4", Path(name) / "fast.mp4"
        _write(calm, (1280, 720), options.fps, round((_SECONDS + 5) * options.fps))
        if options.frames:
            _write(fast, (320, 240), _FAST, options.frames + 5 * _FAST)
        result = _measure(calm, fast, options.frames)
    print(json.dumps({"opened_s": opened, **result}, indent=1))
    late, growth = float(str(result["late_p95_ms"])), float(str(result.get("grown_mb", 0.0)))
    return 0 if late <= _LATE_MS and growth <= _GROWTH_MB and opened <= _OPENED_S else 1


def _opened() -> float:
    """Seconds from nothing to the window, in a process of its own. Raises RuntimeError where it brings a runtime."""
    command = [sys.executable, "-c", _START]
    times = []
    for _ in range(3):
        answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        took, heavy = answer.stdout.splitlines()
        if heavy != "[]":
            raise RuntimeError(f"the window brings {heavy}")
        times.append(float(took))
    return round(sorted(times)[1], 3)


def _write(path: Path, size: tuple[int, int], fps: int, frames: int) -> None:
    """A clip of the demo, made in another process: this one is to begin with nothing imported."""
    program = (
        "from liveswapping.build import open_store; from liveswapping.domain.settings import Settings;"
        "from liveswapping.faces.builtin import builtin_analysers; from liveswapping.media.demo import DemoSource;"
        "from liveswapping.media.info import SourceInfo; from liveswapping.media.recorder import VideoRecorder;"
        "from liveswapping.domain.frame import Frame; from fractions import Fraction as F\n"
        "analyser = builtin_analysers()['mediapipe'].still(open_store(Settings()).path)\n"
        f"source = DemoSource(analyser, size={size}, seconds=60)\n"
        f"info = SourceInfo('clip', {size[0]}, {size[1]}, F({fps}))\n"
        f"recorder = VideoRecorder({str(path)!r}, info, preset='ultrafast')\n"
        f"images = [source.read(1).image for _ in range({min(frames, 240)})]\n"
        f"for i in range({frames}):\n"
        f" recorder.write(Frame(images[i % len(images)], i, i / {fps}, F(i, {fps})))\n"
        "recorder.close(); analyser.close()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, stderr=subprocess.DEVNULL)


def _measure(calm: Path, fast: Path, frames: int) -> dict[str, object]:
    from PySide6.QtWidgets import QApplication

    from gui.app import make_window
    from gui.interpreter import settle

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    window = make_window(app)
    window.ready.connect(settle)
    window.show()
    window.desk.preferences.change(consented=True, camera=str(calm))
    window.first.agreed.emit()
    window.begin()
    _turn(app, _PATIENCE_S, window.live.start.isEnabled)
    result = _lateness(app, window)
    if frames:
        window.desk.preferences.change(camera=str(fast))
        result |= _memory(app, window, frames)
    window.close()
    _turn(app, _PATIENCE_S, lambda: not window.tasks.running and window.session.status is None)
    return result


def _lateness(app: QApplication, window: MainWindow) -> dict[str, object]:
    preview = window.live.preview
    window.live.toggle()
    _turn(app, _PATIENCE_S, lambda: preview.has_picture)
    _turn(app, 2)
    preview.measuring = True
    _turn(app, _SECONDS)
    preview.measuring = False
    ages = sorted(1000 * age for age in preview.ages)
    status = window.session.status
    window.live.toggle()
    _turn(app, _PATIENCE_S, lambda: window.session.status is None)
    spread = {f"late_{name}_ms": round(ages[int(share * (len(ages) - 1))], 2) for name, share in _SHARES.items()}
    return {**spread, "pictures": len(ages), "fps": None if status is None else round(status.fps, 1)}


def _memory(app: QApplication, window: MainWindow, frames: int) -> dict[str, object]:
    from liveswapping.inference.process_memory import resident_bytes

    window.live.toggle()
    _turn(app, _PATIENCE_S, lambda: window.session.status is not None)
    seen: list[tuple[int, float]] = []
    turn = 0
    while (status := window.session.status) is not None and status.frames_read + status.dropped < frames:
        _act(window, turn)
        _turn(app, _TURN_S)
        seen.append((status.frames_read + status.dropped, resident_bytes() / 2**20))
        turn += 1
    late = seen[len(seen) // 4 :]
    width = max(1, len(late) // 5)
    first, last = late[:width], late[-width:]
    grown = sum(mb for _, mb in last) / width - sum(mb for _, mb in first) / width
    return {
        "frames": seen[-1][0],
        "delivered": 0 if status is None else status.frames_delivered,
        "pages_visited": turn,
        "memory_mb": [round(mb) for _, mb in seen[:: max(1, len(seen) // 12)]],
        "grown_mb": round(grown, 1),
    }


def _act(window: MainWindow, turn: int) -> None:
    """Something else that a user does, each second."""
    keys = window.keys_of_pages
    window.show_page(keys[turn % len(keys)])
    if turn % len(keys) == 0:
        window.show_detached(turn // len(keys) % 2 == 0)
        people = window.desk.people.all
        window.desk.people.choose(people[turn // len(keys) % len(people)].key)
        window.live.bar.compare.click()


def _turn(app: QApplication, seconds: float, until: object = None) -> None:
    """Let the window work for so long, or until something is so."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends and not (callable(until) and until()):
        app.processEvents()
        time.sleep(0.002)
    if callable(until) and not until():
        raise TimeoutError(f"nothing came within {seconds:g} s")


if __name__ == "__main__":
    sys.exit(main())
