"""Every promised Python name, called once with what the published version took."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

import liveswapping
from liveswapping.inference import catalog
from liveswapping.inference.networks.export import export_reswapper
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.utils import gpu_utils
from liveswapping.utils.fix_basicsr import apply_fix
from tests.faces import onnx_models
from tests.named_weights import filled, one_thread  # noqa: F401


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Narrow networks, saved as the published ones are."""
    folder = tmp_path_factory.mktemp("files")
    swap = filled(StyleTransferModel, "reswapper", 32, 2)
    torch.save(swap.state_dict(), folder / "narrow.pth")
    export_reswapper(swap, folder / "inswapper_narrow.onnx", 64, np.eye(512, dtype=np.float32))
    channels = {4: 8, 8: 8, 16: 8, 32: 8, 64: 8}
    torch.save({"params_ema": filled(GfpganClean, "gfpgan", channels).state_dict()}, folder / "gfpgan.pth")
    torch.save({"params_ema": filled(RRDBNet, "rrdb", 2, 1, 8, 4).state_dict()}, folder / "esrgan.pth")
    onnx_models.arcface(folder / "any.onnx")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("liveswapping.inference.providers.cache_directory", lambda: tmp_path / "cache")


def _load_model(files, face):
    model = liveswapping.load_model(
        str(files / "narrow.pth"), use_tensorrt=True, provider_type="cpu", gpu_mem_limit="2GB"
    )
    target, latent = torch.rand(1, 3, 64, 64), torch.randn(1, 512)
    answer = model(target, latent)
    network = filled(StyleTransferModel, "reswapper", 32, 2)
    assert torch.allclose(answer, network(target, latent), atol=1e-5)
    assert (model.provider, model.why_not) == ("cpu", ())
    with pytest.raises(liveswapping.SettingsError, match="there is no setting 'tile'"):
        liveswapping.load_model(str(files / "narrow.pth"), tile=400)
    onnx = liveswapping.load_model(str(files / "inswapper_narrow.onnx"), provider_type="CPUExecutionProvider")
    assert torch.allclose(onnx(target, latent), answer, atol=1e-3)
    assert np.allclose(onnx(target.numpy(), latent.numpy()), answer, atol=1e-3)
    onnx.close()
    model.close()


def _create_session(files, face):
    session = liveswapping.create_session(files / "any.onnx", "cpu")
    name = session.get_inputs()[0].name
    assert session.run(None, {name: np.zeros((1, 3, 112, 112), np.float32)})[0].shape == (1, 512)
    session.close()


def _gfpgan(files, face):
    background = liveswapping.RealESRGANUpscaler(files / "esrgan.pth", use_tensorrt=False, scale=2, tile=128)
    for upscaler in (None, background):
        restorer = liveswapping.GFPGANUpscaler(files / "gfpgan.pth", bg_upsampler=upscaler)
        crops, image, faces = restorer.enhance(face, only_center_face=True)
        assert image.shape == (face.shape[0] * 2, face.shape[1] * 2, 3)
        assert len(crops) == len(faces) == 1
        assert crops[0].shape == faces[0].shape == (64, 64, 3)
        assert restorer.upscale(face).shape == image.shape
        whole, aligned, _ = restorer.enhance(face, has_aligned=True)
        assert len(whole) == 1
        assert (aligned[:4] != restorer.enhance(face, paste_back=False)[1][:4]).any()
        restorer.close()
    background.close()


def _realesrgan(files, face):
    upscaler = liveswapping.RealESRGANUpscaler(files / "esrgan.pth", scale=3)
    assert upscaler.upscale(face[:40, :50]).shape == (120, 150, 3)
    upscaler.close()


def _default_upscalers(files, face):
    made = liveswapping.create_optimized_gfpgan(files / "gfpgan.pth")
    assert made.upscale(face[:64, :64]).shape == (128, 128, 3)
    made.close()
    with pytest.raises(liveswapping.ModelError, match="models pull gfpgan"):
        liveswapping.get_default_upscaler()


def _files(files, face):
    assert liveswapping.ensure_model("face_landmark").is_file()
    assert {"url", "sha256", "type", "description"} <= set(liveswapping.list_available_models()["gfpgan"])


def _get_model_type(files, face):
    kinds = {"a.dfm": "dfm", "inswapper_128.onnx": "inswapper", "b.onnx": "dfm", "c.pth": "styletransfer"}
    assert {name: liveswapping.get_model_type(Path(name)) for name in kinds} == kinds
    with pytest.raises(ValueError, match="is no model file"):
        liveswapping.get_model_type("c.txt")


def _config(files, face):
    config = liveswapping.get_optimal_config()
    assert set(config) == {
        "use_cupy", "device_count", "memory_gb", "compute_capability", "recommended_batch_size", "use_mixed_precision",
    }  # fmt: skip


def _process_image(files, face):
    assert liveswapping.process_image(face, face, model="mesh").shape == face.shape


def _array_manager(files, face):
    manager = liveswapping.GPUArrayManager(use_cupy=False, verbose=False)
    assert np.array_equal(manager.to_cpu(manager.to_gpu(face)), face)
    manager.synchronize()


def _steps_of_a_swap(files, face):
    """The published steps by hand: crop, blob, network, picture."""
    points = np.float32([[140, 105], [190, 107], [162, 130], [145, 150], [183, 151]])
    crop, matrix = liveswapping.norm_crop2(face, points, 64)
    assert np.array_equal(crop, liveswapping.norm_crop(face, points, 64))
    assert np.array_equal(matrix, liveswapping.estimate_norm(points, 64))
    blob = liveswapping.getBlob(crop, (64, 64))
    assert blob.shape == (1, 3, 64, 64)
    assert np.array_equal(liveswapping.postprocess_face(torch.from_numpy(blob)), crop)
    model = liveswapping.load_model(str(files / "narrow.pth"), provider_type="cpu")
    swapped = liveswapping.swap_face(model, blob, torch.randn(1, 512))
    assert swapped.shape == crop.shape
    assert swapped.dtype == np.uint8
    model.close()


