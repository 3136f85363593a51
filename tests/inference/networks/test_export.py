import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from liveswapping.inference.networks.export import export_gfpgan, export_reswapper, export_rrdb
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet
from tests.named_weights import filled


def run(path, **inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def random(*shape):
    return np.random.default_rng(7).random(shape, np.float32)


def test_the_exported_swap_network_stays_within_the_gate(tmp_path):
    network = filled(StyleTransferModel, "reswapper", 64, 6)
    export_reswapper(network, tmp_path / "n.onnx", 48)
    target, source = random(2, 3, 48, 48), random(2, 512) - 0.5
    answer = run(tmp_path / "n.onnx", target=target, source=source)
    assert np.abs(answer - network(torch.from_numpy(target), torch.from_numpy(source)).numpy()).max() < 1e-4


def test_the_identity_map_is_the_last_initialiser_as_in_inswapper(tmp_path):
    emap = random(512, 512)
    export_reswapper(filled(StyleTransferModel, "reswapper", 16, 1), tmp_path / "n.onnx", 16, emap)
    last = onnx.load(tmp_path / "n.onnx").graph.initializer[-1]
    assert np.array_equal(onnx.numpy_helper.to_array(last), emap)
    run(tmp_path / "n.onnx", target=random(1, 3, 16, 16), source=random(1, 512))


@pytest.mark.parametrize("scale", [2, 4])
def test_the_exported_enlarger_takes_any_size(tmp_path, scale):
    network = filled(RRDBNet, "rrdb", scale, 2)
    export_rrdb(network, tmp_path / "n.onnx")
    picture = random(1, 3, 16, 24)
    answer = run(tmp_path / "n.onnx", input=picture)
    assert answer.shape == (1, 3, 16 * scale, 24 * scale)
    assert np.abs(answer - network(torch.from_numpy(picture)).numpy()).max() < 1e-4


def test_the_exported_restorer_stays_within_the_gate(tmp_path):
    network = filled(GfpganClean, "gfpgan", {4: 64, 8: 64, 16: 32, 32: 32, 64: 16})
    export_gfpgan(network, tmp_path / "n.onnx")
    face = 2 * random(2, 3, 64, 64) - 1
    answer = run(tmp_path / "n.onnx", input=face)
    assert np.abs(answer - network.restore(torch.from_numpy(face)).numpy()).max() < 1e-3


def test_an_export_that_fails_leaves_nothing(tmp_path):
    network = filled(StyleTransferModel, "reswapper", 16, 1)
    with pytest.raises(RuntimeError):
        export_reswapper(network, tmp_path / "n.onnx", 2)
    assert not list(tmp_path.iterdir())
