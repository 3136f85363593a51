import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from liveswapping.domain.errors import ModelLoadError, SettingsError
from liveswapping.domain.face import Target
from liveswapping.domain.look import Look
from liveswapping.imaging.align import crop
from liveswapping.inference.providers import Setup, ladder
from liveswapping.swappers.dfm import open_dfm, whole_face
from tests.swappers.conftest import KEYPOINTS

SIZE = 64
PLAIN = Look(colour=0.0)
MASKS = ("out_face_mask:0", "out_celeb_face_mask:0")


def disc(radius):
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    return (np.hypot(x, y) < radius * SIZE).astype(np.float32)[None, :, :, None]


def dfm(path, batch="n", morph=True, face_input="in_face:0", colours=3, outputs=True):
    """A model that inverts the face, times the morph factor, and whose masks are two discs."""
    face = helper.make_tensor_value_info(face_input, TensorProto.FLOAT, [batch, SIZE, SIZE, colours])
    inputs = [face]
    constants = {"one": np.float32(1), "face_disc": disc(0.45), "celebrity_disc": disc(0.35), "none": np.float32(0)}
    nodes = [
        helper.make_node("Sub", ["one", face_input], ["inverted"]),
        helper.make_node("ReduceMean", [face_input], ["mean"], axes=[3], keepdims=1),
        helper.make_node("Mul", ["mean", "none"], ["nothing"]),
        helper.make_node("Add", ["nothing", "face_disc"], ["out_face_mask:0"]),
        helper.make_node("Add", ["nothing", "celebrity_disc"], ["out_celeb_face_mask:0"]),
    ]
    if morph:
        inputs.append(helper.make_tensor_value_info("morph_value:0", TensorProto.FLOAT, [1]))
        nodes.append(helper.make_node("Mul", ["inverted", "morph_value:0"], ["out_celeb_face:0"]))
    else:
        nodes.append(helper.make_node("Identity", ["inverted"], ["out_celeb_face:0"]))
    names = (MASKS[0], "out_celeb_face:0", MASKS[1]) if outputs else ("out_celeb_face:0",)
    shaped = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [batch, SIZE, SIZE, None]) for n in names]
    graph = helper.make_graph(
        nodes, "dfm", inputs, shaped, [numpy_helper.from_array(v, n) for n, v in constants.items()]
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


@pytest.fixture
def setup(tmp_path):
    return Setup(cache=tmp_path / "cache", threads=1)


@pytest.mark.parametrize("batch", ["n", 1])
@pytest.mark.parametrize("morph", [True, False])
def test_faces_are_cut_bgr_from_0_to_1_and_come_back_where_they_were(
    tmp_path, setup, astronaut, face, person, batch, morph
):
    engine = open_dfm(dfm(tmp_path / "m.dfm", batch, morph), ladder("cpu"), setup, morph=1.0)
    patches = engine.swap(astronaut, [Target(face, person(1), look=PLAIN)] * 2)
    for patch in patches:
        expected = 255 - crop(astronaut, patch.matrix, SIZE).astype(int)
        assert np.abs(patch.image.astype(int) - expected).max() <= 1
        assert np.array_equal(patch.matrix, whole_face().matrix(face.keypoints, SIZE))
    assert engine.network.morphs is morph
    engine.close()


def test_the_mask_is_where_both_faces_are_and_nowhere_else(tmp_path, setup, astronaut, face, person):
    engine = open_dfm(dfm(tmp_path / "m.dfm"), ladder("cpu"), setup)
    (patch,) = engine.swap(astronaut, [Target(face, person(1))])
    assert patch.mask[SIZE // 2, SIZE // 2] == 1.0
    assert not patch.mask[disc(0.35)[0, :, :, 0] == 0].any()
    assert 0.6 < patch.mask.mean() / disc(0.35).mean() < 1.0
    assert np.abs(np.diff(patch.mask, axis=1)).max() < 0.6
    engine.close()


def test_the_morph_factor_can_be_changed_while_it_runs(tmp_path, setup, astronaut, face, person):
    engine = open_dfm(dfm(tmp_path / "m.dfm"), ladder("cpu"), setup)
    target = Target(face, person(1), look=PLAIN)
    assert engine.morph == 0.75
    bright = engine.swap(astronaut, [target])[0].image.mean()
    engine.morph = 0.25
    assert engine.swap(astronaut, [target])[0].image.mean() == pytest.approx(bright / 3, abs=1)
    with pytest.raises(SettingsError, match="morph factor"):
        engine.morph = 1.5
    engine.close()
    with pytest.raises(SettingsError):
        open_dfm(tmp_path / "m.dfm", ladder("cpu"), setup, morph=-1)


def test_mouth_and_eyes_can_stay_the_targets(tmp_path, setup, astronaut, face, person):
    engine = open_dfm(dfm(tmp_path / "m.dfm"), ladder("cpu"), setup)
    (patch,) = engine.swap(astronaut, [Target(face, person(1), look=Look(keep_mouth=True, keep_eyes=True))])
    for spot in (KEYPOINTS[0], (KEYPOINTS[3] + KEYPOINTS[4]) / 2):
        x, y = np.round(patch.matrix[:, :2] @ spot + patch.matrix[:, 2]).astype(int)
        assert patch.mask[y, x] < 0.2
    engine.close()


def test_the_crop_is_deepfacelives_whole_face():
    """The square of the mean face, 2.2 times as wide, its centre 0.08 above: 1/2.2 of the crop is the square."""
    keypoints = np.float32([[0.225492, 0.21599], [0.754761, 0.21599], [0.490127, 0.515625], [0.254149, 0.780233],
                            [0.726104, 0.780233]]) * 100  # fmt: skip
    matrix = whole_face().matrix(keypoints, 220)
    assert np.allclose(matrix[:, :2], np.eye(2), atol=1e-4)
    corners = (np.float32([[0, 0], [100, 100]]) @ matrix[:, :2].T) + matrix[:, 2]
    assert np.allclose(corners, [[60 - 0.5, 68 - 0.5], [160 - 0.5, 168 - 0.5]], atol=1e-2)


@pytest.mark.parametrize(
    "wrong", [{"face_input": "picture"}, {"colours": 1}, {"outputs": False}], ids=["name", "colours", "outputs"]
)
def test_another_model_is_one_line(tmp_path, setup, wrong):
    with pytest.raises(ModelLoadError, match=r"m\.dfm is no DeepFaceLive model") as refused:
        open_dfm(dfm(tmp_path / "m.dfm", **wrong), ladder("cpu"), setup)
    assert "\n" not in str(refused.value)


def test_no_targets_give_no_patches(tmp_path, setup, astronaut):
    engine = open_dfm(dfm(tmp_path / "m.dfm"), ladder("cpu"), setup)
    assert engine.swap(astronaut, []) == []
    engine.close()
