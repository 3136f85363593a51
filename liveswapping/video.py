"""A clip in, a clip out.

These are the published names of `core.video`. `python -m liveswapping.run video …` does the same as `main`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from liveswapping import run as program
from liveswapping.cli.parser import namespace, words_of
from liveswapping.published.colours import apply_color_transfer as apply_color_transfer
from liveswapping.published.faces import create_source_latent as create_source_latent
from liveswapping.published.faces import swap_face as swap_face
from liveswapping.published.models import load_model as _load_model

if TYPE_CHECKING:
    from liveswapping.inference.onnx_dfm import OnnxDfm
    from liveswapping.inference.torch_swap import TorchSwap
    from liveswapping.published.models import OnnxSwapModel


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The words of `video` as attributes; `argv` defaults to the words after the program's name.

    Raises UsageError and SettingsError.
    """
    return namespace("video", sys.argv[1:] if argv is None else argv)


def main(args: argparse.Namespace | Sequence[str] | None = None) -> int:
    """Run `video` with words, or with what parse_arguments answered; the exit code: 0 done, 1 failed, 2 misused."""
    words = words_of("video", args) if isinstance(args, argparse.Namespace) else args
    return program.main(["video", *(sys.argv[1:] if words is None else words)])


def cli(argv: Sequence[str] | None = None) -> int:
    """The same as `main` with words."""
    return main(argv)


def load_model(path: str, provider_type: str | None = None) -> TorchSwap | OnnxSwapModel | OnnxDfm:
    """As liveswapping.load_model."""
    return _load_model(path, True, provider_type)
