"""The promised names for single steps of a swap, each called with what the published version took."""

from __future__ import annotations

import argparse
import gc
import json
from dataclasses import dataclass
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

import liveswapping
from liveswapping import run as program
from liveswapping.cli.parser import namespace, parse, words_of
from liveswapping.domain.errors import FaceDetectionError, NoFaceFound, SettingsError
from liveswapping.domain.face import Face
from liveswapping.imaging.histogram import match_histogram
from liveswapping.utils import gpu_utils
from tests import test_published_names
from tests.clips import write_clip

POINTS = np.float32([[140, 105], [190, 107], [162, 130], [145, 150], [183, 151]])
FACE = Face(np.float32([110, 60, 220, 190]), POINTS, 0.99)
OUTLINE = np.stack([165 + 60 * np.cos(np.linspace(0, np.pi, 33)), 120 + 80 * np.sin(np.linspace(0, np.pi, 33))], axis=1)


class Inverting:
    """A model as load_model answers with; it counts how many crops it was given at once."""

    size = 64

    def __init__(self):
        self.batches = []

    def __call__(self, target, latent):
        assert latent.shape == (1, 512)
        self.batches.append(len(target))
        return 1.0 - target


class Network(Inverting):
    """The same with the methods of our own networks."""

    def prepare(self, latent):
        return latent.sum()

    def swap(self, crops, sources):
        assert len(crops) == len(sources)
        self.batches.append(len(crops))
        return 255 - crops


class Finder:
    """Finds the same face in every picture."""

    def __init__(self, *faces):
        self.found = faces

    def faces(self, image):
        return self.found


@dataclass
class Recognised:
    bbox: np.ndarray
    landmark_2d_106: np.ndarray


@pytest.fixture
def photo(astronaut_picture):
    return np.ascontiguousarray(astronaut_picture[:320, 60:380])


@pytest.fixture
def insightface_face():
    points = np.full((106, 2), 140.0)
    points[:33] = OUTLINE
    points[33:] += np.random.default_rng(1).uniform(-12, 12, (73, 2))
    points[list(range(43, 51)) + list(range(97, 105)), 1] = 95
    mouth = (65, 66, 62, 70, 69, 18, 19, 20, 21, 22, 23, 24, 0, 8, 7, 6, 5, 4, 3, 2)
    ring = np.linspace(0, 2 * np.pi, len(mouth), endpoint=False)
    points[list(mouth)] = np.stack([162 + 24 * np.cos(ring), 155 + 14 * np.sin(ring)], axis=1)
    return Recognised(np.float32([110, 60, 220, 190]), points)


def test_blending_puts_the_crop_back_where_it_was_and_nothing_else_changes(photo):
    for blend in (
        liveswapping.blend_swapped_image,
        liveswapping.blend_swapped_image_gpu,
        liveswapping.AdaptiveBlending().blend_swapped_image_adaptive,
    ):
        crop, matrix = liveswapping.norm_crop2(photo, POINTS, 128)
        same = blend(crop, photo, matrix)
        assert np.abs(same.astype(int) - photo)[100:150, 140:185].mean() < 4
        inverted = blend(255 - crop, photo, matrix)
        assert np.abs(inverted.astype(int) - (255 - photo.astype(int)))[100:150, 140:185].mean() < 8
        assert (inverted[:8] == photo[:8]).all()
        assert (inverted[-60:] == photo[-60:]).all()


@pytest.mark.parametrize("shift", [-400, -120, 120, 400])
def test_blending_a_face_at_or_beyond_the_border_works(photo, shift):
    crop, matrix = liveswapping.norm_crop2(photo, POINTS + shift, 128)
    assert liveswapping.blend_swapped_image(crop, photo, matrix).shape == photo.shape


def test_colours_are_those_of_the_targets_face_and_what_is_shown_stays(photo, tmp_path):
    blue = (photo * (1.0, 0.6, 0.5)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "me.png"), photo)
    processor = liveswapping.create_adaptive_processor(1080)
    face = SimpleNamespace(bbox=FACE.box)
    analysis = SimpleNamespace(get=lambda image: [face])
    for transferred in (
        liveswapping.apply_color_transfer(tmp_path / "me.png", blue),
        processor.color_transfer.apply_color_transfer_adaptive(tmp_path / "me.png", blue, analysis),
        liveswapping.AdaptiveColorTransfer().apply_color_transfer_adaptive(tmp_path / "me.png", blue, Finder(FACE)),
    ):
        assert transferred.shape == photo.shape
        red = transferred[..., 2].mean() / transferred[..., 0].mean()
        assert red < 0.75 * photo[..., 2].mean() / photo[..., 0].mean()
        grey = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).ravel() for image in (transferred, photo)]
        assert np.corrcoef(*grey)[0, 1] > 0.9
    assert processor.blending.blend_swapped_image_adaptive is not None
    wall = np.full_like(photo, 90)
    assert (liveswapping.apply_color_transfer(tmp_path / "me.png", wall) == photo).all()
    cv2.imwrite(str(tmp_path / "wall.png"), wall)
    assert (liveswapping.apply_color_transfer(tmp_path / "wall.png", blue).std(axis=(0, 1)) < 1).all()


