"""Clips of a moving camera with something in front of a background that is known."""

from typing import NamedTuple

import cv2
import numpy as np


class Scene(NamedTuple):
    images: list
    holes: list
    truth: list


def moving_scene(background, frames, size=(160, 96), noise=1.0):
    """The camera pans, turns and zooms over a picture; an ellipse stands nearly still before it. The hole fits it."""
    random = np.random.RandomState(0)
    width, height = size
    images, holes, truth = [], [], []
    for time in range(frames):
        turn, zoom = 0.0015 * time, 1 + 0.001 * time
        matrix = np.float32(
            [
                [np.cos(turn) * zoom, -np.sin(turn) * zoom, -20 - 0.0105 * width * time + 3 * np.sin(time / 5)],
                [np.sin(turn) * zoom, np.cos(turn) * zoom, -20 - 0.003 * height * time],
            ]
        )
        clean = cv2.warpAffine(background, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        centre = int(width / 2 + width / 16 * np.sin(time / 8)), int(height / 2 + 2 * np.cos(time / 6))
        shown, hole = clean.copy(), np.zeros((height, width), np.uint8)
        cv2.ellipse(shown, centre, (width // 11, height // 4), 0, 0, 360, (40, 180, 90), -1)
        cv2.circle(shown, (centre[0] + 2 * (time % 3), centre[1]), width // 24, (200, 30, 30), -1)
        cv2.ellipse(hole, centre, (width // 11 + 3, height // 4 + 3), 0, 0, 360, 1, -1)
        grain = random.standard_normal((height, width, 1)) * noise
        images.append(np.clip(shown + grain, 0, 255).astype(np.uint8))
        holes.append(hole.astype(bool))
        truth.append(clean)
    return Scene(images, holes, truth)


def psnr_inside(pictures, scene):
    """dB, over the holes of all pictures together."""
    errors = [
        np.square(picture[hole].astype(float) - clean[hole]).ravel()
        for picture, hole, clean in zip(pictures, scene.holes, scene.truth, strict=True)
    ]
    return 10 * np.log10(255**2 / np.concatenate(errors).mean())
