"""The built-in inpainting on a clip of a moving camera whose background is known: how near it comes, and how fast.

`python scripts/inpaint_builtin.py [--frames 90] [--size 480x270]`: an ellipse stands before a picture over which the
camera pans, turns and zooms. Only pixels count that some picture of the clip shows. Prints the figures, and JSON last.
The machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveswapping.domain.frame import Image
from liveswapping.inpainting.builtin import BuiltinInpainter
from liveswapping.inpainting.canvas import grown
from liveswapping.inpainting.shots import Hole, Shot, fill_film
from scripts.measures.bars import Bar

_DILATION: Final = 4


class _Scene(NamedTuple):
    shots: list[Shot]
    truth: list[Image]
    matrices: list[NDArray[np.float64]]


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 0 whatever comes out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=90)
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON")
    options = parser.parse_args(arguments)
    width, height = map(int, options.size.split("x"))
    scene = _scene(options.frames, width, height)
    engine = BuiltinInpainter()
    began = time.perf_counter()
    filled = list(fill_film(iter(scene.shots), engine, 0, cuts=True))
    seconds = time.perf_counter() - began
    engine.close()
    bars = [
        Bar("6 PSNR inside the hole where some frame shows the background, dB", _psnr(filled, scene), 30, True),
        Bar(f"6 frames a second at {options.size}", len(filled) / seconds, 8, True),
    ]
    for bar in () if options.json else bars:
        print(bar)
    print(json.dumps({"frames": len(filled), "bars": [bar.entry() for bar in bars]}))
    return 0


def _scene(frames: int, width: int, height: int) -> _Scene:
    astronaut = np.ascontiguousarray(skimage.data.astronaut()[..., ::-1])  # type: ignore[no-untyped-call]
    background = cv2.resize(astronaut, (round(2.5 * width), round(2.5 * width)), interpolation=cv2.INTER_CUBIC)
    random, made = np.random.RandomState(0), _Scene([], [], [])
    for number in range(frames):
        turn, zoom, phase = 0.001 * number, 1 + 0.0006 * number, number / frames
        matrix = np.array(
            [
                [
                    np.cos(turn) * zoom,
                    -np.sin(turn) * zoom,
                    -0.1 * width - 0.7 * width * phase + 3 * np.sin(number / 5),
                ],
                [np.sin(turn) * zoom, np.cos(turn) * zoom, -0.15 * height - 0.2 * height * phase],
                [0, 0, 1],
            ]
        )
        clean = cv2.warpAffine(background, matrix[:2], (width, height), flags=cv2.INTER_CUBIC)
        shown, hole = clean.copy(), np.zeros((height, width), np.uint8)
        centre = round(width / 2 + width / 16 * np.sin(number / 8)), round(height / 2)
        cv2.ellipse(shown, centre, (width // 11, height // 4), 0, 0, 360, (40, 180, 90), -1)
        cv2.ellipse(hole, centre, (width // 11, height // 4), 0, 0, 360, 1, -1)
        noisy = shown + random.standard_normal((height, width, 1))
        made.shots.append(Shot(np.clip(noisy, 0, 255).astype(np.uint8), grown(hole.astype(np.bool_), _DILATION)))
        made.truth.append(np.asarray(clean, np.uint8))
        made.matrices.append(matrix)
    return made


def _psnr(filled: list[Image], scene: _Scene) -> float:
    errors = []
    for number, picture in enumerate(filled):
        seen = _seen(number, scene)
        difference = picture[seen].astype(np.float64) - scene.truth[number][seen]
        errors.append(np.square(difference).ravel())
    return float(10 * np.log10(255**2 / np.concatenate(errors).mean()))


def _seen(number: int, scene: _Scene) -> Hole:
    """The pixels of a hole whose background some picture shows."""
    hole = scene.shots[number].hole
    rows, columns = np.nonzero(hole)
    places = np.stack([columns, rows, np.ones_like(rows)]).astype(np.float64)
    found = np.zeros(len(rows), np.bool_)
    for matrix, shot in zip(scene.matrices, scene.shots, strict=True):
        there = np.rint(matrix @ np.linalg.inv(scene.matrices[number]) @ places).astype(np.int64)
        inside = (there[:2] >= 0).all(axis=0) & (there[0] < hole.shape[1]) & (there[1] < hole.shape[0])
        found[inside] |= ~shot.hole[there[1][inside], there[0][inside]]
    result = np.zeros_like(hole)
    result[rows[found], columns[found]] = True
    return result


if __name__ == "__main__":
    sys.exit(main())