def test_the_mouth_of_the_target_comes_back_in_the_swapped_light(photo, insightface_face):
    mask, cutout, box, polygon = liveswapping.create_lower_mouth_mask(insightface_face, photo)
    left, top, right, bottom = box
    assert left < 140 < 185 < right
    assert top < 145 < 165 < bottom
    assert polygon.shape == (21, 2)
    assert cutout.shape == (bottom - top, right - left, 3)
    assert mask[155, 162] == 255
    face_mask = liveswapping.create_face_mask(insightface_face, photo)
    assert (face_mask[140, 162], face_mask[5, 5]) == (255, 0)
    swapped = np.ascontiguousarray(photo[:, ::-1] // 2)
    before = swapped.copy()
    result = liveswapping.apply_mouth_area(swapped, cutout, box, face_mask, polygon)
    assert result is swapped
    assert (result != before)[150:160, 150:175].any(axis=2).mean() > 0.8
    assert (result[:top] == before[:top]).all()
    ours, theirs = (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[148:162, 150:175].ravel() for image in (result, photo))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.7


def test_without_points_there_is_no_mouth_to_keep(photo):
    mask, cutout, box, polygon = liveswapping.create_lower_mouth_mask(FACE, photo)
    assert (mask.any(), cutout, box, polygon) == (False, None, (0, 0, 0, 0), None)
    assert not liveswapping.create_face_mask(FACE, photo).any()
    assert (liveswapping.apply_mouth_area(photo.copy(), cutout, box, mask, polygon) == photo).all()


def test_a_latent_of_a_recognised_face_needs_its_embedding_and_the_identity_map(monkeypatch, tmp_path):
    from dataclasses import replace

    from liveswapping.inference import catalog

    monkeypatch.setattr(catalog, "CATALOG", {name: replace(row, sha256=None) for name, row in catalog.CATALOG.items()})
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    known = SimpleNamespace(normed_embedding=np.eye(512, dtype=np.float32)[3])
    with pytest.raises(liveswapping.ModelError, match="models pull emap"):
        liveswapping.getLatent(known)
    emap = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)
    np.save(tmp_path / "emap.npy", emap)
    assert np.allclose(liveswapping.getLatent(known)[0], emap[3] / np.linalg.norm(emap[3]), atol=1e-6)
    with pytest.raises(FaceDetectionError, match="no embedding"):
        liveswapping.getLatent(FACE)


@pytest.mark.parametrize("kind", [Inverting, Network])
def test_a_frame_is_swapped_by_a_loaded_model(photo, kind):
    model = kind()
    latent = torch.randn(1, 512)
    swapped = liveswapping.process_frame(photo, model, latent)
    assert liveswapping.realtime.process_frame is liveswapping.process_frame
    assert model.batches == [1]
    assert np.abs(swapped.astype(int) - photo).max() > 30
    wall = np.full_like(photo, 90)
    wall_model = kind()
    assert liveswapping.process_frame(wall, wall_model, latent) is wall
    del model, wall_model
    gc.collect()


def test_frames_are_swapped_in_batches_and_come_in_order(photo):
    model = Network()
    processor = liveswapping.BatchProcessor(Finder(FACE, FACE), model, torch.randn(1, 512), max_batch_size=4)
    frames = [photo + np.uint8(number) for number in range(6)]
    assert all(processor.process_frame(frame) for frame in frames)
    processor.start()
    results = [processor.get_result(timeout=20) for _ in frames]
    processor.stop()
    assert [number for number, _ in results] == list(range(6))
    assert all((result != frame).any() for (_, result), frame in zip(results, frames, strict=True))
    assert model.batches == [8, 4]
    stats = processor.get_performance_stats()
    assert (stats["frames_processed"], stats["frames_failed"], stats["waiting"]) == (6, 0, 0)
    assert processor.get_result(timeout=0.01) is None


