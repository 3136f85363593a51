"""Neural engines and restorers from the command line, with narrow networks of the published graphs."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from liveswapping.build import build_pipeline, build_runner, load_identity, open_source
from liveswapping.cli.console import Console
from liveswapping.domain.settings import Settings
from liveswapping.inference import catalog
from liveswapping.inference.networks.export import export_reswapper
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.inference.onnx_swap import OnnxSwap
from liveswapping.inference.store import Store
from liveswapping.media.null import NullSink
from liveswapping.pipeline.status import State
from liveswapping.pipeline.timing import Laps
from liveswapping.run import main
from tests.clips import write_clip
from tests.faces import onnx_models
from tests.named_weights import filled, one_thread  # noqa: F401
from tests.swappers.test_dfm import dfm

BUILTIN = catalog.BUILTIN


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Narrow networks under the registered names, beside the built-in ones."""
    folder = tmp_path_factory.mktemp("models")
    for name in BUILTIN:
        (folder / f"{name}.tflite").write_bytes(Store().path(name).read_bytes())
    swap = filled(StyleTransferModel, "reswapper", 32, 2)
    for name in ("reswapper128", "reswapper256"):
        torch.save(swap.state_dict(), folder / catalog.CATALOG[name].file)
    emap = np.random.default_rng(5).standard_normal((512, 512)).astype(np.float32)
    np.save(folder / "emap.npy", emap)
    export_reswapper(swap, folder / "inswapper_128.onnx", 128, emap)
    (folder / "buffalo_l").mkdir()
    onnx_models.arcface(folder / "buffalo_l" / "w600k_r50.onnx")
    points = np.float32([[290, 230], [390, 234], [334, 280], [300, 320], [376, 322]])
    seen = (0.9, 42, 34, np.float32([230, 140, 450, 400]), points)
    onnx_models.scrfd(folder / "buffalo_l" / "det_10g.onnx", [seen])
    channels = {4: 8, 8: 8, 16: 8, 32: 8, 64: 8}
    torch.save({"params_ema": filled(GfpganClean, "gfpgan", channels).state_dict()}, folder / "GFPGANv1.3.pth")
    torch.save({"params_ema": filled(RRDBNet, "rrdb", 2, 1, 8, 4).state_dict()}, folder / "RealESRGAN_x2plus.pth")
    return folder


@pytest.fixture
def here(weights, tmp_path, monkeypatch, astronaut_picture):
    """An empty folder with a photograph, a picture and a clip; the narrow networks pass for the published ones."""
    rows = {name: row if name in BUILTIN else replace(row, sha256=None) for name, row in catalog.CATALOG.items()}
    monkeypatch.setattr(catalog, "CATALOG", rows)
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(weights))
    monkeypatch.setattr("liveswapping.inference.providers.cache_directory", lambda: tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    face = astronaut_picture[:320, 60:380]
    cv2.imwrite("me.png", face)
    cv2.imwrite("photo.png", (face[20:300, 10:310] * 0.8).astype(np.uint8))
    write_clip(tmp_path / "clip.mp4", [face] * 3)
    return tmp_path


def run(capfd, *words):
    code = main([str(word) for word in words])
    said = capfd.readouterr()
    assert code == 0, said.err
    return said


def image(capfd, *words):
    """The swapped picture and what was said on stderr."""
    said = run(capfd, "image", "--source", "me.png", "--target", "photo.png", "-o", "o.png", "--json", *words)
    assert json.loads(said.out)["swapped"] == 1
    return cv2.imread("o.png"), said.err


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("reswapper128", "reswapper128 at 128 pixels runs on cpu (fp32)"),
        ("reswapper256", "reswapper256 at 256 pixels runs on cpu (fp32)"),
        ("models/reswapper128.pth", "reswapper128 at 128 pixels runs on cpu (fp32)"),
        ("inswapper128", "inswapper128 at 128 pixels runs on cpu (model)"),
        ("InSwapper", "inswapper128 at 128 pixels runs on cpu (model)"),
    ],
)
def test_a_registered_engine_swaps_and_says_once_where_it_runs(here, capfd, model, says):
    before = cv2.imread("photo.png")
    after, said = image(capfd, "--model", model, "--provider", "cpu")
    changed = (before != after).any(axis=2)
    assert 0.05 < changed.mean() < 0.7
    assert said == says + "\n"


