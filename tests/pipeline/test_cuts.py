import cv2
import numpy as np
import pytest

from liveswapping.pipeline.cuts import CutAnalyser


class Counting:
    """An analyser that counts how often it has to forget."""

    def __init__(self):
        self.resets = 0

    def faces(self, image):
        return []

    def reset(self):
        self.resets += 1

    def close(self):
        """Nothing."""


@pytest.fixture
def scene(astronaut_picture):
    return cv2.resize(astronaut_picture, (320, 240))


def cuts(pictures):
    within = Counting()
    analyser = CutAnalyser(within)
    for picture in pictures:
        analyser.faces(picture)
    assert analyser.cuts == within.resets
    return analyser.cuts


def test_another_scene_is_a_cut(scene):
    other = cv2.flip(scene, 1)
    assert cuts([scene] * 5 + [other] * 5 + [scene] * 5) == 2


def test_motion_noise_flashes_and_things_in_front_are_none(scene):
    noise = np.random.default_rng(0)
    moving = [np.roll(scene, 4 * step, axis=1) for step in range(12)]
    grainy = [np.clip(scene + noise.normal(0, 8, scene.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    flash = [scene, cv2.convertScaleAbs(scene, beta=50), scene]
    covered = scene.copy()
    covered[60:180, 80:240] = 90
    assert cuts(moving) == 0
    assert cuts(grainy) == 0
    assert cuts(flash) == 0
    assert cuts([scene, scene, covered, covered, scene]) == 0