def test_a_frame_that_fails_goes_through_as_it_came_and_a_full_queue_says_so(photo):
    def broken(target, latent):
        raise RuntimeError("no")

    processor = liveswapping.BatchProcessor(Finder(FACE), broken, torch.randn(1, 512), queue_size=2)
    assert [processor.process_frame(photo, timeout=0.01) for _ in range(3)] == [True, True, False]
    processor.start()
    assert processor.get_result(timeout=20)[1] is photo
    processor.stop()
    assert processor.get_performance_stats()["frames_failed"] >= 1
    with pytest.raises(SettingsError, match="1 or more"):
        liveswapping.BatchProcessor(Finder(), broken, torch.randn(1, 512), max_batch_size=0)


def test_a_clip_is_read_ahead_to_its_end(tmp_path, photo):
    write_clip(tmp_path / "clip.mp4", [photo] * 5)
    with liveswapping.AsyncFrameReader(tmp_path / "clip.mp4", buffer_size=2) as reader:
        assert sum(frame.shape == photo.shape for frame in reader) == 5
        assert reader.read() is None
    reader = liveswapping.AsyncFrameReader(tmp_path / "clip.mp4", buffer_size=1)
    reader.stop()
    with pytest.raises(liveswapping.SourceError):
        liveswapping.AsyncFrameReader(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("memory", "size", "batch"),
    [(24, (1920, 1080), 8), (8, (1920, 1080), 6), (6, (3840, 2160), 2), (0, (1280, 720), 4), (24, (640, 480), 8)],
)
def test_batches_follow_memory_and_the_size_of_frames(monkeypatch, memory, size, batch):
    from liveswapping.published import batch as module

    monkeypatch.setattr(module, "get_gpu_memory_info", lambda: {"total_gb": memory})
    assert liveswapping.get_optimal_batch_config(size)["max_batch_size"] == batch


def test_without_a_card_its_memory_is_nothing():
    if not torch.cuda.is_available():
        assert set(liveswapping.get_gpu_memory_info().values()) == {0.0}


def test_histograms_are_matched_and_the_picture_stays_the_sources(photo):
    target = np.clip(photo[::-1].astype(float) * 0.5 + 20, 0, 255).astype(np.uint8)
    matched = gpu_utils.accelerated_histogram_matching(photo, target, alpha=1.0, use_gpu=False)
    assert np.abs(matched.mean(axis=(0, 1)) - target.mean(axis=(0, 1))).max() < 2
    assert np.abs(matched.std(axis=(0, 1)) - target.std(axis=(0, 1))).max() < 2
    assert np.corrcoef(matched.ravel(), photo.ravel())[0, 1] > 0.9
    assert (match_histogram(photo, target, 0.0) == photo).all()
    half = liveswapping.accelerated_histogram_matching(photo, target)
    assert photo.mean() > half.mean() > matched.mean()


def test_alignment_is_that_of_a_swap(photo):
    crop, matrix = liveswapping.accelerated_face_alignment(photo, POINTS, 128)
    expected, same = liveswapping.norm_crop2(photo, POINTS, 128)
    assert (crop == expected).all()
    assert (matrix == same).all()


def test_performance_is_measured_on_this_machine(capsys):
    measured = gpu_utils.benchmark_performance(iterations=2, size=64)
    assert {"alignment_ms", "histogram_cpu_ms"} <= set(measured)
    assert min(measured.values()) > 0
    assert gpu_utils.analyze_cupy_performance()["speedup"] > 0
    assert "[INFO] alignment_ms:" in capsys.readouterr().out


def test_providers_are_listed_for_onnx_runtime_with_the_processor_last():
    providers = liveswapping.create_providers()
    assert providers[-1][0] == "CPUExecutionProvider"
    assert liveswapping._create_providers("cpu") == [("CPUExecutionProvider", {})]
    with pytest.raises(SettingsError):
        liveswapping.create_providers("vulkan")
    assert liveswapping.get_torch_device("cpu") == torch.device("cpu")


def test_a_module_that_tensorrt_cannot_take_stays_what_it_is(caplog):
    module = torch.nn.Linear(4, 4)
    with caplog.at_level("INFO"):
        assert liveswapping.compile_with_tensorrt(module, [(1, 4)], "fp16") is module
    assert "torch-tensorrt is not used" in caplog.text
    with pytest.raises(SettingsError, match="precision 'int4'"):
        liveswapping.compile_with_tensorrt(module, [(1, 4)], "int4")


