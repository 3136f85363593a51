"""A picture in, a picture out.

These are the published names of `core.Image`. `python -m liveswapping.run image …` does the same as `main`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from liveswapping import run as program
from liveswapping.cli.parser import namespace, words_of
from liveswapping.published.pictures import process_image as process_image


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The words of `image` as attributes; `argv` defaults to the words after the program's name.

    Raises UsageError and SettingsError.
    """
    return namespace("image", sys.argv[1:] if argv is None else argv)


def main(args: argparse.Namespace | Sequence[str] | None = None) -> int:
    """Run `image` with words, or with what parse_arguments answered; the exit code: 0 done, 1 failed, 2 misused."""
    words = words_of("image", args) if isinstance(args, argparse.Namespace) else args
    return program.main(["image", *(sys.argv[1:] if words is None else words)])


def cli(argv: Sequence[str] | None = None) -> int:
    """The same as `main` with words."""
    return main(argv)