def test_why_nothing_faster_was_taken_is_part_of_that_line(here, capfd, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    _, said = image(capfd, "--model", "reswapper128")
    assert said.count("\n") == 1
    assert "not on cuda: " in said


def test_a_file_of_the_users_is_an_engine_at_the_resolution_that_was_asked_for(here, weights, capfd):
    (here / "mine.pth").write_bytes((weights / "reswapper-1019500.pth").read_bytes())
    _, said = image(capfd, "--model", "mine.pth", "--resolution", "64", "--provider", "cpu")
    assert said == "mine.pth at 64 pixels runs on cpu (fp32)\n"
    (here / "mine.onnx").write_bytes((weights / "inswapper_128.onnx").read_bytes())
    _, said = image(capfd, "--model", "mine.onnx", "--provider", "cpu")
    assert "mine.onnx at 128 pixels" in said


@pytest.mark.parametrize("name", ["someone.dfm", "someone.onnx"])
def test_a_deepfacelive_model_is_known_by_its_inputs_and_its_morph_factor_counts(here, capfd, name):
    dfm(here / name)
    little, said = image(capfd, "--model", name, "--provider", "cpu", "--morph", "0.2")
    much, _ = image(capfd, "--model", name, "--provider", "cpu", "--morph", "1")
    assert said == f"{name} at 64 pixels runs on cpu (model)\n"
    assert (little != much).any()


def test_a_direction_and_the_mouth_mask_change_the_picture(here, capfd):
    words = ("--model", "reswapper128", "--resolution", "64", "--provider", "cpu")
    plain, _ = image(capfd, *words)
    np.save("age.npy", np.random.default_rng(1).standard_normal(512).astype(np.float32))
    older, _ = image(capfd, *words, "--face_attribute_direction", "age.npy", "--face_attribute_steps", "1")
    unchanged, _ = image(capfd, *words, "--attribute_dir", "age.npy")
    masked, _ = image(capfd, *words, "--mouth_mask")
    assert (plain != older).any()
    assert np.array_equal(plain, unchanged)
    kept = (masked == cv2.imread("photo.png")).all(axis=2) & (plain != masked).any(axis=2)
    assert kept.mean() > 0.001


def test_the_analyser_that_was_asked_for_finds_the_faces(here, capfd):
    words = ("--model", "reswapper128", "--resolution", "64", "--provider", "cpu", "--analyser", "insightface")
    after, _ = image(capfd, *words)
    rows, columns = np.nonzero((after != cv2.imread("photo.png")).any(axis=2))
    scale = 300 / 640
    assert abs(columns.mean() - 340 * scale) < 20
    assert abs(rows.mean() - 270 * scale) < 30


def test_a_clip_goes_through_a_neural_engine(here, capfd):
    said = run(
        capfd, "video", "--source", "me.png", "--target", "clip.mp4", "-o", "o.mp4", "--json",
        "--model", "reswapper128", "--resolution", "64", "--provider", "cpu",
    )  # fmt: skip
    result = json.loads(said.out)
    assert (result["frames"], result["swapped"], result["failed"]) == (3, 3, 0)
    assert "reswapper128 at 64 pixels" in said.err


@pytest.mark.parametrize("words", [(), ("--bg_upsampler", "none"), ("--enhancer", "none"), ("--only_center_face",)])
def test_an_enlarged_picture_is_twice_as_large(here, capfd, words):
    after, said = image(capfd, "--upscale", "2", *words)
    assert after.shape == (560, 600, 3)
    assert ("gfpgan" in said) == ("--enhancer" not in words)
    assert ("realesrgan" in said) == ("--bg_upsampler" not in words)


def test_restoring_alone_keeps_the_size_and_its_weight_counts(here, capfd):
    plain, _ = image(capfd)
    restored, _ = image(capfd, "--enhancer", "gfpgan", "--weight", "1")
    nothing, _ = image(capfd, "--enhancer", "gfpgan", "--weight", "0")
    assert plain.shape == restored.shape
    difference = np.abs(plain.astype(int) - restored)
    assert difference.max() > 20
    assert np.abs(plain.astype(int) - nothing).mean() < difference.mean() / 3


def test_every_frame_of_an_enlarged_clip_has_one_size(here, capfd):
    said = run(
        capfd, "video", "--source", "me.png", "--target", "clip.mp4", "-o", "o.mp4", "--json", "--upscale", "2",
        "--enhancer", "none", "--bg_tile", "128",
    )  # fmt: skip
    assert json.loads(said.out)["swapped"] == 3
    assert int(cv2.VideoCapture("o.mp4").get(cv2.CAP_PROP_FRAME_HEIGHT)) == 640


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--model", "reswapper128"), "models pull reswapper128 emap buffalo_l"),
        (("--model", "inswapper128", "--analyser", "insightface"), "models pull inswapper128 buffalo_l`"),
        (("--model", "inswapper128", "--analyser", "yunet"), "models pull inswapper128 buffalo_l yunet`"),
        (("--upscale", "2"), "models pull gfpgan realesrgan_x2plus`"),
        (("--enhancer", "gfpgan14"), "models pull gfpgan14`"),
    ],
)
def test_all_missing_files_are_named_in_one_line_with_one_cure(here, capfd, monkeypatch, tmp_path, words, says):
    empty = tmp_path / "models"
    empty.mkdir()
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(empty))
    assert main(["image", "--source", "me.png", "--target", "photo.png", "-o", "o.png", *words]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert says in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--model", "inswapper128", "--resolution", "256"), "it takes 128 only"),
        (("--model", "reswapper128", "--resolution", "130"), "resolution 130 cannot be used by ReSwapper"),
        (("--model", "me.png"), "is no weight file"),
        (("--model", "emap"), "there is no engine 'emap'"),
        (("--model", "reswapper128", "--attribute_dir", "no.npy", "--attribute_steps", "1"), "no.npy"),
        (("--model", "reswapper128", "--morph", "0.5"), "--morph is for DeepFaceLive's models"),
        (("--upscale", "2", "--bg_tile", "8"), "tile 8 is too small"),
    ],
)
def test_what_an_engine_cannot_do_is_one_line(here, capfd, words, says):
    code = main(["image", "--source", "me.png", "--target", "photo.png", "-o", "o.png", "--provider", "cpu", *words])
    said = capfd.readouterr().err
    assert code == 1
    assert says in said
    assert said.count("\n") == 1