def test_what_tensorrt_compiles_is_taken_when_it_agrees_and_not_otherwise(monkeypatch):
    module = torch.nn.Linear(4, 4)
    right, wrong = torch.nn.Sequential(module), torch.nn.Linear(4, 4)
    for compiled, taken in ((right, right), (wrong, module)):
        fake = SimpleNamespace(compile=lambda model, inputs, enabled_precisions, compiled=compiled: compiled)
        monkeypatch.setitem(__import__("sys").modules, "torch_tensorrt", fake)
        assert liveswapping.compile_with_tensorrt(module, [(2, 4)], "fp32") is taken


def test_the_registry_is_the_list_of_models():
    assert liveswapping.list_available_models() == liveswapping.MODEL_REGISTRY == liveswapping.MODELS


def test_the_default_upscaler_opens_its_weights_when_it_is_used(monkeypatch, tmp_path, photo):
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    upscaler = liveswapping.DEFAULT_UPSCALER
    for use in (upscaler.upscale, upscaler.enhance):
        with pytest.raises(liveswapping.ModelError, match="models pull"):
            use(photo)
    upscaler.close()


@pytest.mark.parametrize("name", ["realtime", "video", "image", "Image"])
def test_each_command_can_be_called_from_python_and_answers_its_exit_code(name, monkeypatch, capfd):
    module = getattr(liveswapping, name)
    words = ["--source_image", "me.jpg", "--modelPath", "mesh", "--resolution", "128"]
    words += ["--target", "none.png"] if name != "realtime" else ["--target", "none.mp4", "--no_window"]
    given = module.parse_arguments(words)
    assert isinstance(given, argparse.Namespace)
    assert (given.source, given.source_image, given.modelPath, given.resolution) == ("me.jpg", "me.jpg", "mesh", 128)
    assert given.face_attribute_direction is None
    called = []
    monkeypatch.setattr(program, "main", lambda words, **_: called.append(words) or 0)
    assert module.main(given) == 0
    assert module.main(words) == module.cli(words) == 0
    assert program.parse(called[0]) == program.parse(called[1]) == program.parse(called[2])
    monkeypatch.undo()
    assert module.main(words) == 1
    assert module.main(["--nonsense"]) == 2
    assert capfd.readouterr().err.count("\n") == 2


def test_words_and_namespaces_are_two_ways_to_say_the_same():
    words = [
        "--source",
        "a.jpg",
        "b.jpg",
        "--target_video",
        "c.mp4",
        "--mouth_mask",
        "--std",
        "2",
        "--use_tensorrt=False",
    ]

    there = words_of("video", namespace("video", words))
    assert parse(["video", *there]) == parse(["video", *words])


def test_processing_can_be_started_with_a_name_or_a_loaded_model(photo, tmp_path, monkeypatch, capfd):
    write_clip(tmp_path / "clip.mp4", [photo] * 4)
    cv2.imwrite(str(tmp_path / "me.png"), photo)
    monkeypatch.setattr(liveswapping.realtime, "create_source_latent", lambda image: torch.randn(1, 512))
    flags = {"target": str(tmp_path / "clip.mp4"), "no_window": True, "frames": 3, "json": True}
    model = Network()
    for one in ("mesh", model):
        assert liveswapping.realtime.start_processing(one, None, str(tmp_path / "me.png"), **flags) == 0
        assert json.loads(capfd.readouterr().out)["frames"] > 0
    assert model.batches
    assert liveswapping.realtime.start_processing("mesh", 0, "me.png", bogus=True) == 2
    monkeypatch.setattr(liveswapping.realtime, "create_source_latent", lambda image: None)
    assert liveswapping.realtime.start_processing(model, None, str(tmp_path / "me.png"), **flags) == 1
    assert "no face was found" in capfd.readouterr().err
    assert issubclass(NoFaceFound, FaceDetectionError)


PROMISED = """
load_model list_available_models get_model_type create_session get_optimal_provider _create_providers get_torch_device
compile_with_tensorrt MODEL_REGISTRY ensure_model MODELS print_gpu_info get_optimal_config get_provider_info
analyze_cupy_performance benchmark_performance GPUArrayManager accelerated_histogram_matching accelerated_face_alignment
create_adaptive_processor AdaptiveColorTransfer AdaptiveBlending BatchProcessor AsyncFrameReader get_gpu_memory_info
get_optimal_batch_config GFPGANUpscaler RealESRGANUpscaler create_optimized_gfpgan ensure_gfpgan_model
get_default_upscaler DEFAULT_UPSCALER process_image create_source_latent apply_color_transfer swap_face postprocess_face
getBlob getLatent blend_swapped_image blend_swapped_image_gpu create_face_mask create_lower_mouth_mask apply_mouth_area
estimate_norm norm_crop norm_crop2 ModelLoadError GPUMemoryError FaceDetectionError process_frame realtime video Image
"""
"""Everything that the published version had or promised, but for `run`, which stays where it was."""


