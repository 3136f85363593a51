"""Who becomes whom, from the command line: saved people, references, and several sources."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from liveswapping.inference import catalog
from liveswapping.inference.store import Store
from liveswapping.run import main
from tests.clips import write_clip
from tests.faces import onnx_models


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The built-in networks, and a recogniser that goes by colours."""
    folder = tmp_path_factory.mktemp("models")
    for name in catalog.BUILTIN:
        (folder / f"{name}.tflite").write_bytes(Store().path(name).read_bytes())
    (folder / "buffalo_l").mkdir()
    onnx_models.arcface(folder / "buffalo_l" / "w600k_r50.onnx")
    return folder


@pytest.fixture
def here(models, tmp_path, monkeypatch, astronaut_picture):
    """A picture of two people, one of whom is blue, photographs of both, and two to become: one red, one green."""
    rows = {
        name: row if name in catalog.BUILTIN else replace(row, sha256=None) for name, row in catalog.CATALOG.items()
    }
    monkeypatch.setattr(catalog, "CATALOG", rows)
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(models))
    monkeypatch.setenv("LIVESWAPPING_IDENTITIES_DIR", str(tmp_path / "people"))
    monkeypatch.setattr("liveswapping.inference.providers.cache_directory", lambda: tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    face = astronaut_picture[:320, 60:380]
    blue = tinted(face, (1.0, 0.5, 0.4))
    cv2.imwrite("plain.png", face)
    cv2.imwrite("blue.png", blue)
    cv2.imwrite("red.png", tinted(face[:, ::-1], (0.6, 0.6, 1.0)))
    cv2.imwrite("green.png", tinted(face[:, ::-1], (0.7, 1.0, 0.6)))
    cv2.imwrite("both.png", np.hstack((face, blue)))
    write_clip(tmp_path / "clip.mp4", [np.hstack((face, blue))] * 3)
    return tmp_path


def tinted(image, bgr):
    return np.ascontiguousarray((image * np.float32(bgr)).astype(np.uint8))


def swap(capfd, *words, count=1):
    """Where the picture of two changed: its left and its right half."""
    code = main(["image", "--target", "both.png", "-o", "o.png", "--json", "--colour", "0", *words])
    said = capfd.readouterr()
    assert code == 0, said.err
    assert json.loads(said.out)["swapped"] == count
    before, after = cv2.imread("both.png").astype(int), cv2.imread("o.png").astype(int)
    return [(after - before)[60:260, place : place + 320] for place in (0, 320)]


def changed(half):
    return bool(np.abs(half).max() > 8)


def test_only_the_person_of_the_reference_is_swapped(here, capfd):
    left, right = swap(capfd, "--source", "red.png", "--reference", "blue.png")
    assert (changed(left), changed(right)) == (False, True)
    left, right = swap(capfd, "--source", "red.png", "--reference", "plain.png")
    assert (changed(left), changed(right)) == (True, False)


def test_nobody_is_swapped_where_nobody_is_alike_enough(here, capfd):
    words = ["--source", "red.png", "--reference", "red.png", "--reference_threshold", "0.99"]
    assert main(["image", "--target", "both.png", "-o", "o.png", *words]) == 1
    assert "looks like the reference" in capfd.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("--map", "left=red.png", "right=green.png"),
        ("--map", "0=red.png", "--map", "1=green.png"),
        ("--map", "plain.png=red.png", "blue.png=green.png"),
        ("--map", "left=red.png", "--source", "green.png"),
    ],
)
def test_each_becomes_who_is_meant_for_them(here, capfd, words):
    left, right = swap(capfd, *words, count=2)
    assert left[..., 2].mean() > left[..., 1].mean() + 1
    assert right[..., 1].mean() > right[..., 2].mean() + 1


def test_a_clip_is_mapped_as_a_picture_is(here, capfd):
    words = ["--target", "clip.mp4", "-o", "o.mp4", "--json", "--colour", "0", "--map", "blue.png=green.png"]
    assert main(["video", *words]) == 0
    assert json.loads(capfd.readouterr().out)["swapped"] == 3
    _, frame = cv2.VideoCapture("o.mp4").read()
    half = frame.astype(int) - cv2.imread("both.png")
    assert np.abs(half[60:260, :320]).mean() < np.abs(half[60:260, 320:]).mean() / 2


def test_a_live_run_is_mapped_as_a_clip_is(here, capfd):
    words = ["--target", "clip.mp4", "--no_window", "--record", "r.mp4", "--json", "--colour", "0"]
    assert main(["realtime", *words, "--map", "right=green.png"]) == 0
    assert json.loads(capfd.readouterr().out)["swapped"] > 0
    _, frame = cv2.VideoCapture("r.mp4").read()
    left, right = (frame[80:170, place : place + 80].astype(int) for place in (125, 445))
    assert (right[..., 1] - right[..., 2]).mean() > 20
    assert (left[..., 1] - left[..., 2]).mean() < 5