def test_licences_are_shown_and_agreed_to_before_the_first_download(here, capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path / "models"))
    assert main(["models", "pull", "buffalo_l", "yunet"]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "non-commercial research only (InsightFace)" in said
    assert "--yes" in said
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("\n", False)])
def test_a_person_is_asked_and_silence_is_no_consent(monkeypatch, answer, agreed):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    shown = Terminal()
    assert Console(shown, None).agrees(["net: no trade"], "fetch them?") is agreed
    assert shown.getvalue() == "net: no trade\nfetch them? [y/N] "


def test_a_list_tells_hashes_that_are_recorded_here_from_published_ones(here, capfd):
    rows = {row["name"]: row for row in json.loads(run(capfd, "models", "list", "--json").out)}
    assert rows["buffalo_l_recognition"]["state"] == "ready"
    assert rows["buffalo_l_recognition"]["note"] == "; sha256 recorded here, not published"
    assert rows["face_landmark"]["note"] == ""
    assert rows["yunet"]["state"] == "missing"


def test_noise_and_blur_come_over_the_finished_picture(here, capfd):
    plain, _ = image(capfd, "--label", "off")  # which is no part of what noise and blur come over
    grainy, _ = image(capfd, "-std", "4", "-blur", "1", "--label", "off")
    assert (grainy.astype(float) - plain).std() == pytest.approx(4, rel=0.15)
    blurred, _ = image(capfd, "--std", "0.0", "--blur", "3", "--label", "off")
    assert np.abs(blurred.astype(int) - cv2.GaussianBlur(plain, (3, 3), 0)).max() <= 1