CALLS = {
    "_create_providers": lambda names, photo: names._create_providers("cpu"),
    "get_torch_device": lambda names, photo: names.get_torch_device(),
    "compile_with_tensorrt": lambda names, photo: names.compile_with_tensorrt(torch.nn.ReLU(), [(1, 4)], "fp32"),
    "MODEL_REGISTRY": lambda names, photo: names.MODEL_REGISTRY["reswapper128"]["sha256"],
    "MODELS": lambda names, photo: names.MODELS["gfpgan"]["url"],
    "DEFAULT_UPSCALER": lambda names, photo: names.DEFAULT_UPSCALER.close(),
    "ensure_gfpgan_model": lambda names, photo: names.ensure_gfpgan_model(),
    "analyze_cupy_performance": lambda names, photo: names.analyze_cupy_performance(),
    "benchmark_performance": lambda names, photo: names.benchmark_performance(1, 32),
    "accelerated_histogram_matching": lambda names, photo: names.accelerated_histogram_matching(
        photo, photo, 0.5, False
    ),
    "accelerated_face_alignment": lambda names, photo: names.accelerated_face_alignment(photo, POINTS),
    "create_adaptive_processor": lambda names, photo: names.create_adaptive_processor(720),
    "AdaptiveColorTransfer": lambda names, photo: names.AdaptiveColorTransfer(),
    "AdaptiveBlending": lambda names, photo: names.AdaptiveBlending(),
    "BatchProcessor": lambda names, photo: names.BatchProcessor(Finder(), Inverting(), torch.zeros(1, 512)).stop(),
    "get_gpu_memory_info": lambda names, photo: names.get_gpu_memory_info(),
    "get_optimal_batch_config": lambda names, photo: names.get_optimal_batch_config((1280, 720)),
    "getLatent": lambda names, photo: names.getLatent,
    "blend_swapped_image": lambda names, photo: names.blend_swapped_image(photo, photo, np.eye(2, 3)),
    "blend_swapped_image_gpu": lambda names, photo: names.blend_swapped_image_gpu(photo, photo, np.eye(2, 3)),
    "create_face_mask": lambda names, photo: names.create_face_mask(FACE, photo),
    "create_lower_mouth_mask": lambda names, photo: names.create_lower_mouth_mask(FACE, photo),
    "apply_mouth_area": lambda names, photo: names.apply_mouth_area(photo, None, (0, 0, 0, 0), photo[..., 0], None),
    "process_frame": lambda names, photo: names.process_frame(photo, Network(), torch.zeros(1, 512)),
    "realtime": lambda names, photo: names.realtime.parse_arguments(["--source", "me.jpg"]),
    "video": lambda names, photo: names.video.main(["--source", "no.jpg", "--target", "no.mp4"]),
    "Image": lambda names, photo: names.Image.cli(["--source", "no.jpg", "--target", "no.jpg"]),
    **dict.fromkeys(("ModelLoadError", "GPUMemoryError", "FaceDetectionError"), lambda names, photo: None),
    **dict.fromkeys(("create_source_latent", "apply_color_transfer", "AsyncFrameReader"), lambda names, photo: None),
}
"""How each is called here; the last line's are called by tests of their own, as they need files."""


@pytest.mark.parametrize("name", PROMISED.split())
def test_every_promised_name_is_public_and_can_be_called(name, photo, tmp_path, monkeypatch):
    assert name in liveswapping.__all__
    assert getattr(liveswapping, name) is not None
    if name in test_published_names.CALLS:
        return
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("liveswapping.inference.store.Store.ensure", lambda store, name: tmp_path / name)
    CALLS[name](liveswapping, photo.copy())


def test_what_stayed_at_its_own_path_is_there():
    assert {"run", "main", "start_gui"} <= set(vars(program))
    assert {"parse_arguments", "main", "cli", "load_model", "start_processing"} <= set(vars(liveswapping.realtime))
    assert {"parse_arguments", "main", "cli", "load_model", "swap_face"} <= set(vars(liveswapping.video))
