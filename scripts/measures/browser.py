"""A headless Chromium that watches the page of the live picture, and notes which frame it shows when."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scripts.measures.numbers import BITS, ROWS

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_WATCH = f"""
window.seen = [];
const canvas = document.createElement('canvas');
const pen = canvas.getContext('2d', {{willReadFrequently: true}});
function look() {{
  const image = document.querySelector('img');
  if (image.naturalWidth) {{
    canvas.width = image.naturalWidth; canvas.height = 1;
    pen.drawImage(image, 0, image.naturalHeight - {ROWS // 2}, image.naturalWidth, 1, 0, 0, image.naturalWidth, 1);
    const row = pen.getImageData(0, 0, canvas.width, 1).data;
    let number = 0;
    for (let i = 0; i < {BITS}; i++)
      number += (row[4 * Math.floor((i + 0.5) * canvas.width / {BITS}) + 1] > 128 ? 1 : 0) * 2 ** i;
    if (!window.seen.length || window.seen[window.seen.length - 1][0] !== number)
      window.seen.push([number, performance.timeOrigin + performance.now()]);
  }}
  requestAnimationFrame(look);
}}
look(); true
"""


class Browser:
    """Opens `url` and watches its picture until `close`."""

    def __init__(self, url: str) -> None:
        """Raises OSError where there is no Chromium or it does not start."""
        from websockets.sync.client import connect

        program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
        if program is None:
            raise FileNotFoundError("there is no Chromium here")
        self._opened = ExitStack()
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        self._process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={folder}", url],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._opened.callback(self._end)
        port = self._port(folder / "DevToolsActivePort")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            page = next(one for one in json.load(answer) if one["type"] == "page")
        self._socket = self._opened.enter_context(connect(page["webSocketDebuggerUrl"], max_size=None))
        self._calls = 0
        self._await(lambda: self._evaluate("document.querySelector('img') !== null"))
        self._evaluate(_WATCH)

    def seen(self) -> list[tuple[int, float]]:
        """Numbers of the frames that it has shown, and when, by `time.time()`."""
        return [(int(number), moment / 1000) for number, moment in self._evaluate("window.seen")]

    def close(self) -> None:
        """End it."""
        self._opened.close()

    def _evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever JavaScript answers
        self._calls += 1
        parameters = {"expression": expression, "returnByValue": True}
        self._socket.send(json.dumps({"id": self._calls, "method": "Runtime.evaluate", "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._calls:
                return answer["result"]["result"].get("value")

    def _port(self, file: Path) -> int:
        self._await(lambda: file.exists() and file.read_text(encoding="utf-8").strip())
        return int(file.read_text(encoding="utf-8").splitlines()[0])

    @staticmethod
    def _await(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("Chromium does not start")
            time.sleep(0.05)

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait()
