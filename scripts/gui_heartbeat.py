"""How long the window's thread is busy or blocked while live: `python scripts/gui_heartbeat.py [--seconds N]`.

Opens the real window (under Xvfb: `xvfb-run -s "-screen 0 1920x1080x24" python scripts/gui_heartbeat.py`), plays a
clip of 1080p live, and meanwhile visits every page, moves sliders, changes the face, records, compares, and downloads
from a server on this machine. A timer beats every 2 ms; what it comes late is what the thread was busy or blocked.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.main_window import MainWindow

_BEAT_MS = 2
_SIZE = (1920, 1080)
_PAUSE_S = 0.6
"""Between two things that a user does."""
_WEIGHTS = bytes(1 << 20) * 64


class Heart:
    """A timer on the window's thread, and how late each of its beats was, in milliseconds."""

    def __init__(self, app: QApplication) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: list[float] = []
        self.worst: list[tuple[float, str]] = []
        self.finished: tuple[list[float], list[tuple[float, str]]] = [], []
        """`late` and `worst` when the measurement ended."""
        self.doing = ""
        self._last = time.perf_counter()
        self._timer = QTimer(app)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def again(self) -> list[float]:
        """Begin anew; answers what was measured until now."""
        late, self.late, self.worst = self.late, [], []
        return late

    def _beat(self) -> None:
        now = time.perf_counter()
        late = max(0.0, 1000 * (now - self._last) - _BEAT_MS)
        self._last = now
        self.late.append(late)
        self.worst = sorted([*self.worst, (late, self.doing)], reverse=True)[:5]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print. Exit code 1 where a bar is missed: 16 ms at p99, 50 ms at most."""
    parser = argparse.ArgumentParser(description="How long the window's thread is busy or blocked while live.")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to stay live (default 30)")
    parser.add_argument("--clip", type=Path, help="a clip to play; without it one of the demo at 1080p is made")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip, face = options.clip or _clip(folder, options.seconds + 8), _photograph(folder)
        os.environ["LIVESWAPPING_CONFIG_DIR"] = str(folder / "config")
        result = _measure(folder, clip, face, options.seconds)
    print(json.dumps(result, indent=1))
    return 0 if float(str(result["p99_ms"])) <= 16 and float(str(result["max_ms"])) <= 50 else 1


def _measure(folder: Path, clip: Path, face: Path, seconds: float) -> dict[str, object]:
    from PySide6.QtWidgets import QApplication

    from gui.app import make_window
    from gui.interpreter import settle

    began = time.perf_counter()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    window = make_window(app)
    window.show()
    app.processEvents()
    opened = time.perf_counter() - began
    heart = Heart(app)
    desk = window.desk
    desk.preferences.change(consented=True, camera=str(clip))
    desk.preferences.keep_folder("recordings", folder)
    window.first.agreed.emit()
    window.ready.connect(settle)
    window.begin()
    _wait(app, window.live.start.isEnabled, 120)
    imports = heart.again()
    window.live.toggle()
    _wait(app, lambda: window.live.preview.has_picture, 120)
    starting = heart.again()
    window.live.preview.measuring = True
    _busy(app, window, heart, face, seconds)
    live, worst = heart.finished
    status, ages = window.session.status, sorted(1000 * age for age in window.live.preview.ages)
    closing = time.perf_counter()
    gone: list[bool] = []
    window.closed.connect(lambda: gone.append(True))
    window.close()
    _wait(app, lambda: bool(gone), 60)
    return {
        "opened_s": round(opened, 3),
        "imports_max_ms": round(max(imports), 1),
        "longest_imports_ms": dict(sorted(window.imports.items(), key=lambda one: -one[1])[:5]),
        "starting": _spread(starting),
        "beats": len(live),
        **_spread(live),
        "worst": [f"{late:.1f} ms: {doing}" for late, doing in worst],
        "preview_after_frame_ms": {"p50": _at(ages, 0.5), "p95": _at(ages, 0.95), "max": _at(ages, 1.0)},
        "fps": None if status is None else round(status.fps, 1),
        "frames": None if status is None else status.frames_delivered,
        "closed_s": round(time.perf_counter() - closing, 2),
        "platform": app.platformName(),
    }


def _busy(app: QApplication, window: MainWindow, heart: Heart, face: Path, seconds: float) -> None:
    """Do everything that a user does while live, one thing after the other, for so long."""
    ends = time.perf_counter() + seconds
    with _server() as address:
        _offer(window, address)
        for doing, action in _actions(window, face):
            heart.doing = doing
            action()
            _wait(app, lambda: False, _PAUSE_S, quiet=True)
            if time.perf_counter() > ends:
                break
        heart.finished = list(heart.late), heart.worst  # ending the server waits on this thread


def _actions(window: MainWindow, face: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    live = window.live
    yield "change of face", lambda: live.face.take_files([str(face)])
    yield "recording", live.output.toggle_recording
    yield "download", lambda: _fetch(window)
    turn = 0
    while True:
        for key in window.keys_of_pages:
            yield f"page {key}", partial(window.show_page, key)
        yield "page live", lambda: window.show_page("live")
        for value in range(0, 101, 20):
            yield "slider", partial(live.look.sliders["opacity"].line.setValue, value)
        yield "compare", live.bar.compare.click
        yield "figures", live.bar.figures.click
        yield "second window", lambda: window.show_detached(True)
        yield "second window closes", lambda: window.show_detached(False)
        yield "change of face", partial(_become, window, turn)
        yield "recording", live.output.toggle_recording
        yield "download", lambda: _fetch(window)
        turn += 1


def _become(window: MainWindow, turn: int) -> None:
    people = window.desk.people
    people.choose(people.all[turn % len(people.all)].key)


def _fetch(window: MainWindow) -> None:
    from gui.pages.models import ModelsPage

    page = window.page("models")
    if isinstance(page, ModelsPage) and "reswapper128" in page.rows:
        page.fetch("reswapper128")


def _offer(window: MainWindow, address: str) -> None:
    """Let a model come from a server on this machine."""
    import liveswapping.build
    from liveswapping.inference.catalog import CATALOG, Url
    from liveswapping.inference.store import Store

    ours = liveswapping.build.open_store(window.live.settings).directory
    folder = Path(window.desk.preferences.values.folders["recordings"]) / "models"
    folder.mkdir()
    for file in ours.glob("*.tflite"):
        (folder / file.name).symlink_to(file)
    model = replace(CATALOG["reswapper128"], source=Url(address), sha256=None)
    store = Store(folder, {**CATALOG, "reswapper128": model})
    vars(liveswapping.build)["open_store"] = lambda _settings: store


class _Weights(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Send the file."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(_WEIGHTS)))
        self.end_headers()
        self.wfile.write(_WEIGHTS)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _server:  # noqa: N801 - used as a function
    def __enter__(self) -> str:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Weights)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/weights.pth"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _clip(folder: Path, seconds: float) -> Path:
    """A 1080p clip of the demo, made in another process: this one is to begin with nothing imported."""
    import subprocess

    path = folder / "clip.mp4"
    program = (
        "import sys; from liveswapping.build import open_store; from liveswapping.domain.settings import Settings;"
        "from liveswapping.faces.builtin import builtin_analysers; from liveswapping.media.demo import DemoSource;"
        "from liveswapping.media.recorder import VideoRecorder; from liveswapping.domain.errors import EndOfStream\n"
        "analyser = builtin_analysers()['mediapipe'].still(open_store(Settings()).path)\n"
        f"source = DemoSource(analyser, size={_SIZE}, seconds={min(seconds, 60)})\n"
        f"recorder = VideoRecorder({str(path)!r}, source.info, preset='ultrafast')\n"
        "try:\n while True: recorder.write(source.read(1))\n"
        "except EndOfStream: recorder.close(); analyser.close()\n"
    )
    root = Path(__file__).resolve().parents[1]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root, stderr=subprocess.DEVNULL)
    return path


def _photograph(folder: Path) -> Path:
    from importlib.util import find_spec

    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    path = folder / "face.png"
    path.write_bytes((Path(spec.origin).parent / "data" / "astronaut.png").read_bytes())
    return path


def _wait(app: QApplication, until: Callable[[], bool], seconds: float, *, quiet: bool = False) -> None:
    """Let the window work. Raises TimeoutError after `seconds`, unless `quiet`."""
    from PySide6.QtCore import QEventLoop, QTimer

    ends = time.perf_counter() + seconds
    loop = QEventLoop(app)
    watch = QTimer(loop)
    watch.timeout.connect(lambda: loop.quit() if until() or time.perf_counter() > ends else None)
    watch.start(20)
    loop.exec()
    watch.stop()
    if not quiet and not until():
        raise TimeoutError


def _spread(late: list[float]) -> dict[str, float]:
    ordered = sorted(late)
    return {"p50_ms": _at(ordered, 0.5), "p99_ms": _at(ordered, 0.99), "max_ms": _at(ordered, 1.0)}


def _at(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


if __name__ == "__main__":
    sys.exit(main())
