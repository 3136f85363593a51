import cv2
import numpy as np
import pytest
import torch

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Face
from liveswapping.imaging.align import FFHQ, crop
from liveswapping.imaging.paste import paste
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.providers import Setup, ladder
from liveswapping.restorers.faces import FaceRestorer
from liveswapping.restorers.gfpgan import open_gfpgan
from liveswapping.restorers.onnx_face import open_onnx_restorer
from liveswapping.restorers.whole import WholeRestorer, enlarge
from tests.named_weights import filled
from tests.restorers.models import restorer_model

KEYPOINTS = np.float32([[200, 105], [250, 107], [222, 130], [205, 150], [243, 151]])
SMALL = {4: 16, 8: 16, 16: 8, 32: 8}


@pytest.fixture
def face():
    return Face(np.float32([170, 60, 280, 190]), KEYPOINTS, 0.99)


@pytest.fixture
def setup(tmp_path):
    return Setup(cache=tmp_path / "cache", threads=1)


class Inverting:
    size, provider, precision, why_not = 512, "cpu", "fp32", ()

    def __init__(self):
        self.batches = []

    def run(self, faces):
        self.batches.append(len(faces))
        return 255 - faces

    def close(self):
        self.batches = None


def test_faces_are_cut_as_ffhq_restored_in_one_batch_and_go_back_where_they_were(astronaut, face):
    network = Inverting()
    restorer = FaceRestorer(network)
    patches = restorer.restore(astronaut, [face, face])
    assert network.batches == [2]
    for patch in patches:
        assert np.array_equal(patch.matrix, FFHQ.matrix(KEYPOINTS, 512))
        assert np.array_equal(patch.image, 255 - crop(astronaut, patch.matrix, 512))
    assert restorer.restore(astronaut, []) == []
    restorer.close()
    assert network.batches is None


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_the_weight_says_how_much_of_the_restored_face_is_taken(astronaut, face, weight):
    (patch,) = FaceRestorer(Inverting(), weight).restore(astronaut, [face])
    before = crop(astronaut, patch.matrix, 512).astype(float)
    assert np.abs(patch.image - ((1 - weight) * before + weight * (255 - before))).max() <= 0.51


def test_only_the_face_is_touched(astronaut, face):
    result = astronaut.copy()
    paste(result, FaceRestorer(Inverting()).restore(astronaut, [face]))
    changed = (result != astronaut).any(axis=2)
    x, y = np.round(KEYPOINTS.mean(axis=0)).astype(int)
    assert changed[y, x]
    assert not changed[:20].any()
    assert not changed[300:].any()
    assert not changed[:, :110].any()


def test_gfpgans_weights_are_loaded_as_they_are_published_and_run(tmp_path, astronaut, face):
    network = filled(GfpganClean, "gfpgan", SMALL)
    torch.save({"params_ema": network.state_dict()}, tmp_path / "GFPGANv1.4.pth")
    restorer = open_gfpgan(tmp_path / "GFPGANv1.4.pth", "cpu")
    (patch,) = restorer.restore(astronaut, [face])
    cut = crop(astronaut, FFHQ.matrix(KEYPOINTS, 32), 32)
    given = torch.from_numpy(cut[:, :, ::-1].transpose(2, 0, 1)[None] / np.float32(127.5) - 1)
    expected = (network.restore(given)[0].numpy().transpose(1, 2, 0)[:, :, ::-1] + 1) * 127.5
    assert np.abs(patch.image - expected.clip(0, 255)).max() < 1
    restorer.close()
    with pytest.raises(ModelLoadError, match="closed"):
        restorer.restore(astronaut, [face])


def test_other_weights_are_one_line(tmp_path):
    torch.save({"params_ema": {"a": torch.zeros(2)}}, tmp_path / "w.pth")
    with pytest.raises(ModelLoadError, match="holds no weights of GFPGAN"):
        open_gfpgan(tmp_path / "w.pth", "cpu")


@pytest.mark.parametrize("batch", [1, "n"])
@pytest.mark.parametrize("fidelity", [None, []])
def test_an_onnx_restorer_is_given_rgb_from_minus_1_to_1(tmp_path, setup, astronaut, face, batch, fidelity):
    path = restorer_model(tmp_path / "r.onnx", batch=batch, fidelity=fidelity)
    restorer = open_onnx_restorer(path, ladder("cpu"), setup)
    for patch in restorer.restore(astronaut, [face, face]):
        before = crop(astronaut, patch.matrix, 512).astype(int)
        expected = before.copy()
        expected[:, :, 2] = 255 - before[:, :, 2]  # the model inverts red
        assert np.abs(patch.image - expected).max() <= 1
    assert restorer.network.provider == "cpu"
    restorer.close()


@pytest.mark.parametrize("shape", [[1], []])
def test_codeformers_fidelity_reaches_it(tmp_path, setup, astronaut, face, shape):
    path = restorer_model(tmp_path / "r.onnx", fidelity=shape, scaled=True)
    restorer = open_onnx_restorer(path, ladder("cpu"), setup, fidelity=0.25)
    (patch,) = restorer.restore(astronaut, [face])
    before = crop(astronaut, patch.matrix, 512).astype(float)
    expected = (0.25 * (before[:, :, 1] / 127.5 - 1) + 1) * 127.5
    assert np.abs(patch.image[:, :, 1] - expected).max() <= 1
    restorer.close()


@pytest.mark.parametrize("wrong", [{"size": 256}, {"channels": 1}, {"fidelity": [3]}])
def test_a_model_with_other_inputs_is_one_line(tmp_path, setup, wrong):
    path = restorer_model(tmp_path / "r.onnx", **wrong)
    with pytest.raises(ModelLoadError, match=r"r\.onnx") as refused:
        open_onnx_restorer(path, ladder("cpu"), setup)
    assert "\n" not in str(refused.value)


def test_a_whole_picture_is_enlarged_and_its_faces_restored_where_they_then_are(astronaut, face):
    large = enlarge(astronaut, [face], FaceRestorer(Inverting()), None, 2.0)
    assert large.shape == (1024, 1024, 3)
    plain = enlarge(astronaut, [], FaceRestorer(Inverting()), None, 2.0)
    changed = (large != plain).any(axis=2)
    x, y = np.round(KEYPOINTS.mean(axis=0) * 2 + 0.5).astype(int)
    assert np.abs(large[y, x].astype(int) - (255 - plain[y, x].astype(int))).max() < 12
    assert not changed[:40].any()
    assert np.array_equal(enlarge(astronaut, [], None, None, 1.0), astronaut)


def test_the_upscalers_scale_decides(astronaut, face):
    class Tripled:
        def upscale(self, image):
            return image.repeat(3, axis=0).repeat(3, axis=1)

    large = enlarge(astronaut, [face], None, Tripled(), 2.0)
    assert large.shape == (1536, 1536, 3)


def test_a_picture_that_is_an_aligned_face_is_restored_from_edge_to_edge(astronaut):
    wide = np.ascontiguousarray(astronaut[:256])
    whole = WholeRestorer(FaceRestorer(Inverting()), None, 2.0, aligned=True)
    result = whole.improve(wide, ())
    assert result.shape == (512, 1024, 3)
    large = cv2.resize(wide, (1024, 512), interpolation=cv2.INTER_LANCZOS4).astype(int)
    inner = np.abs(result.astype(int) - (255 - large))[4:-4, 4:-4]
    assert inner.mean() < 4
    whole.close()
