"""Where the packaged program begins: the window, or with words after it the command line.

The program is its own Python: what the product runs in child processes (`-c`, `-m`) and what multiprocessing spawns
comes through here, too.
"""

from __future__ import annotations

import multiprocessing
import runpy
import shutil
import sys
from pathlib import Path


def main() -> int:
    """Run what was asked for; answers the exit code."""
    multiprocessing.freeze_support()
    words = sys.argv[1:]
    if words[:1] == ["-c"] and len(words) > 1:
        sys.argv = ["-c", *words[2:]]
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
        return 0
    if words[:1] == ["-m"] and len(words) > 1:
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        return 0
    _unpack_models()
    from liveswapping.run import main as command_line

    return command_line(words or ["gui"])


def _unpack_models() -> None:
    """Put the built-in models, which came along, where models lie: that folder can be written to."""
    from liveswapping.inference.store import model_directory

    ours = Path(getattr(sys, "_MEIPASS", Path(__file__).parent)) / "models"
    folder = model_directory()
    for file in ours.glob("*.tflite"):
        if not (folder / file.name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f"{file.name}.part"
            shutil.copyfile(file, part)
            part.replace(folder / file.name)


if __name__ == "__main__":
    sys.exit(main())
