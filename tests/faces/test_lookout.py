"""Whoever comes in is seen before they are tracked."""

import cv2
import numpy as np
import skimage.data

from liveswapping.faces.lookout import Lookout

SIZE = (640, 360)


def _guest(shown):
    """An empty room, and so many columns of somebody at its right edge."""
    rng = np.random.default_rng(0)
    room = cv2.resize(rng.integers(90, 160, (4, 7, 3), np.uint8), SIZE, interpolation=cv2.INTER_CUBIC)
    somebody = cv2.resize(skimage.data.astronaut()[:250, 100:350, ::-1], (260, 260))
    if shown:
        room[100:, -shown:] = somebody[:, :shown]
    return np.ascontiguousarray(room)


def _side_is_seen(boxes):
    return any((box[0] + box[2]) / 2 > SIZE[0] * 0.7 for box in boxes)


def test_a_face_that_is_half_in_the_picture_is_seen_in_the_very_picture_in_which_it_comes_in(model_path):
    for turn in (0, 1):  # whichever side it is that this picture's turn is
        lookout = Lookout(model_path)
        for _ in range(4 + turn):
            assert not _side_is_seen(lookout(_guest(0)))
        assert _side_is_seen(lookout(_guest(120)))