def test_a_picture_that_is_an_aligned_face_is_restored_as_a_whole(here, capfd):
    plain, _ = image(capfd)
    faces, _ = image(capfd, "--enhancer", "gfpgan", "--weight", "1")
    whole, _ = image(capfd, "--enhancer", "gfpgan", "--weight", "1", "--aligned")
    assert (faces[:10] == plain[:10]).all()
    assert np.abs(whole[:10].astype(int) - plain[:10]).mean() > 5
    assert main(["image", "--source", "me.png", "--target", "photo.png", "--aligned"]) == 1
    assert "--aligned is for face restoration" in capfd.readouterr().err


def test_suffix_and_ext_name_a_result_that_has_no_name_and_say_where_they_change_nothing(here, capfd):
    words = ["image", "--source", "me.png", "--target", "photo.png", "--suffix", "swapped", "--ext", "png"]
    assert main(words) == 0
    assert (here / "output_swapped.png").is_file()
    assert main([*words, "-o", "named.jpg"]) == 0
    assert (here / "named.jpg").is_file()
    assert main(["video", "--source", "me.png", "--target", "clip.mp4", "--suffix", "x", "--ext", "png"]) == 0
    assert (here / "output_x.mp4").is_file()
    said = capfd.readouterr().err
    assert "--output names the result" in said
    assert "--ext png changes nothing" in said


def test_in_little_memory_two_faces_are_swapped_one_after_the_other(here, capfd, monkeypatch):
    batches = []
    swap = OnnxSwap.swap
    monkeypatch.setattr(
        OnnxSwap, "swap", lambda self, crops, sources: batches.append(len(crops)) or swap(self, crops, sources)
    )
    face = cv2.imread("photo.png")
    cv2.imwrite("two.png", np.hstack((face, face)))
    words = ["image", "--source", "me.png", "--target", "two.png", "--model", "inswapper128", "--faces", "all"]
    words += ["--provider", "cpu", "--fp16", "--bg_upsampler", "none"]
    assert main([*words, "-o", "plenty.png"]) == 0
    assert main([*words, "-o", "little.png", "--low_mem"]) == 0
    assert batches == [2, 1, 1]
    assert np.abs(cv2.imread("plenty.png").astype(int) - cv2.imread("little.png")).max() <= 1


@pytest.mark.parametrize("model", ["reswapper128", "inswapper128"])
def test_other_settings_of_an_engine_that_runs_do_not_load_its_weights_again(here, model):
    np.save("direction.npy", np.ones(512, np.float32))
    settings = Settings(model=model, sources=("me.png",), provider="cpu")
    source = open_source(Settings(target="clip.mp4"), realtime=False)
    runner = build_runner(settings, load_identity(settings, print), source, [NullSink()])
    changed = replace(settings, face_attribute_direction="direction.npy", face_attribute_steps=0.5)
    other = runner._rebuilder._build(changed)
    networks = [pipeline._swapper.network._thing for pipeline in (runner._pipeline, other)]
    assert networks[0] is networks[1]
    other.close()
    assert runner.run().state is State.ENDED
    assert runner.status.frames_swapped == 3


@pytest.mark.parametrize(("temporal", "rungs"), [("auto", 3), ("on", 2), ("off", 1)])
def test_live_swapped_faces_are_restored_by_steps_that_can_be_given_up(here, temporal, rungs):
    settings = Settings(sources=("me.png",), provider="cpu", enhancer="gfpgan", weight=1.0, temporal=temporal)
    pipeline = build_pipeline(settings, load_identity(settings, print), camera=True)
    restoring, laps, photo = pipeline.adjustable[0], Laps(), cv2.imread("photo.png")
    assert len(restoring.savings) == rungs
    deadline = time.monotonic() + 30
    restored = pipeline.process(photo, settings, laps).image
    while "restore" not in laps.stages:  # beside the picture it answers later
        assert time.monotonic() < deadline
        restored = pipeline.process(photo, settings, laps).image
    restoring.save(rungs)
    plain = pipeline.process(photo, settings, laps).image
    pipeline.close()
    swapped = (plain != photo).any(axis=2)
    assert np.abs(restored.astype(int) - plain)[swapped].mean() > 1


