"""People as files: the photographs of one person, what an analyser found in them, and the embeddings.

A file is a NumPy archive (.npz) of plain arrays and one JSON text; nothing in it can be executed. Photographs are kept
without loss, cut to the face and what engines look at around it, so a person that is loaded looks as the first time.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import SourceError
from liveswapping.domain.face import Face, Identity, Portrait
from liveswapping.domain.frame import F32, Image, Mask, Region
from liveswapping.media.part_file import PartFile, writing

SUFFIX: Final = ".identity"
_FORMAT: Final = "liveswapping identity 1"
_AROUND: Final = 0.75
"""How much of a photograph is kept on each side of the face, in its longer sides: hair, and what the light falls on."""
_LARGEST: Final = 1 << 30
"""Bytes that a file may unpack to."""
_MESH_POINTS: Final = 478
_EMBEDDING: Final = 512

Arrays = Mapping[str, NDArray[Any]]


def write_identity(path: Path, identity: Identity) -> None:
    """Write a person, whole or not at all. Raises SinkError."""
    arrays: dict[str, NDArray[Any]] = {}
    rows = [_packed(_cut(portrait), f"{index}.", arrays) for index, portrait in enumerate(identity.portraits)]
    header = {"format": _FORMAT, "name": identity.name, "portraits": rows}
    buffer = io.BytesIO()
    np.savez(buffer, header=_bytes(json.dumps(header).encode()), **arrays)  # type: ignore[arg-type]
    part = PartFile(path)
    try:
        with writing(path):
            part.path.write_bytes(buffer.getvalue())
        part.commit()
    finally:
        part.discard()


def read_identity(path: Path) -> Identity:
    """The person of a file. Raises SourceError where it is missing, damaged or none of ours."""
    if not path.is_file():
        raise SourceError(f"there is no saved identity '{path}'; `identities list` shows what there is")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ValueError("it unpacks to more than 1 GB")
        with np.load(path, allow_pickle=False) as arrays:
            header = json.loads(bytes(arrays["header"]))
            if header["format"] != _FORMAT:
                raise ValueError(f"its format is '{header['format']}'")
            rows = enumerate(header["portraits"])
            portraits = tuple(_unpacked(row, f"{index}.", arrays) for index, row in rows)
            if not portraits:
                raise ValueError("it shows nobody")
            return Identity(str(header["name"]), portraits)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, cv2.error) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"'{path}' is no saved identity that can be read ({why}); save it again") from None


def _cut(portrait: Portrait) -> Portrait:
    """`portrait` without what lies far from the face."""
    height, width = portrait.image.shape[:2]
    box = portrait.face.box
    reach = _AROUND * float(max(box[2] - box[0], box[3] - box[1]))
    left, top = (max(0, int(edge - reach)) for edge in box[:2])
    right, bottom = min(width, int(box[2] + reach) + 1), min(height, int(box[3] + reach) + 1)
    return _moved(replace(portrait, image=portrait.image[top:bottom, left:right]), -left, -top)


def _moved(portrait: Portrait, x: int, y: int) -> Portrait:
    face, visible, shift = portrait.face, portrait.visible, np.array([x, y], np.float32)
    mesh = None if face.mesh is None else face.mesh + np.array([x, y, 0], np.float32)
    moved = replace(face, box=face.box + np.tile(shift, 2), keypoints=face.keypoints + shift, mesh=mesh)
    if visible is not None:
        region = replace(visible.region, left=visible.region.left + x, top=visible.region.top + y)
        visible = Mask(region, visible.values)
    return Portrait(portrait.image, moved, visible)


def _packed(portrait: Portrait, prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Put what a portrait is made of into `arrays`; answers with what goes into the header."""
    face, visible = portrait.face, portrait.visible
    arrays[prefix + "image"] = _png(portrait.image)
    arrays[prefix + "box"], arrays[prefix + "keypoints"] = face.box, face.keypoints
    for name, values in (("mesh", face.mesh), ("embedding", face.embedding)):
        if values is not None:
            arrays[prefix + name] = values
    if visible is None:
        return {"score": float(face.score), "visible": None}
    arrays[prefix + "visible"] = visible.values
    region = visible.region
    return {"score": float(face.score), "visible": [region.left, region.top, region.width, region.height]}


def _unpacked(row: Mapping[str, Any], prefix: str, arrays: Arrays) -> Portrait:
    def numbers(name: str, *shape: int) -> F32:
        values = np.asarray(arrays[prefix + name])
        if values.shape != shape or values.dtype.kind != "f" or not np.isfinite(values).all():
            raise ValueError(f"{prefix}{name} is not {'×'.join(map(str, shape))} finite numbers")
        return values.astype(np.float32)

    def optional(name: str, *shape: int) -> F32 | None:
        return numbers(name, *shape) if prefix + name in arrays else None

    mesh, embedding = optional("mesh", _MESH_POINTS, 3), optional("embedding", _EMBEDDING)
    face = Face(numbers("box", 4), numbers("keypoints", 5, 2), float(row["score"]), mesh, embedding)
    visible = None
    if row["visible"] is not None:
        region = Region(*(int(number) for number in row["visible"]))
        visible = Mask(region, numbers("visible", region.height, region.width))
    return Portrait(_picture(arrays[prefix + "image"]), face, visible)


def _png(image: Image) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".png", np.ascontiguousarray(image))
    return np.asarray(data, np.uint8).reshape(-1)


def _picture(data: NDArray[Any]) -> Image:
    image = cv2.imdecode(np.asarray(data, np.uint8).reshape(-1), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("a photograph in it cannot be decoded")
    return np.ascontiguousarray(image, np.uint8)


def _bytes(text: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(text, np.uint8)