CALLS = {
    **dict.fromkeys(
        ("estimate_norm", "norm_crop", "norm_crop2", "getBlob", "postprocess_face", "swap_face"), _steps_of_a_swap
    ),
    "load_model": _load_model,
    "create_session": _create_session,
    "get_model_type": _get_model_type,
    "get_optimal_provider": lambda *_: liveswapping.get_optimal_provider(),
    "ensure_model": _files,
    "list_available_models": _files,
    "print_gpu_info": lambda *_: liveswapping.print_gpu_info(),
    "get_optimal_config": _config,
    "get_provider_info": lambda *_: liveswapping.get_provider_info(),
    "GFPGANUpscaler": _gfpgan,
    "RealESRGANUpscaler": _realesrgan,
    "create_optimized_gfpgan": _default_upscalers,
    "get_default_upscaler": _default_upscalers,
    "process_image": _process_image,
    "GPUArrayManager": _array_manager,
}


@pytest.mark.parametrize("name", CALLS)
def test_a_promised_name_does_what_it_promises(name, files, astronaut_picture, monkeypatch, tmp_path, request):
    assert name in liveswapping.__all__
    if name in ("get_default_upscaler", "create_optimized_gfpgan"):
        models = tmp_path / "models"
        models.mkdir()
        for built_in in catalog.BUILTIN:
            (models / f"{built_in}.tflite").symlink_to(liveswapping.ensure_model(built_in))
        monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(models))
    CALLS[name](files, np.ascontiguousarray(astronaut_picture[:320, 60:380]))


@pytest.mark.parametrize("name", ["ModelLoadError", "GPUMemoryError", "FaceDetectionError", "NoFaceFound"])
def test_promised_exceptions_can_be_caught_as_one(name):
    assert issubclass(getattr(liveswapping, name), liveswapping.LiveSwappingError)


def test_the_published_lines_about_the_card_are_printed(capsys):
    liveswapping.print_gpu_info()
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["[GPU]", "CuPy:"], ["[INFO]", "Devices:"], ["[INFO]", "Memory:"], ["[INFO]", "Compute:"],
    ]  # fmt: skip


def test_the_processor_is_among_the_providers_that_work_and_others_say_why_not():
    rows = {row["name"]: row for row in gpu_utils.get_provider_info()}
    assert rows["cpu"]["available"]
    assert all(row["available"] or row["reason"] for row in rows.values())
    assert liveswapping.get_optimal_provider() in {"cuda", "directml", "coreml", "openvino", "cpu"}


def test_a_registered_model_that_is_not_here_is_not_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    with pytest.raises(liveswapping.ModelError, match="models pull reswapper128`"):
        liveswapping.load_model("reswapper128")


def test_a_source_latent_is_the_embedding_through_the_identity_map(files, monkeypatch, tmp_path, astronaut_picture):
    rows = {
        name: row if name in catalog.BUILTIN else replace(row, sha256=None) for name, row in catalog.CATALOG.items()
    }
    for built_in in catalog.BUILTIN:
        (tmp_path / f"{built_in}.tflite").symlink_to(liveswapping.ensure_model(built_in))
    monkeypatch.setattr(catalog, "CATALOG", rows)
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    with pytest.raises(liveswapping.ModelError, match="models pull emap buffalo_l`"):
        liveswapping.create_source_latent(astronaut_picture)
    (tmp_path / "buffalo_l").mkdir()
    (tmp_path / "buffalo_l" / "w600k_r50.onnx").write_bytes((files / "any.onnx").read_bytes())
    np.save(tmp_path / "emap.npy", np.eye(512, dtype=np.float32))
    latent = liveswapping.create_source_latent(astronaut_picture)
    assert latent.shape == (1, 512)
    assert latent.norm() == pytest.approx(1.0, abs=1e-5)
    assert liveswapping.create_source_latent(np.full((200, 200, 3), 128, np.uint8)) is None


def test_a_provider_that_does_not_exist_is_one_line(files):
    with pytest.raises(liveswapping.SettingsError, match="there is no provider 'vulkan'"):
        liveswapping.load_model(str(files / "narrow.pth"), provider_type="vulkan")


def test_the_256_model_is_loaded_at_its_own_size(files, monkeypatch, tmp_path):
    rows = {name: replace(row, sha256=None) for name, row in catalog.CATALOG.items()}
    monkeypatch.setattr(catalog, "CATALOG", rows)
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    (tmp_path / rows["reswapper256"].file).write_bytes((files / "narrow.pth").read_bytes())
    model = liveswapping.load_model("reswapper256", provider_type="cpu")
    assert model.size == 256
    model.close()


def test_the_module_that_basicsr_misses_is_put_in_place_for_this_process_only(monkeypatch):
    def module(name, **content):
        made = ModuleType(name)
        made.__dict__.update(content, __path__=[], __spec__=importlib.machinery.ModuleSpec(name, None))
        monkeypatch.setitem(sys.modules, name, made)

    module("torchvision")
    module("torchvision.transforms")
    module("torchvision.transforms.functional", rgb_to_grayscale=len)
    removed = "torchvision.transforms.functional_tensor"
    monkeypatch.setitem(sys.modules, removed, ModuleType("to be restored"))
    del sys.modules[removed]
    assert apply_fix()
    assert importlib.import_module(removed).rgb_to_grayscale is len
    assert not apply_fix()


def test_without_torchvision_there_is_nothing_to_mend(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert not apply_fix()
