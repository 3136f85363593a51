"""All checks with one command: `python scripts/check.py [--fix] [--skip NAME …]`. CI runs the same.

Exit code 0: all hold. The tools come from `.venv` when `python run.py test` has set it up, else from this Python.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS = {
    "format": ("ruff", "format", "--check"),
    "lint": ("ruff", "check"),
    "types": ("mypy",),
    "layers": ("importlinter.cli",),
    "tests": ("pytest", "--quiet"),
}
"""Name: the module that Python runs, and its arguments."""
FIXES = {"format": ("ruff", "format"), "lint": ("ruff", "check", "--fix")}


def main(arguments: list[str] | None = None) -> int:
    """Run the checks that were not skipped, all of them even when one fails. Answers the exit code."""
    parser = argparse.ArgumentParser(description="Run all checks.")
    parser.add_argument("--fix", action="store_true", help="let ruff change what it can")
    parser.add_argument("--skip", nargs="+", default=[], choices=tuple(CHECKS), help="leave these out")
    options = parser.parse_args(arguments)
    python = _python()
    results: dict[str, bool] = {}
    for name, command in CHECKS.items():
        if name not in options.skip:
            results[name] = _holds(name, python, FIXES.get(name, command) if options.fix else command)
    print("\n" + ", ".join(f"{name}: {'ok' if holds else 'FAILED'}" for name, holds in results.items()))
    return 0 if all(results.values()) else 1


def _holds(name: str, python: str, command: tuple[str, ...]) -> bool:
    print(f"--- {name}: {' '.join(command)}", flush=True)
    began = time.monotonic()
    holds = subprocess.run(_program(python, command), cwd=ROOT, env=_environment(), check=False).returncode == 0
    print(f"--- {name}: {'ok' if holds else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True)
    return holds


def _program(python: str, command: tuple[str, ...]) -> list[str]:
    module, *rest = command
    if module == "importlinter.cli":
        return [python, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return [python, "-m", module, *rest]


def _environment() -> dict[str, str]:
    """The import linter finds the packages in the checkout; Qt needs no display."""
    return os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}


def _python() -> str:
    sys.path.insert(0, str(ROOT))
    from scripts.front_door.environment import Environment

    own = Environment(own=True)
    return own.python if own.ready(developer=True) else sys.executable


if __name__ == "__main__":
    sys.exit(main())
