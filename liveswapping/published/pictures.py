"""The published names for whole pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image


def process_image(source: Image | str | Path, target: Image | str | Path, model: str = "mesh") -> Image:
    """The picture `target` with its largest face become the person of the photograph `source`.

    Pictures are files, or uint8 H×W×3 BGR arrays; the answer is such an array, without a label:
    a program that shows or keeps it says of it that it was made. Raises NoFaceFound where either
    picture shows no face, SourceError where it cannot be read, SettingsError for a model
    that does not exist, ModelError where its weights are not here.
    """
    from liveswapping.build import identity_of, open_store, picture, refuse_unusable, swap_picture

    settings = replace(Settings(), model=model, label=False)
    refuse_unusable(settings)
    store = open_store(settings)
    identity = identity_of([("source", picture(source))], settings, store)
    return swap_picture(picture(target), identity, settings).image
