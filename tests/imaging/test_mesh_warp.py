from __future__ import annotations

import numpy as np

from liveswapping.domain.frame import Region
from liveswapping.imaging.face_mesh import face_mesh
from liveswapping.imaging.mesh_warp import back_to_front, draw_mesh, mesh_region


def test_a_linear_field_is_reproduced_exactly_and_without_gaps() -> None:
    mesh = face_mesh()
    points = (mesh.uv[:468] * 300 + [13.3, 7.9]).astype(np.float32)
    values = np.stack([points[:, 0] * 2 - 5, points @ [0.5, -3]], axis=1).astype(np.float32)
    out, covered = draw_mesh(points, values, mesh.triangles, Region(0, 0, 330, 320))
    y, x = np.nonzero(covered)
    np.testing.assert_allclose(out[y, x, 0], 2 * x - 5, atol=0.05)
    np.testing.assert_allclose(out[y, x, 1], 0.5 * x - 3 * y, atol=0.05)
    rows = [np.flatnonzero(row) for row in covered if row.any()]
    assert all(len(row) == row[-1] - row[0] + 1 for row in rows), "a row of a convex face has a gap"


def test_a_region_is_a_window_onto_the_whole() -> None:
    mesh = face_mesh()
    points, values = (mesh.uv[:468] * 200).astype(np.float32), mesh.uv[:468]
    whole, _ = draw_mesh(points, values, mesh.triangles, Region(0, 0, 200, 200))
    part, covered = draw_mesh(points, values, mesh.triangles, Region(60, 50, 70, 120))
    np.testing.assert_array_equal(part, whole[50:170, 60:130])
    assert covered.any()


def test_triangles_seen_from_behind_are_left_out() -> None:
    points = np.array([[0, 0], [0, 20], [20, 0]], np.float32)
    _, covered = draw_mesh(points, points, np.array([[0, 1, 2]], np.int32), Region(0, 0, 21, 21))
    assert not covered.any()


def test_nearer_triangles_are_drawn_last() -> None:
    points = np.array([[0, 0, 5], [9, 0, 5], [0, 9, 5], [0, 0, -5], [9, 0, -5], [0, 9, -5]], np.float32)
    order = back_to_front(points, np.array([[3, 4, 5], [0, 1, 2]], np.int32))
    assert order.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_region_never_leaves_the_frame() -> None:
    points = np.array([[-50, -20], [40, 30]], np.float32)
    assert mesh_region(points, 2, 100, 20) == Region(0, 0, 43, 20)
    assert mesh_region(points + 1000, 2, 100, 100).width == 0
