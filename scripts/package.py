"""Makes the program that needs no Python: `python scripts/package.py [FOLDER]`, and tries it where there is a display.

Needs PyInstaller (`pip install pyinstaller`) beside everything that the program needs, and the built-in models. Prints
the size, and, under X (`xvfb-run`), how long the window takes to come and how the program ends. Not run by CI.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NAME = "LiveSwapping"
_PATIENCE_S = 60.0


def main(arguments: list[str] | None = None) -> int:
    """Build, try, print. Answers the exit code: 1 where the program does not open its window or does not end."""
    parser = argparse.ArgumentParser(description="Make the program that needs no Python.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where to (default: dist)")
    parser.add_argument("--try-only", action="store_true", help="try what was made before")
    options = parser.parse_args(arguments)
    if not options.try_only:
        build(options.folder)
    program = options.folder / _NAME / (f"{_NAME}.exe" if os.name == "nt" else _NAME)
    facts: dict[str, object] = {"megabytes": round(_bytes(program.parent) / 1e6)}
    with tempfile.TemporaryDirectory() as config:
        environment = os.environ | {"LIVESWAPPING_CONFIG_DIR": config}
        facts["help_s"] = _timed([str(program), "--help"], environment)
        if os.environ.get("DISPLAY") and shutil.which("xwininfo"):
            facts |= {f"start_{kind}": try_window(program, environment) for kind in ("cold", "warm")}
    print(json.dumps(facts, indent=1))
    return 0 if all(value for value in facts.values()) else 1


def build(folder: Path) -> None:
    """Run PyInstaller over the recipe."""
    with tempfile.TemporaryDirectory() as work:
        words = [
            "--noconfirm",
            "--distpath",
            str(folder),
            "--workpath",
            work,
            str(ROOT / "packaging/liveswapping.spec"),
        ]
        subprocess.run([sys.executable, "-m", "PyInstaller", *words], check=True)


def try_window(program: Path, environment: dict[str, str]) -> dict[str, object]:
    """Start it, wait for its window, and ask it to end."""
    began = time.perf_counter()
    running = subprocess.Popen([str(program)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _has_window():
            if running.poll() is not None or time.perf_counter() - began > _PATIENCE_S:
                return {"window_s": None, "exit_code": running.poll()}
            time.sleep(0.02)
        window_s = round(time.perf_counter() - began, 2)
        time.sleep(3)  # what it imports beside the window
        asked = time.perf_counter()
        running.terminate()
        code = running.wait(_PATIENCE_S)
        return {"window_s": window_s, "exit_code": code, "ended_s": round(time.perf_counter() - asked, 2)}
    finally:
        running.kill()


def _has_window() -> bool:
    answer = subprocess.run(["xwininfo", "-name", _NAME], capture_output=True, text=True, check=False)
    return "IsViewable" in answer.stdout


def _timed(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return round(time.perf_counter() - began, 2)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