def test_an_engine_is_calibrated_to_int8_with_the_users_faces_and_runs_in_it_until_that_is_forgotten(here, capfd):
    pytest.importorskip("openvino")
    face = cv2.imread("me.png")
    write_clip(here / "many.mp4", [cv2.convertScaleAbs(face, alpha=0.8 + 0.03 * number) for number in range(10)])
    said = json.loads(run(capfd, "models", "calibrate", "reswapper128", "--faces_from", "many.mp4", "--json").out)
    assert (said["name"], said["kept"], said["faces"], said["held_out"]) == ("reswapper128", True, 7, 3)
    assert said["psnr_db"] >= 35
    _, line = image(capfd, "--model", "reswapper128", "--provider", "openvino")
    assert line.startswith("reswapper128 at 128 pixels runs on openvino (int8)")
    assert "was removed" in run(capfd, "models", "calibrate", "reswapper128", "--forget").out
    _, line = image(capfd, "--model", "reswapper128", "--provider", "openvino")
    assert "(int8)" not in line
    assert "runs on openvino" in line


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("reswapper128",), "calibrate needs pictures of faces; add --faces_from"),
        (("reswapper128", "inswapper128", "--faces_from", "clip.mp4"), "calibrate takes one model"),
        (("reswapper128", "--faces_from", "clip.mp4"), "3 faces are too few"),
        (("mesh", "--faces_from", "clip.mp4"), "mesh has no int8 form"),
        (("nothing", "--faces_from", "clip.mp4"), "there is no engine 'nothing'"),
    ],
)
def test_what_cannot_be_calibrated_is_one_line(here, capfd, words, says):
    pytest.importorskip("openvino")
    assert main(["models", "calibrate", *words]) == 1
    said = capfd.readouterr().err
    assert says in said
    assert said.count("\n") == 1


class _Code:
    def __reduce__(self):
        return print, ("it ran",)


def _unusable(kind, here, weights):
    """A file that cannot be used, or the words that ask for what there is not."""
    file = here / ("bad.onnx" if kind == "other inputs" else "bad.pth")
    if kind == "architecture":
        file.write_bytes((weights / "GFPGANv1.3.pth").read_bytes())
    elif kind == "truncated":
        file.write_bytes((weights / "reswapper-1019500.pth").read_bytes()[:-999])
    elif kind == "code":
        torch.save({"weights": _Code()}, file)
    elif kind == "other inputs":
        onnx_models.arcface(file)
    return {"size": ("reswapper128", "--resolution", "130"), "provider": ("reswapper128", "--provider", "vulkan")}.get(
        kind, (file.name,)
    )


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("architecture", "bad.pth holds no weights of the ReSwapper network"),
        ("truncated", "bad.pth is damaged or not a weight file"),
        ("code", "bad.pth holds code beside weights and was not loaded"),
        ("other inputs", "bad.onnx is no swap network: it takes"),
        ("size", "resolution 130 cannot be used by ReSwapper"),
        ("provider", "vulkan"),
    ],
)
@pytest.mark.parametrize("provider", ["auto", "cpu", "openvino"])
def test_what_no_engine_can_be_made_of_is_one_line_on_every_provider(here, weights, capfd, kind, says, provider):
    words = _unusable(kind, here, weights)
    asked = words if "--provider" in words else (*words, "--provider", provider)
    code = main(["image", "--source", "me.png", "--target", "photo.png", "-o", "o.png", "--model", *asked])
    said = capfd.readouterr()
    assert code in (1, 2)
    assert says in said.err
    assert said.err.count("\n") == 1
    assert "it ran" not in said.out + said.err
