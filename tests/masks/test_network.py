import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Face
from liveswapping.domain.frame import Mask, Region
from liveswapping.imaging.align import FFHQ
from liveswapping.inference.onnx_mask import OnnxMask
from liveswapping.inference.providers import Setup, ladder
from liveswapping.masks.combined import CombinedMasker, both
from liveswapping.masks.network import NetworkMasker
from tests.faces import onnx_models

KEYPOINTS = np.float32([[200, 105], [250, 107], [222, 130], [205, 150], [243, 151]])
FACE = Face(np.float32([170, 60, 280, 190]), KEYPOINTS, 0.99)


@pytest.fixture
def opened(tmp_path):
    networks = []

    def make(path):
        networks.append(OnnxMask(path, ladder("cpu"), Setup(cache=tmp_path / "cache", threads=1)))
        return networks[-1]

    yield make
    for network in networks:
        network.close()


@pytest.mark.parametrize("scale", ["probabilities", "logits"])
@pytest.mark.parametrize("last", [True, False])
def test_an_occluder_answers_what_it_sees_whichever_way_its_channels_lie(tmp_path, opened, last, scale, astronaut):
    network = opened(onnx_models.occluder(tmp_path / "occluder.onnx", 64, last, logits=scale == "logits"))
    assert network.size == 64
    green = np.zeros((64, 64, 3), np.uint8)
    green[:, 20:40, 1] = 255
    seen = network.run(green)
    assert seen.shape == (64, 64)
    assert seen[:, :20].max() < 0.02
    assert seen[:, 20:40].min() > 0.98


def test_a_parser_keeps_what_is_face_and_not_what_is_hair_or_glasses(tmp_path, opened):
    network = opened(onnx_models.parser(tmp_path / "parser.onnx", 64))
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32] = (0, 0, 255)
    seen = network.run(picture)
    assert seen[:, :32].min() > 0.98
    assert seen[:, 32:].max() < 0.02


def test_a_mask_lies_on_the_face_in_the_frames_own_pixels(tmp_path, opened, astronaut):
    masker = NetworkMasker(opened(onnx_models.occluder(tmp_path / "occluder.onnx", 128, True)))
    astronaut[..., 1] = 255
    astronaut[120:, :, 1] = 0
    masker.start(astronaut)
    mask = masker.mask(astronaut, FACE)
    whole = np.ones(astronaut.shape[:2], np.float32)
    whole[mask.region.slices] = mask.values
    assert whole[80:112, 215:235].min() > 0.95
    assert whole[128:150, 215:235].max() < 0.05
    square = np.array([[0, 0, 1], [128, 0, 1], [0, 128, 1], [128, 128, 1]])
    corners = cv2.invertAffineTransform(FFHQ.matrix(KEYPOINTS, 128)) @ square.T
    assert abs(mask.region.left - corners[0].min()) <= 2
    assert abs(mask.region.top + mask.region.height - corners[1].max()) <= 2
    masker.reset()


def test_a_face_outside_the_picture_has_no_mask(tmp_path, opened, astronaut):
    masker = NetworkMasker(opened(onnx_models.occluder(tmp_path / "occluder.onnx", 64, True)))
    away = Face(FACE.box + 5000, KEYPOINTS + 5000, 1.0)
    masker.start(astronaut)
    assert masker.mask(astronaut, away) is None


@pytest.mark.parametrize("wrong", ["recogniser", "two inputs' restorer", "nothing"])
def test_what_is_neither_occluder_nor_parser_is_refused(tmp_path, opened, wrong):
    path = tmp_path / "wrong.onnx"
    if wrong == "recogniser":
        onnx_models.arcface(path)
    elif wrong == "nothing":
        path.write_bytes(b"no model")
    else:
        onnx_models.parser(path, 64, classes=7)
    with pytest.raises(ModelLoadError, match=r"wrong\.onnx"):
        opened(path)


class Fixed:
    def __init__(self, answer):
        self.answer, self.said = answer, []

    def start(self, image):
        self.said.append("start")

    def mask(self, image, face):
        return self.answer

    def reset(self):
        self.said.append("reset")

    def close(self):
        self.said.append("close")


def test_what_two_maskers_see_is_what_both_see():
    left = Mask(Region(10, 10, 20, 10), np.full((10, 20), 0.5, np.float32))
    right = Mask(Region(20, 5, 20, 10), np.full((10, 20), 0.5, np.float32))
    together = both(left, right)
    assert together.region == Region(10, 5, 30, 15)
    canvas = np.ones((40, 60), np.float32)
    canvas[together.region.slices] = together.values
    assert (canvas[12, 12], canvas[12, 22], canvas[7, 35], canvas[0, 0]) == (0.5, 0.25, 0.5, 1.0)
    parts = [Fixed(None), Fixed(left)]
    masker = CombinedMasker(parts)
    masker.start(None)
    assert masker.mask(None, FACE) is left
    assert CombinedMasker(parts[:1]).mask(None, FACE) is None
    masker.reset()
    masker.close()
    assert [part.said for part in parts] == [["start", "reset", "close"]] * 2
