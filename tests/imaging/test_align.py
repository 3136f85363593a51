import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import FaceDetectionError
from liveswapping.domain.face import Patch
from liveswapping.imaging.align import ARCFACE, RECOGNITION, SWAP, Framing, crop, similarity
from liveswapping.imaging.paste import paste

KEYPOINTS = np.float32([[210, 180], [290, 176], [252, 225], [220, 268], [286, 266]])


def turned(points, degrees, scale, shift):
    angle = np.deg2rad(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T + shift


def applied(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("degrees", [0, 30, 90, 179, -135])
@pytest.mark.parametrize("scale", [0.2, 1.0, 5.0])
def test_a_similarity_is_found_exactly(degrees, scale):
    places = turned(KEYPOINTS, degrees, scale, (7, -40))
    assert np.allclose(applied(similarity(KEYPOINTS, places), KEYPOINTS), places, atol=0.02)


def test_it_never_mirrors_and_keeps_its_angles():
    matrix = similarity(KEYPOINTS, KEYPOINTS * (-1, 1))
    assert matrix[0, 0] == pytest.approx(matrix[1, 1])
    assert matrix[0, 1] == pytest.approx(-matrix[1, 0])


def test_the_best_similarity_of_points_that_do_not_fit_is_umeyamas():
    """Umeyama's solution by singular values (IEEE PAMI 13, 1991, equations 40 to 43)."""
    places = np.array(ARCFACE)
    mean, place_mean = KEYPOINTS.mean(axis=0), places.mean(axis=0)
    covariance = (places - place_mean).T @ (KEYPOINTS - mean) / 5
    u, d, v = np.linalg.svd(covariance)
    sign = np.diag([1.0, np.sign(np.linalg.det(u) * np.linalg.det(v))])
    scale = np.trace(np.diag(d) @ sign) / ((KEYPOINTS - mean) ** 2).sum() * 5
    linear = scale * u @ sign @ v
    expected = np.hstack((linear, (place_mean - linear @ mean)[:, None]))
    assert np.allclose(similarity(KEYPOINTS, places), expected, atol=1e-4)


def test_points_that_coincide_are_refused():
    with pytest.raises(FaceDetectionError, match="coincide"):
        RECOGNITION.matrix(np.full((5, 2), 40.0, np.float32), 112)


def test_recognition_at_112_is_arcfaces_crop():
    assert np.allclose(applied(RECOGNITION.matrix(np.float32(ARCFACE), 112), np.float32(ARCFACE)), ARCFACE, atol=1e-4)


@pytest.mark.parametrize("size", [64, 128, 256, 512])
def test_the_swap_crop_is_the_published_one(size):
    """x·size/128 with 8·size/128 to the right, and (128/32768)·size − ½ on both."""
    expected = np.array(ARCFACE) * size / 128
    expected[:, 0] += 8 * size / 128
    expected += 128 / 32768 * size - 0.5
    places = applied(SWAP.matrix(np.float32(expected), size), np.float32(expected))
    assert np.allclose(places, expected, atol=1e-3)


@pytest.mark.parametrize("size", [224, 448])
def test_sizes_that_112_divides_are_framed_like_all_others(size):
    small, large = SWAP.matrix(KEYPOINTS, 128), SWAP.matrix(KEYPOINTS, size)
    assert large[0, 0] / small[0, 0] == pytest.approx(size / 128)
    corners = np.float32([[-0.5, -0.5], [127.5, 127.5]])
    frame = applied(cv2.invertAffineTransform(small), corners)
    assert np.allclose(applied(large, frame), [[-0.5, -0.5], [size - 0.5, size - 0.5]], atol=1e-2)


def test_a_crop_is_black_outside_the_frame():
    image = np.full((64, 64, 3), 200, np.uint8)
    cut = crop(image, np.float32([[1, 0, 40], [0, 1, 40]]), 64)
    assert cut.shape == (64, 64, 3)
    assert not cut[:39].any()
    assert (cut[41:, 41:] == 200).all()


@pytest.mark.parametrize("shrink", [1.0, 1.7, 2.5, 6.3])
def test_a_crop_of_a_large_face_is_the_average_and_lies_where_it_should(shrink):
    y, x = np.mgrid[0:900, 0:900]
    image = np.repeat((x * 0.1 + y * 0.15)[:, :, None], 3, axis=2).astype(np.uint8)
    matrix = np.float32([[1 / shrink, 0, -20 / shrink], [0, 1 / shrink, -30 / shrink]])
    cut = crop(image, matrix, 96).astype(float)
    v, u = np.mgrid[0:96, 0:96]
    expected = (u * shrink + 20) * 0.1 + (v * shrink + 30) * 0.15
    assert np.abs(cut[2:-2, 2:-2, 0] - expected[2:-2, 2:-2]).max() < 1.6


def test_noise_in_a_large_face_is_averaged_away():
    image = np.random.default_rng(0).integers(0, 256, (1024, 1024, 3)).astype(np.uint8)
    cut = crop(image, np.float32([[0.125, 0, 0], [0, 0.125, 0]]), 128)
    assert cut.std() < 20


def test_what_was_cut_out_is_pasted_back_where_it_was(astronaut):
    matrix = SWAP.matrix(np.float32([[200, 105], [250, 107], [222, 130], [205, 150], [243, 151]]), 256)
    cut = crop(astronaut, matrix, 256)

    def difference(at):
        pasted = astronaut.copy()
        paste(pasted, [Patch(cut, at, np.ones((256, 256), np.float32))])
        return np.abs(pasted.astype(int) - astronaut).mean()

    there = difference(matrix)
    for shift in ([[0, 0, 1], [0, 0, 0]], [[0, 0, 0], [0, 0, -1]]):  # a pixel of the crop, 0.4 of the frame's
        assert there < 0.6 * difference(matrix + np.float32(shift))


def test_a_framing_needs_no_more_than_its_points_and_their_size():
    framing = Framing(ARCFACE, 112.0)
    assert np.array_equal(framing.matrix(KEYPOINTS, 112), RECOGNITION.matrix(KEYPOINTS, 112))
