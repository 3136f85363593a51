"""Runs in the recogniser's own environment: `recogniser.py FOLDER` describes the faces of FOLDER's pictures.

FOLDER holds 00000.png … and boxes.json, one face (x1, y1, x2, y2) for each picture; written is descriptors.npy. dlib
looks for the face itself; where it finds none at the box, the box is taken, with the forehead cut off as dlib's are.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import dlib  # type: ignore[import-not-found]
import numpy as np


def models() -> Path:
    """The folder of the published weights; the package itself needs setuptools to be imported, its files do not."""
    found = find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("face_recognition_models is not installed here")
    return Path(found.submodule_search_locations[0]) / "models"


def found_at(detect: dlib.fhog_object_detector, image: np.ndarray, box: list[float]) -> dlib.rectangle:
    """The detection around the middle of `box`, in the picture or in one twice as large; or else the box."""
    middle = dlib.point(round((box[0] + box[2]) / 2), round((box[1] + box[3]) / 2))
    for enlarged in (0, 1):
        around = [found for found in detect(image, enlarged) if found.contains(middle)]
        if around:
            return max(around, key=lambda found: found.area())
    return dlib.rectangle(round(box[0]), round(box[1] + 0.15 * (box[3] - box[1])), round(box[2]), round(box[3]))


def main(folder: Path) -> None:
    """Describe every picture."""
    detect = dlib.get_frontal_face_detector()
    landmarks = dlib.shape_predictor(str(models() / "shape_predictor_5_face_landmarks.dat"))
    describe = dlib.face_recognition_model_v1(str(models() / "dlib_face_recognition_resnet_model_v1.dat"))
    found = []
    for number, box in enumerate(json.loads((folder / "boxes.json").read_text())):
        image = dlib.load_rgb_image(str(folder / f"{number:05}.png"))
        face = found_at(detect, image, box)
        found.append(np.array(describe.compute_face_descriptor(image, landmarks(image, face))))
    np.save(folder / "descriptors.npy", np.array(found, np.float32))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
