"""What `run.py` was asked for, and in which Python it runs."""

import os
import sys
from pathlib import Path

from scripts.front_door.environment import ROOT, Environment
from scripts.front_door.errors import SetupError

_INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Set up where needed, then run the command in the environment. Answers the exit code, or never returns."""
    words = [word for word in arguments if word != "--no-venv"]
    environment = Environment(own="--no-venv" not in arguments)
    command = words[0] if words else ""
    try:
        if not environment.ready(developer=command == "test") or command == "setup":
            if command in ("-h", "--help"):
                return _product(words)
            _set_up(environment, developer=command == "test")
        return _run(environment, command, words)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our output has gone; Python would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(environment: Environment, command: str, words: list[str]) -> int:
    if command == "setup":
        print("LiveSwapping is set up.")
        return 0
    if command == "test":
        _remind()
        return _hand_over([environment.python, "-m", "pytest", *words[1:]], ROOT)
    if environment.is_this_python:
        return _product(words)
    return _hand_over([environment.python, str(ROOT / "run.py"), *words])


def _remind() -> None:
    """Of the terms, where nobody has agreed to them; nobody is asked for a test."""
    from liveswapping.provenance.consent import NOTICE, given

    if not given():
        print(NOTICE, file=sys.stderr)


def _set_up(environment: Environment, *, developer: bool) -> None:
    from scripts.front_door.setting_up import set_up

    try:
        set_up(environment, developer=developer)
    except KeyboardInterrupt:
        print("error: set-up was interrupted; run it again and it goes on", file=sys.stderr)
        sys.exit(_INTERRUPTED)


def _product(words: list[str]) -> int:
    from liveswapping.run import main as product

    return product(words)


def _hand_over(command: list[str], folder: Path | None = None) -> int:
    """Become `command`. Windows knows no exec: there it runs as a child, and its exit code is ours."""
    if folder is not None:
        os.chdir(folder)
    sys.stdout.flush()
    if _replaces_itself():
        os.execv(command[0], command)
    import subprocess

    with subprocess.Popen(command) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue  # the child got it too, and decides


def _replaces_itself() -> bool:
    return os.name == "posix"
