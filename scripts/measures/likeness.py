"""Who an independent recogniser takes the swapped person for.

The recogniser is dlib's (Davis King's ResNet, 128 numbers, people are told apart at a distance of 0.6), with the
weights that the package face_recognition_models carries. It lives in an environment of its own, made by
`make_recogniser`, and runs there as a program that is handed picture files; it is no dependency of the product.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from liveswapping.domain.face import Face, Identity
from liveswapping.domain.frame import F32, Image
from scripts.measures.bars import Bar
from scripts.measures.swapping import SwappedFrame, tracked

SAME_PERSON = 0.6
PACKAGES = (("dlib-bin", "face_recognition_models", "numpy"), ("dlib", "face_recognition_models", "numpy"))
"""What to try, in order: the ready build, then one that has to be compiled."""


def make_recogniser(folder: Path) -> Path:
    """Make the environment; answers its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = recogniser_python(folder)
    for packages in PACKAGES:
        if subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=False).returncode == 0:
            return python
    raise RuntimeError("neither dlib-bin nor dlib could be installed")


def recogniser_python(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def descriptors(python: Path, pictures: Sequence[tuple[Image, Face]]) -> F32:
    """(N, 128) what the recogniser makes of each face."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (image, _) in enumerate(pictures):
            cv2.imwrite(str(folder / f"{number:05}.png"), image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        (folder / "boxes.json").write_text(json.dumps([[float(v) for v in face.box] for _, face in pictures]))
        program = Path(__file__).with_name("recogniser.py")
        # -I: the modules beside the program are not those that it, or what it imports, means (`numbers`).
        subprocess.run([str(python), "-I", str(program), name], check=True)
        return np.asarray(np.load(folder / "descriptors.npy"), np.float32)


def likeness(python: Path, name: str, frames: Sequence[SwappedFrame], person: Identity) -> list[Bar]:
    """Share of frames taken for the source person, and the mean distance to the nearest of their photographs.

    A frame in which no face is found any more counts as not taken, at a distance of 1.
    """
    faces = tracked([frame.after for frame in frames], smooth=False)
    shown = [(frame.after, face) for frame, face in zip(frames, faces, strict=True) if face is not None]
    known = [(portrait.image, portrait.face) for portrait in person.portraits]
    found = descriptors(python, known + shown)
    source, clip = found[: len(known)], found[len(known) :]
    distance = np.linalg.norm(clip[:, None] - source[None], axis=2).min(axis=1)
    distance = np.append(distance, np.ones(len(frames) - len(shown)))
    return [
        Bar(f"4 likeness, frames under 0.6: {name}", float((distance < SAME_PERSON).mean()), 0.97, at_least=True),
        Bar(f"4 likeness, mean distance: {name}", float(distance.mean()), 0.47),
    ]
