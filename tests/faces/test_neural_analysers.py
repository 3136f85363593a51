"""The analysers over ONNX detectors, and recognition, on models whose answers are known."""

import numpy as np
import onnxruntime
import pytest

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Face, Identity, Portrait
from liveswapping.faces.insightface import InsightFaceAnalyser
from liveswapping.faces.recognition import Recogniser
from liveswapping.faces.yunet import YunetAnalyser
from liveswapping.imaging.align import RECOGNITION, crop
from liveswapping.inference.providers import Setup, ladder
from tests.faces import onnx_models


def described(score, box, points):
    """A face in a picture; on_input says where a detector sees it."""
    return score, 0, 0, np.float32(box), np.float32(points)


SMALL = described(0.9, [60, 70, 120, 150], [[75, 95], [105, 95], [90, 110], [80, 130], [100, 130]])
LARGE = described(0.8, [300, 100, 460, 300], [[340, 160], [420, 160], [380, 200], [350, 250], [410, 250]])
FAINT = described(0.3, [470, 470, 500, 500], [[475, 480]] * 5)


@pytest.fixture
def setup(tmp_path):
    return Setup(cache=tmp_path / "cache", threads=1)


def on_input(face, scale, stride):
    """`face` in a network's input, on the cell of its box's centre."""
    score, _, _, box, points = face
    column, row = (int(c * scale / stride) for c in ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
    return score, column, row, box * np.float32(scale), points * np.float32(scale)


def check(found, expected):
    assert len(found) == len(expected)
    for face, (score, _, _, box, points) in zip(found, expected, strict=True):
        assert face.score == pytest.approx(score, abs=1e-3)
        assert np.allclose(face.box, box, atol=0.1)
        assert np.allclose(face.keypoints, points, atol=0.1)
        assert face.mesh is None


def test_insightface_gives_the_sure_faces_in_the_frames_pixels_largest_first(tmp_path, setup, astronaut):
    scale = 640 / 512
    path = onnx_models.scrfd(tmp_path / "det.onnx", [on_input(face, scale, 8) for face in (SMALL, LARGE, FAINT)])
    analyser = InsightFaceAnalyser(path, ladder("cpu"), setup)
    first, again = analyser.faces(astronaut), analyser.faces(astronaut)
    check(first, [LARGE, SMALL])
    assert [face.track_id for face in first] == [face.track_id for face in again] == [0, 1]
    assert first[0].embedding is None
    assert analyser.provider == "cpu"
    analyser.reset()
    assert [face.track_id for face in analyser.faces(astronaut)] == [2, 3]
    analyser.close()


def test_yunet_gives_the_sure_faces_in_the_frames_pixels_largest_first(tmp_path, setup, astronaut):
    path = onnx_models.yunet(tmp_path / "y.onnx", [on_input(f, 1.0, 16) for f in (SMALL, LARGE, FAINT)], 512, 512)
    analyser = YunetAnalyser(path, ladder("cpu"), setup, live=False)
    found = analyser.faces(astronaut)
    check(found, [LARGE, SMALL])
    assert {face.track_id for face in found} == {-1}
    analyser.close()


def test_yunet_shrinks_large_pictures_and_fills_up_odd_ones(tmp_path, setup):
    image = np.zeros((900, 1280, 3), np.uint8)
    expected = (0.9, 0, 0, LARGE[3] * 2, LARGE[4] * 2)
    path = onnx_models.yunet(tmp_path / "y.onnx", [on_input(expected, 0.5, 16)], 480, 640)
    analyser = YunetAnalyser(path, ladder("cpu"), setup)
    check(analyser.faces(image), [expected])
    analyser.close()


def test_yunet_with_a_fixed_input_is_given_what_it_takes(tmp_path, setup, astronaut):
    scale = 320 / 512
    path = onnx_models.yunet(tmp_path / "y.onnx", [on_input(LARGE, scale, 16)], 320, 320, (1, 3, 320, 320))
    analyser = YunetAnalyser(path, ladder("cpu"), setup)
    check(analyser.faces(astronaut), [LARGE])
    assert analyser.savings == ()
    analyser.close()


@pytest.mark.parametrize("kind", ["insightface", "yunet"])
def test_where_time_is_short_they_look_at_smaller_pictures_and_say_what_that_saves(tmp_path, setup, astronaut, kind):
    scale, path = 320 / 512, tmp_path / "d.onnx"
    if kind == "yunet":
        analyser = YunetAnalyser(onnx_models.yunet(path, [on_input(LARGE, scale, 16)], 320, 320), ladder("cpu"), setup)
    else:
        analyser = InsightFaceAnalyser(onnx_models.scrfd(path, [on_input(LARGE, scale, 8)], 320), ladder("cpu"), setup)
    assert analyser.savings == ("faces are looked for in pictures of 320 pixels",)
    assert analyser.cost(1) == 0
    analyser.save(1)
    check(analyser.faces(astronaut), [LARGE])
    assert analyser.cost(1) > 0
    analyser.close()


def test_yunet_answers_that_overlap_are_one_face(tmp_path, setup, astronaut):
    twice = [on_input(LARGE, 1.0, 16), (0.75, 23, 11, LARGE[3] + 6, LARGE[4] + 6)]
    analyser = YunetAnalyser(onnx_models.yunet(tmp_path / "y.onnx", twice, 512, 512), ladder("cpu"), setup)
    (face,) = analyser.faces(astronaut)
    assert np.all(face.keypoints > LARGE[4])
    assert np.all(face.keypoints < LARGE[4] + 6)
    analyser.close()


def test_the_embedding_is_arcfaces_of_the_aligned_crop_and_of_unit_length(tmp_path, setup, astronaut):
    path = onnx_models.arcface(tmp_path / "rec.onnx")
    recogniser = Recogniser(path, ladder("cpu"), setup)
    face = Face(LARGE[3], LARGE[4], 0.9)
    cut = crop(astronaut, RECOGNITION.matrix(LARGE[4], 112), 112)
    given = ((cut[:, :, ::-1].astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = session.run(None, {"input.1": given})[0][0]
    embedding = recogniser.embedding(astronaut, face)
    assert embedding.shape == (512,)
    assert np.allclose(embedding, expected / np.linalg.norm(expected), atol=1e-4)
    assert np.array_equal(recogniser.recognised(astronaut, face).embedding, embedding)
    recogniser.close()


def test_an_identity_is_introduced_with_an_embedding_for_each_photograph(tmp_path, setup, astronaut):
    recogniser = Recogniser(onnx_models.arcface(tmp_path / "rec.onnx"), ladder("cpu"), setup)
    known = np.zeros(512, np.float32)
    portraits = (
        Portrait(astronaut, Face(LARGE[3], LARGE[4], 0.9)),
        Portrait(astronaut, Face(SMALL[3], SMALL[4], 0.9, embedding=known)),
    )
    introduced = recogniser.introduce(Identity("she", portraits))
    assert introduced.name == "she"
    assert introduced.portraits[0].face.embedding.shape == (512,)
    assert introduced.portraits[1].face.embedding is known
    assert portraits[0].face.embedding is None
    recogniser.close()


def test_with_a_recogniser_every_face_comes_with_its_embedding(tmp_path, setup, astronaut):
    detector = onnx_models.scrfd(tmp_path / "det.onnx", [on_input(LARGE, 640 / 512, 8)])
    recogniser = Recogniser(onnx_models.arcface(tmp_path / "rec.onnx"), ladder("cpu"), setup)
    analyser = InsightFaceAnalyser(detector, ladder("cpu"), setup, recogniser=recogniser)
    (face,) = analyser.faces(astronaut)
    assert np.linalg.norm(face.embedding) == pytest.approx(1.0, abs=1e-5)
    analyser.close()
    with pytest.raises(ModelLoadError, match="closed"):
        recogniser.embedding(astronaut, face)


def test_a_picture_without_faces_gives_none(tmp_path, setup, astronaut):
    for analyser in (
        InsightFaceAnalyser(onnx_models.scrfd(tmp_path / "det.onnx", [FAINT]), ladder("cpu"), setup),
        YunetAnalyser(
            onnx_models.yunet(tmp_path / "y.onnx", [(0.5, 3, 3, *FAINT[3:])], 512, 512), ladder("cpu"), setup
        ),
    ):
        assert list(analyser.faces(astronaut)) == []
        analyser.close()


def test_other_models_are_one_line(tmp_path, setup):
    arcface, detector = onnx_models.arcface(tmp_path / "rec.onnx"), onnx_models.yunet(tmp_path / "y.onnx", [SMALL])
    small = onnx_models.arcface(tmp_path / "small.onnx", 128)
    for make, path, words in (
        (InsightFaceAnalyser, detector, "is no SCRFD detector"),
        (Recogniser, small, "is no recognition model"),
        (Recogniser, detector, ""),
        (YunetAnalyser, onnx_models.scrfd(tmp_path / "det.onnx", [SMALL]), "is no YuNet detector"),
        (YunetAnalyser, arcface, ""),
    ):
        with pytest.raises(ModelLoadError) as refused:
            make(path, ladder("cpu"), setup)
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)
