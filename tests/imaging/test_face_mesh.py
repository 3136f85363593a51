"""The mesh's wiring is what the engine draws: a wrong triangle is a hole or a smear in every face."""

from __future__ import annotations

import numpy as np

from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, LIPS, LIPS_INNER, OVAL, POINTS, face_mesh, face_width


def test_the_triangles_cover_the_face_once() -> None:
    triangles = face_mesh().triangles
    edges: dict[tuple[int, int], int] = {}
    for triangle in triangles:
        for a, b in zip(triangle, np.roll(triangle, -1), strict=True):
            edges[int(a), int(b)] = edges.get((int(a), int(b)), 0) + 1
    assert max(edges.values()) == 1, "an edge is run through twice in the same direction"
    border = {edge for edge in edges if edge[::-1] not in edges}
    ring = list(zip(OVAL, (*OVAL[1:], OVAL[0]), strict=True))
    assert border == set(ring)
    assert len(np.unique(triangles)) == POINTS


def test_every_triangle_is_clockwise_seen_from_the_front() -> None:
    mesh = face_mesh()
    a, b, c = (mesh.uv[mesh.triangles[:, n]] for n in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (area > -1e-4).all()


def test_the_mesh_is_its_own_mirror_image() -> None:
    mesh = face_mesh()
    assert (mesh.mirror[mesh.mirror] == np.arange(len(mesh.mirror))).all()
    np.testing.assert_allclose(mesh.canonical[mesh.mirror] * [-1, 1, 1], mesh.canonical, atol=1e-6)
    np.testing.assert_allclose(mesh.uv[mesh.mirror][:, 0], 1 - mesh.uv[:, 0], atol=1e-5)
    assert set(mesh.mirror[list(EYE_LEFT)]) == set(EYE_RIGHT)


def test_left_is_the_images_left() -> None:
    shape = face_mesh().canonical
    assert shape[list(EYE_LEFT), 0].max() < shape[list(EYE_RIGHT), 0].min()


def test_mouth_and_eyes_are_filled_from_their_own_points() -> None:
    triangles = face_mesh().triangles
    for ring, count in ((LIPS_INNER, 18), (EYE_LEFT, 14), (EYE_RIGHT, 14)):
        assert np.isin(triangles, ring).all(axis=1).sum() == count
    assert len({point for ring in LIPS for point in ring}) == 80


def test_the_width_of_a_turned_head_is_its_width() -> None:
    angle = np.radians(50)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    turned = (face_mesh().canonical @ turn * 300).astype(np.float32)
    assert abs(face_width(turned) - 300) < 1
