"""What the built-in engine remembers of a face."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from liveswapping.imaging.face_mesh import OVAL, POINTS, face_mesh
from liveswapping.swappers.mesh.shape import proportions
from liveswapping.swappers.mesh.track import Track


def test_of_a_face_that_is_looked_at_seldom_a_wrong_first_look_is_soon_forgotten() -> None:
    right = face_mesh().canonical
    source, wrong = right * np.float32(1.1), right * np.array([1.2, 1.0, 1.0], np.float32)
    light: Any = SimpleNamespace(certainty=np.ones(1, np.float32), towards=lambda *_: light)
    texture: Any = SimpleNamespace(pose=SimpleNamespace(shape=source))
    track, nothing = Track(light, wrong, texture=texture), np.zeros(len(OVAL), np.float32)
    wanted = proportions(source, right)
    first = np.abs(track.movement(nothing) - wanted)[:POINTS].mean()
    for _ in range(8):
        track.follow(light, right)
        found = track.movement(nothing)
    assert np.abs(found - wanted)[:POINTS].mean() < 0.4 * first
