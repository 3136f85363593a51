from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveswapping.domain.frame import Image
from liveswapping.faces.landmarks import NEW, SURE, LandmarkNetwork, Sight, face_of
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.topology import LEFT_EYE, RIGHT_EYE
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, face_mesh, face_width

ROUGHLY = TurnedSquare(226, 126, 150)
"""Where the astronaut's face is."""


@pytest.fixture(scope="module")
def network(model_path: Callable[[str], Path]) -> LandmarkNetwork:
    return LandmarkNetwork(model_path)


def sight_in(network: LandmarkNetwork, picture: Image, region: TurnedSquare) -> Sight:
    surface = network.surface(picture, region, NEW)
    return Sight.of(surface, (network.eye(picture, surface, LEFT_EYE), network.eye(picture, surface, RIGHT_EYE)))


def test_a_mirrored_face_has_the_mirrored_mesh(network: LandmarkNetwork, astronaut: Image) -> None:
    mesh = sight_in(network, astronaut, ROUGHLY).mesh
    picture = np.ascontiguousarray(astronaut[:, ::-1])
    mirrored = sight_in(network, picture, TurnedSquare(511 - ROUGHLY.x, ROUGHLY.y, ROUGHLY.size)).mesh
    mirrored = mirrored[face_mesh().mirror] * [-1, 1, 1] + [511, 0, 0]
    apart = np.linalg.norm((mirrored - mesh)[:, :2], axis=1) / face_width(mesh)
    assert apart.mean() < 0.02
    assert abs((mirrored - mesh)[:, 0].mean()) / face_width(mesh) < 0.006


def test_a_turned_picture_has_the_turned_mesh(network: LandmarkNetwork, astronaut: Image) -> None:
    mesh = sight_in(network, astronaut, ROUGHLY).mesh
    matrix = cv2.getRotationMatrix2D((226, 126), -50, 1.0)
    picture = np.asarray(cv2.warpAffine(astronaut, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    turned = sight_in(network, picture, TurnedSquare(226, 126, 150, math.radians(50))).mesh
    expected = mesh[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert np.linalg.norm(turned[:, :2] - expected, axis=1).mean() / face_width(mesh) < 0.01
    assert turned[:, 2] == pytest.approx(mesh[:, 2], abs=0.03 * face_width(mesh))


def test_irises_lie_between_the_lids_and_their_rims_are_in_order(network: LandmarkNetwork, astronaut: Image) -> None:
    mesh = sight_in(network, astronaut, ROUGHLY).mesh
    for lids, iris in ((EYE_LEFT, 468), (EYE_RIGHT, 473)):
        ring = mesh[list(lids), :2]
        centre, right, top, left, bottom = mesh[iris : iris + 5, :2]
        assert (ring.min(axis=0) < centre).all()
        assert (centre < ring.max(axis=0)).all()
        assert left[0] < centre[0] < right[0]
        assert top[1] < centre[1] < bottom[1]


def test_keypoints_are_in_arcface_order(network: LandmarkNetwork, astronaut: Image) -> None:
    sight = sight_in(network, astronaut, ROUGHLY)
    face = face_of(sight.mesh, sight.surface.score)
    left_eye, right_eye, nose, left_mouth, right_mouth = face.keypoints
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert left_eye[1] < nose[1] < left_mouth[1]
    assert (face.box[:2] <= face.keypoints.min(axis=0)).all()
    assert face.score > 0.99


def test_the_nose_is_nearer_than_the_ears(network: LandmarkNetwork, astronaut: Image) -> None:
    depth = sight_in(network, astronaut, ROUGHLY).mesh[:, 2]
    assert depth[1] < depth[234] - 20
    assert depth[1] < depth[454] - 20


def test_a_region_beside_the_face_is_corrected(network: LandmarkNetwork, astronaut: Image) -> None:
    right = sight_in(network, astronaut, ROUGHLY)
    beside = sight_in(network, astronaut, ROUGHLY.moved(20, -15))
    assert np.abs(beside.mesh[:, :2] - right.mesh[:, :2]).mean() < 0.01 * face_width(right.mesh)


def test_where_there_is_no_face_the_network_is_not_sure(network: LandmarkNetwork, astronaut: Image) -> None:
    assert network.surface(astronaut, TurnedSquare(430, 120, 120), NEW).score < SURE


def test_a_mesh_that_slipped_down_the_face_is_doubtful(network: LandmarkNetwork, astronaut: Image) -> None:
    held = sight_in(network, astronaut, ROUGHLY).surface.better
    slipped = network.surface(astronaut, held.moved(0, 0.15 * held.size), type(NEW)(1, 1.0))
    eyes = (network.eye(astronaut, slipped, LEFT_EYE), network.eye(astronaut, slipped, RIGHT_EYE))
    assert slipped.score > 0.9, "the mesh network alone does not notice"
    assert Sight.of(slipped, eyes).doubtful
    assert not sight_in(network, astronaut, ROUGHLY).doubtful
