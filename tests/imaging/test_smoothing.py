from __future__ import annotations

import math

import numpy as np
import pytest

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import EYE_LEFT, face_mesh
from liveswapping.imaging.smoothing import MeshSmoother

NOISE = 0.0008
"""Of a point, in face widths: a face 150 pixels wide under strong sensor noise."""


def face(width: float = 200.0, x: float = 300.0, y: float = 200.0, roll: float = 0.0) -> F32:
    mesh = face_mesh().canonical * width
    cos, sin = math.cos(roll), math.sin(roll)
    mesh[:, :2] = mesh[:, :2] @ np.array([[cos, sin], [-sin, cos]], np.float32) + [x, y]
    return mesh.astype(np.float32)


def noisy(mesh: F32, rng: np.random.Generator, width: float = 200.0) -> F32:
    return (mesh + rng.normal(0, NOISE * width, mesh.shape)).astype(np.float32)


def run(meshes: list[F32]) -> F32:
    smoother = MeshSmoother()
    return np.stack([smoother(mesh) for mesh in meshes])


@pytest.mark.parametrize("width", [60.0, 200.0, 900.0])
def test_a_still_face_stands_still_at_any_size(width: float) -> None:
    rng = np.random.default_rng(0)
    meshes = run([noisy(face(width), rng, width) for _ in range(100)])
    apart = np.sqrt(meshes[:, :, :2].var(axis=0).sum(axis=1)) / width
    assert apart.mean() < 0.5 * NOISE
    assert np.linalg.norm(meshes[-1] - face(width), axis=1).mean() / width < 0.5 * NOISE


def test_a_noiseless_mesh_passes_unchanged() -> None:
    meshes = run([face()] * 20)
    assert np.abs(meshes - face()).max() < 0.01


def test_the_given_mesh_is_not_changed_nor_given_back() -> None:
    smoother, mesh = MeshSmoother(), face()
    before = mesh.copy()
    for _ in range(3):
        assert not np.shares_memory(smoother(mesh), mesh)
    assert (mesh == before).all()


def test_a_steady_motion_is_followed_without_lag() -> None:
    rng = np.random.default_rng(1)
    meshes = [face(x=300 + 6 * max(0, frame - 20), roll=0.03 * max(0, frame - 20)) for frame in range(50)]
    smoothed = run([noisy(mesh, rng) for mesh in meshes])
    behind = np.linalg.norm(smoothed[26:] - meshes[26:], axis=2).mean()
    assert behind < 0.15 * 6


def test_a_sudden_stop_is_not_overshot() -> None:
    meshes = [face(x=300 + 10 * min(frame, 20)) for frame in range(40)]
    centre = run(meshes)[:, :468, 0].mean(axis=1)
    goal = float(meshes[-1][:468, 0].mean())
    assert centre.max() < goal + 4
    assert abs(centre[24] - goal) < 1


def test_a_blink_is_there_within_a_frame() -> None:
    rng = np.random.default_rng(2)
    lids = list(EYE_LEFT)
    closed = face()
    closed[lids, 1] = closed[lids, 1].mean()
    smoothed = run([noisy(closed if 30 <= frame < 36 else face(), rng) for frame in range(50)])
    opening = np.ptp(smoothed[:, lids, 1], axis=1)
    whole = float(np.ptp(face()[lids, 1]))
    assert opening[29] > 0.9 * whole
    assert opening[31] < 0.25 * whole
    assert opening[37] > 0.75 * whole


def test_a_fast_head_does_not_loosen_the_shape() -> None:
    rng = np.random.default_rng(3)
    still = run([noisy(face(), rng) for _ in range(60)])
    moving = run([noisy(face(x=300 + 8 * frame), rng) for frame in range(60)])

    def tremble(meshes: F32) -> float:
        shape = meshes[20:, :, :2] - meshes[20:, :468, :2].mean(axis=1, keepdims=True)
        return float(np.sqrt(shape.var(axis=0).sum(axis=1)).mean())

    assert tremble(moving) < 1.3 * tremble(still)


def test_more_noise_is_smoothed_more() -> None:
    rng = np.random.default_rng(4)
    shares = []
    for level in (0.0002, 0.0010):
        meshes = [(face() + rng.normal(0, level * 200, (478, 3))).astype(np.float32) for _ in range(120)]
        shares.append(run(meshes)[60:].std(axis=0).mean() / (level * 200))
    assert shares[1] < 0.7 * shares[0]


def test_a_single_outlier_is_not_followed_but_what_lasts_is() -> None:
    rng = np.random.default_rng(5)
    lip, out = 14, np.float32(5 * NOISE * 200)
    raised = face()
    raised[lip, 1] += out
    once = run([noisy(raised if frame == 40 else face(), rng) for frame in range(60)])
    lasting = run([noisy(raised if frame >= 40 else face(), rng) for frame in range(60)])
    rest = float(face()[lip, 1])
    assert abs(once[40:, lip, 1] - rest).max() < 0.5 * out
    assert abs(lasting[-1, lip, 1] - rest - out) < 0.5 * out


def test_a_point_that_trembles_more_than_others_is_held_more_firmly() -> None:
    rng = np.random.default_rng(3)
    cheek = 50
    still = face()
    meshes = []
    for _ in range(120):
        mesh = noisy(still, rng)
        mesh[cheek, :2] += rng.normal(0, 4 * NOISE * 200.0, 2)
        meshes.append(mesh)
    apart = run(meshes)[30:, cheek, :2].std(axis=0).max() / 200.0
    assert apart < 0.2 * 4 * NOISE


def test_a_point_that_moves_is_not_taken_for_a_noisy_one() -> None:
    rng = np.random.default_rng(4)
    chin = 152
    meshes, truth = [], []
    for frame in range(120):
        mesh = face()
        mesh[chin, 1] += 12 * math.sin(frame / 4)  # speech: a jaw that never rests
        truth.append(mesh[chin, 1])
        meshes.append(noisy(mesh, rng))
    behind = np.abs(run(meshes)[30:, chin, 1] - np.array(truth)[30:])
    assert behind.mean() < 0.1 * 12
