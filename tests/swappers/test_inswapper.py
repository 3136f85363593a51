from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Target
from liveswapping.domain.look import Look
from liveswapping.imaging.align import SWAP, crop
from liveswapping.inference.exported import exported_reswapper
from liveswapping.inference.networks.export import export_reswapper
from liveswapping.inference.onnx_file import last_initialiser
from liveswapping.inference.providers import Setup, ladder
from liveswapping.swappers.inswapper import open_inswapper
from liveswapping.swappers.latent import source_latent
from tests.swappers.conftest import KEYPOINTS

PLAIN = Look(colour=0.0)


@pytest.fixture(scope="module")
def exported(narrow, emap, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "exported.onnx"
    export_reswapper(narrow.network, path, 64, emap)
    return path


@pytest.fixture(scope="module")
def one_by_one(exported, tmp_path_factory):
    """The same with a fixed batch of one, as inswapper has it."""
    model = onnx.load(exported)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    path = tmp_path_factory.mktemp("onnx") / "one.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture
def setup(tmp_path):
    return Setup(cache=tmp_path, threads=1)


def expected(narrow, image, face, identity, emap):
    cut = crop(image, SWAP.matrix(face.keypoints, 64), 64)
    target = torch.from_numpy(cut[:, :, ::-1].transpose(2, 0, 1)[None] / np.float32(255))
    answer = narrow.network(target, torch.from_numpy(source_latent(identity, emap))[None])
    return np.rint(answer[0].numpy().transpose(1, 2, 0)[:, :, ::-1] * 255).clip(0, 255)


@pytest.mark.parametrize("model", ["exported", "one_by_one"])
def test_the_exported_network_gives_what_torch_gives(model, request, narrow, setup, emap, astronaut, face, person):
    engine = open_inswapper(request.getfixturevalue(model), ladder("cpu"), setup)
    moved = replace(face, keypoints=KEYPOINTS * 1.1)
    one, two = person(1), person(2)
    patches = engine.swap(astronaut, [Target(face, one, look=PLAIN), Target(moved, two, look=PLAIN)])
    for patch, at, identity in zip(patches, (face, moved), (one, two), strict=True):
        assert np.abs(patch.image - expected(narrow, astronaut, at, identity, emap)).max() <= 1
    assert engine.network.provider == "cpu"
    engine.close()


def test_the_identity_map_is_the_files_own(exported, emap):
    assert np.array_equal(last_initialiser(exported), emap)


def test_a_file_without_an_identity_map_takes_the_one_that_is_given(tmp_path, narrow, setup, emap):
    export_reswapper(narrow.network, tmp_path / "bare.onnx", 64)
    with pytest.raises(ModelLoadError, match="holds no identity map"):
        open_inswapper(tmp_path / "bare.onnx", ladder("cpu"), setup)
    open_inswapper(tmp_path / "bare.onnx", ladder("cpu"), setup, emap=emap).close()


def test_an_export_is_made_once_for_each_size_and_file(tmp_path, narrow):
    one = exported_reswapper(narrow.path, 64, tmp_path)
    made = one.stat().st_mtime_ns
    assert exported_reswapper(narrow.path, 64, tmp_path) == one
    assert one.stat().st_mtime_ns == made
    assert exported_reswapper(narrow.path, 32, tmp_path) != one
    with pytest.raises(ModelLoadError, match="there is no file"):
        exported_reswapper(tmp_path / "absent.pth", 64, tmp_path)


def small_model(path, inputs, outputs, initialisers=()):
    """Outputs are the first input, unchanged."""
    nodes = [helper.make_node("Identity", [inputs[0][0]], [name]) for name, _ in outputs]
    values = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in side] for side in (inputs, outputs)]
    graph = helper.make_graph(nodes, "g", *values, [numpy_helper.from_array(a, n) for n, a in initialisers])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


PICTURE, SOURCE = ("target", [1, 3, 16, 16]), ("source", [1, 512])


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([PICTURE], [("o", [1, 3, 16, 16])]),
        ([PICTURE, ("source", [1, 256])], [("o", [1, 3, 16, 16])]),
        ([("target", [1, 1, 16, 16]), SOURCE], [("o", [1, 1, 16, 16])]),
        ([("target", [1, 3, 16, 24]), SOURCE], [("o", [1, 3, 16, 24])]),
        ([PICTURE, SOURCE], [("o", [1, 3, 16, 16]), ("p", [1, 3, 16, 16])]),
        ([("target", [1, 3, "h", "w"]), SOURCE], [("o", [1, 3, "h", "w"])]),
    ],
)
def test_a_model_with_other_inputs_is_one_line(tmp_path, setup, emap, inputs, outputs):
    path = small_model(tmp_path / "m.onnx", inputs, outputs)
    with pytest.raises(ModelLoadError, match=r"m\.onnx") as refused:
        open_inswapper(path, ladder("cpu"), setup, emap=emap)
    assert "\n" not in str(refused.value)


def test_the_last_initialiser_is_found_whatever_stands_around_it(tmp_path):
    first, last = np.ones((3, 4), np.float32), np.arange(6, dtype=np.float32).reshape(2, 3)
    path = small_model(tmp_path / "m.onnx", [PICTURE], [("o", [1, 3, 16, 16])], [("a", first), ("b", last)])
    assert np.array_equal(last_initialiser(path), last)
    bare = small_model(tmp_path / "bare.onnx", [PICTURE], [("o", [1, 3, 16, 16])])
    assert last_initialiser(bare) is None


@pytest.mark.parametrize("content", [b"hello world", b"\x3a\xff\xff\xff\x0f", b"\xff" * 20])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(ModelLoadError, match=r"m\.onnx cannot be read as an ONNX model"):
        last_initialiser(tmp_path / "m.onnx")
