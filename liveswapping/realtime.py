"""A camera's picture, swapped live.

These are the published names of `core.realtime`. `python -m liveswapping.run realtime …` does the same as `main`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from liveswapping import run as program
from liveswapping.cli.parser import namespace, words_of
from liveswapping.domain.errors import NoFaceFound
from liveswapping.published.colours import apply_color_transfer as apply_color_transfer
from liveswapping.published.faces import create_source_latent as create_source_latent
from liveswapping.published.faces import swap_face as swap_face
from liveswapping.published.frames import process_frame as process_frame
from liveswapping.published.models import load_model as _load_model

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Swapper
    from liveswapping.inference.onnx_dfm import OnnxDfm
    from liveswapping.inference.torch_swap import TorchSwap
    from liveswapping.published.frames import Model
    from liveswapping.published.models import OnnxSwapModel


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The words of `realtime` as attributes; `argv` defaults to the words after the program's name.

    Raises UsageError and SettingsError.
    """
    return namespace("realtime", sys.argv[1:] if argv is None else argv)


def main(args: argparse.Namespace | Sequence[str] | None = None) -> int:
    """Run `realtime` with words, or with what parse_arguments answered; the exit code: 0 done, 1 failed, 2 misused."""
    words = words_of("realtime", args) if isinstance(args, argparse.Namespace) else args
    return program.main(["realtime", *(sys.argv[1:] if words is None else words)])


def cli(argv: Sequence[str] | None = None) -> int:
    """The same as `main` with words."""
    return main(argv)


def load_model(path: str, provider_type: str | None = None) -> TorchSwap | OnnxSwapModel | OnnxDfm:
    """As liveswapping.load_model."""
    return _load_model(path, True, provider_type)


def start_processing(
    model: str | Model, camera_id: int | str | None = 0, source: str | None = None, **flags: object
) -> int:
    """Swap a camera's picture in a window until it is closed; the exit code. Never raises.

    `model`: a name or path, or what load_model answered with, which stays the caller's. `source`: a photograph of the
    person to become. `flags`: further flags of `realtime` without their dashes, such as `no_window=True` or, with
    `camera_id=None`, `target="clip.mp4"`.
    """
    given = {"source": source, "camera_id": camera_id, **flags}
    words = ["realtime"]
    for name, value in given.items():
        if value is not None and value is not False:
            words.append(f"--{name}" if value is True else f"--{name}={value}")
    if isinstance(model, str):
        return program.main([*words, f"--model={model}"])
    return program.main(words, swapper=lambda: _swapper(model, source))


def _swapper(model: Model, source: str | None) -> Swapper:
    """The model, for what the source's photograph shows. Raises SourceError, ModelError and NoFaceFound."""
    from liveswapping.build import picture
    from liveswapping.published.frames import CalledSwapper

    latent = create_source_latent(picture(str(source)))
    if latent is None:
        raise NoFaceFound(f"no face was found in {source}; use a photograph that shows the face from the front")
    return CalledSwapper(model, latent)
