"""Runs another program: its output goes to a log, its progress to the terminal, its failure into one line."""

import os
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from liveswapping.inference.pip_output import cause
from scripts.front_door.errors import SetupError


def run_logged(
    command: Sequence[str], log: Path, tell: Callable[[str], None], *, doing: str, folder: Path | None = None
) -> None:
    """Run `command` to its end. Raises SetupError, "`doing` failed: cause (details: log)", when it fails.

    Everything it prints is appended to `log`; lines that tell its progress are shown through `tell`.
    """
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    with log.open("a", encoding="utf-8") as out:
        out.write(f"\n$ {' '.join(command)}\n")
        out.flush()
        start = out.tell()
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise SetupError(f"{doing} failed: {command[0]} cannot be started ({error.strerror})") from error
        try:
            _follow(process, out, tell)
            process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode:
        with log.open(encoding="utf-8") as text:
            text.seek(start)
            raise SetupError(f"{doing} failed: {cause(text.read())} (details: {log})")


def shown(line: str, item: str) -> tuple[str, str]:
    """What a line of pip's output says of its progress: the package at hand, and a text for the user ("": nothing)."""
    collecting = re.match(r"Collecting ([\w.-]+)", line)
    if collecting:
        return collecting[1], collecting[1]
    progress = re.match(r"Progress (\d+) of (\d+)", line)
    if progress:
        done, total = (int(number) / 1e6 for number in progress.groups())
        return item, f"{item} {done:.0f} of {total:.0f} MB".strip()
    download = re.match(r"\s+Downloading (\S+) \((.+)\)", line)
    if download:
        return item, f"{item} {download[2]}"
    installing = re.match(r"Installing collected packages: (.*)", line)
    if installing:
        count = installing[1].count(",") + 1
        return "", f"installing {count} package{'s' * (count > 1)}"
    return item, ""


def _follow(process: "subprocess.Popen[str]", log: TextIO, tell: Callable[[str], None]) -> None:
    """Log the program's lines until it closes its output, and keep telling how it stands while none comes."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
    item = text = ""
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            tell(text)
            continue
        if line is None:
            return
        if not line.startswith("Progress "):
            log.write(line)
        item, news = shown(line, item)
        text = news or text
        tell(text)


def _pump(stream: TextIO, lines: "queue.SimpleQueue[str | None]") -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(None)
