import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.imaging.align import SWAP
from liveswapping.imaging.patch_mask import box_mask, eyes_mask, face_mask, mouth_mask

KEYPOINTS = np.float32([[210, 180], [290, 176], [252, 225], [220, 268], [286, 266]])
BOX = np.float32([180, 120, 320, 320])


@pytest.fixture
def bare():
    return Face(BOX, KEYPOINTS, 0.9)


@pytest.fixture(scope="module")
def meshed(model_path, astronaut_picture):
    from liveswapping.faces.mediapipe import MediapipeAnalyser

    analyser = MediapipeAnalyser(model_path)
    face = analyser.faces(astronaut_picture)[0]
    analyser.close()
    return face


@pytest.mark.parametrize("size", [64, 128, 256, 512])
def test_the_box_is_whole_inside_nothing_at_the_border_and_falls_without_a_step(size):
    mask = box_mask(size)
    assert mask[size // 2, size // 2] == 1.0
    assert not mask[[0, -1]].any()
    assert not mask[:, [0, -1]].any()
    assert np.abs(np.diff(mask, axis=0)).max() < 0.3
    assert 0.7 < mask.mean() < 0.95


def test_without_a_mesh_the_face_is_the_box(bare):
    matrix = SWAP.matrix(KEYPOINTS, 128)
    assert np.array_equal(face_mask(bare, matrix, 128), box_mask(128))


def test_with_a_mesh_the_background_beside_the_cheeks_is_left_out(meshed):
    matrix = SWAP.matrix(meshed.keypoints, 128)
    mask = face_mask(meshed, matrix, 128)
    assert mask[64, 64] == 1.0
    assert (mask <= box_mask(128)).all()
    assert mask.mean() < box_mask(128).mean() - 0.05
    assert mask[120, 12] < 0.05


@pytest.mark.parametrize("kind", ["bare", "meshed"])
def test_mouth_and_eyes_lie_on_the_keypoints_and_apart(kind, request):
    face = request.getfixturevalue(kind)
    matrix = SWAP.matrix(face.keypoints, 128)
    eye_left, eye_right, nose, mouth_left, mouth_right = np.round(
        face.keypoints @ matrix[:, :2].T + matrix[:, 2]
    ).astype(int)
    mouth, eyes = mouth_mask(face, matrix, 128), eyes_mask(face, matrix, 128)
    between = (mouth_left + mouth_right) // 2
    assert mouth[between[1], between[0]] > 0.9
    assert eyes[eye_left[1], eye_left[0]] > 0.9
    assert eyes[eye_right[1], eye_right[0]] > 0.9
    assert mouth[nose[1], nose[0]] < 0.5
    assert eyes[nose[1], nose[0]] < 0.1
    assert np.minimum(mouth, eyes).max() < 0.05
    assert mouth.mean() < 0.15


def test_a_large_crops_mask_is_the_small_ones_enlarged(meshed):
    large = face_mask(meshed, SWAP.matrix(meshed.keypoints, 512), 512)
    small = face_mask(meshed, SWAP.matrix(meshed.keypoints, 256), 256)
    assert large.shape == (512, 512)
    assert not large[[0, -1]].any()
    assert not large[:, [0, -1]].any()
    assert np.abs(large.reshape(256, 2, 256, 2).mean(axis=(1, 3)) - small).max() < 0.1