def test_a_saved_person_swaps_as_the_photograph_did_and_needs_it_no_more(here, capfd):
    before = swap(capfd, "--source", "red.png")
    assert main(["identities", "save", "Rosa", "--source", "red.png", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["file"].endswith("Rosa.identity")
    (here / "red.png").unlink()
    after = swap(capfd, "--source", "saved:Rosa")
    assert all(np.abs(one - other).max() <= 2 for one, other in zip(before, after, strict=True))
    swap(capfd, "--map", f"left={here / 'people' / 'Rosa.identity'}")
    swap(capfd, "--source", "saved:Rosa", "plain.png")
    _, right = swap(capfd, "--source", "green.png", "--reference", "blue.png", "saved:Rosa")
    assert changed(right)


def test_saved_people_are_listed_and_removed(here, capfd):
    assert main(["identities", "list"]) == 0
    assert "nobody is kept" in capfd.readouterr().out
    main(["identities", "save", "Bo", "--source", "plain.png", "blue.png"])
    (here / "people" / "broken.identity").write_bytes(b"no archive")
    capfd.readouterr()
    assert main(["identities", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capfd.readouterr().out)}
    assert (rows["Bo"]["photographs"], rows["Bo"]["embedding"]) == (2, "yes")
    assert "cannot be read" in rows["broken"]["embedding"]
    assert main(["identities", "list"]) == 0
    assert main(["identities", "remove", "Bo"]) == 0
    assert main(["identities", "remove", "Bo"]) == 1
    assert "nobody is saved as 'Bo'; there is: broken" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("image", "--source", "saved:nobody", "--target", "both.png"), "there is no saved identity"),
        (("image", "--source", "saved:../x", "--target", "both.png"), "cannot be a saved identity's name"),
        (("image", "--map", "left", "--target", "both.png"), "WHO=SOURCE is expected"),
        (("image", "--map", "0=a.png", "--reference", "b.png", "--target", "both.png"), "use --map REFERENCE=SOURCE"),
        (("image", "--source", "red.png", "--target", "both.png", "--reference_threshold", "0.5"), "add --reference"),
        (("identities", "save", "Rosa"), "add --source FILE"),
        (("identities", "save", "--source", "red.png"), "one name is needed"),
        (("identities", "save", "a/b", "--source", "red.png"), "cannot be a saved identity's name"),
    ],
)
def test_what_cannot_be_meant_is_one_line(here, capfd, words, says):
    assert main([*words]) == 1
    said = capfd.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_without_the_recognition_network_a_reference_says_what_is_needed_and_people_are_kept(
    here, capfd, monkeypatch, tmp_path
):
    models = tmp_path / "models"
    models.mkdir()
    for name in catalog.BUILTIN:
        (models / f"{name}.tflite").write_bytes(Store().path(name).read_bytes())
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(models))
    assert main(["image", "--source", "red.png", "--reference", "blue.png", "--target", "both.png"]) == 1
    assert "models pull buffalo_l" in capfd.readouterr().err
    assert main(["identities", "save", "Rosa", "--source", "red.png"]) == 0
    assert "without an embedding" in capfd.readouterr().err
    swap(capfd, "--source", "saved:Rosa")


def test_a_source_or_a_mapping_is_required(capsys):
    assert main(["image", "--target", "both.png"]) == 2
    assert "--source (or --map) is required" in capsys.readouterr().err


def test_what_tells_two_groups_apart_is_a_direction(here, capfd, models):
    words = ["identities", "direction", "tint", "--source", "red.png", "green.png", "--without", "plain.png"]
    if not (models / "emap.npy").exists():
        assert main(words) == 1
        assert "models pull emap" in capfd.readouterr().err
        np.save(models / "emap.npy", np.random.default_rng(2).standard_normal((512, 512)).astype(np.float32))
    assert main(words) == 0
    assert "--face_attribute_direction tint.npy" in capfd.readouterr().out
    direction = np.load("tint.npy", allow_pickle=False)
    assert direction.shape == (512,)
    assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-5)
    assert main(["identities", "direction", "none", "--source", "red.png", "--without", "red.png"]) == 1
    assert "both groups of faces are the same" in capfd.readouterr().err
    assert main(["identities", "direction", "none", "--source", "red.png"]) == 1
    assert "photographs of two groups" in capfd.readouterr().err
