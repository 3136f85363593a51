"""What the user gets wrong, or the machine: one line on stderr, exit code 1, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.clips import write_clip, write_sound

ROOT = Path(__file__).parents[1]
_PATH = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, astronaut_picture):
    """Good and bad files, made once; tests only read them."""
    folder = tmp_path_factory.mktemp("pictures")
    face = astronaut_picture[:320, 60:380]
    cv2.imwrite(str(folder / "me.jpg"), face)
    cv2.imwrite(str(folder / "two.jpg"), _side_by_side(face))
    cv2.imwrite(str(folder / "wall.jpg"), np.full((240, 320, 3), 128, np.uint8))
    (folder / "text.jpg").write_text("this is not a picture", encoding="utf-8")
    whole = (folder / "me.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").touch()
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is not a clip", encoding="utf-8")
    write_sound(folder / "sound.mp4")
    frames = [np.roll(face, shift, axis=1) for shift in (0, 2, 4, 6, 8)] * 8
    write_clip(folder / "clip.mp4", frames[:8], sound=True)
    write_clip(folder / "walls.mp4", [np.full((240, 320, 3), value, np.uint8) for value in range(100, 105)])
    write_clip(folder / "broken.mkv", frames)
    data = bytearray((folder / "broken.mkv").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1500] = np.random.default_rng(1).bytes(1500)
    (folder / "broken.mkv").write_bytes(data)
    return folder


def _side_by_side(face):
    small = cv2.resize(face, None, fx=0.7, fy=0.7)
    canvas = np.full((320, 640, 3), 90, np.uint8)
    canvas[48 : 48 + small.shape[0], 40 : 40 + small.shape[1]] = small
    canvas[:, 320:] = face
    return canvas


@pytest.fixture
def cli(pictures, tmp_path):
    """Runs a command in an empty folder beside the pictures; `{p}` in a word is their folder."""

    def run(*words, **options):
        return _run(pictures, tmp_path, *words, **options)

    return run


def _run(pictures, folder, *words, env=None, **options):
    command = [sys.executable, "-m", "liveswapping.run", *(str(word).format(p=pictures) for word in words)]
    environment = {**os.environ, "PYTHONPATH": _PATH, "DISPLAY": "", **(env or {})}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, **options)


def _is_one_line(answer, says, left_behind):
    assert answer.returncode == 1, answer.stderr
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert says in answer.stderr
    assert answer.stdout == ""
    assert not [path for path in left_behind.rglob("*") if path.is_file()]
    assert not list(left_behind.iterdir())


PICTURES = {
    "no such source": ("{p}/nobody.jpg", "{p}/me.jpg", "nobody.jpg"),
    "no such target": ("{p}/me.jpg", "{p}/nothing.jpg", "nothing.jpg"),
    "a source that is no image": ("{p}/text.jpg", "{p}/me.jpg", "not an image"),
    "a target that is no image": ("{p}/me.jpg", "{p}/text.jpg", "not an image"),
    "a truncated JPEG": ("{p}/cut.jpg", "{p}/me.jpg", "damaged or cut off"),
    "an empty file": ("{p}/me.jpg", "{p}/empty.jpg", "is empty"),
    "no face in the source": ("{p}/wall.jpg", "{p}/me.jpg", "no face was found in"),
    "no face in the target": ("{p}/me.jpg", "{p}/wall.jpg", "no face was found in"),
}
CLIPS = {
    "no such clip": ("{p}/me.jpg", "{p}/nothing.mp4", "nothing.mp4"),
    "an empty clip": ("{p}/me.jpg", "{p}/empty.mp4", "is empty"),
    "no clip at all": ("{p}/me.jpg", "{p}/text.mp4", "text.mp4"),
    "a clip without frames": ("{p}/me.jpg", "{p}/sound.mp4", "no video in it"),
    "a clip without a face": ("{p}/me.jpg", "{p}/walls.mp4", "no face was found in any frame"),
}


@pytest.fixture(scope="module")
def answers(pictures, tmp_path_factory):
    """All of PICTURES and CLIPS, two at a time, each in a folder of its own: what is bad, and its answer to come."""
    with ThreadPoolExecutor(2, thread_name_prefix="shared") as pool:
        pending = {}
        for cases, command, output in ((PICTURES, "image", "out/o.png"), (CLIPS, "video", "out/o.mp4")):
            for name, (source, target, _) in cases.items():
                folder = tmp_path_factory.mktemp("work")
                words = (command, "--source", source, "--target", target, "--output", output)
                pending[name] = (pool.submit(_run, pictures, folder, *words), folder)
        yield pending


@pytest.mark.parametrize("what", [*PICTURES, *CLIPS])
def test_a_file_that_cannot_be_used(answers, what):
    answer, folder = answers[what]
    _is_one_line(answer.result(), {**PICTURES, **CLIPS}[what][2], folder)


def test_a_source_with_several_faces_says_which_it_took_and_takes_another(cli, tmp_path):
    words = ("image", "--source", "{p}/two.jpg", "--target", "{p}/me.jpg", "--output", "o.png")
    answer = cli(*words)
    assert answer.returncode == 0
    assert answer.stderr.count("\n") == 1
    assert "two.jpg shows 2 faces; took the largest, number 1 from the left" in answer.stderr
    other = cli(*words, "--source_index", "0")
    assert (other.returncode, other.stderr) == (0, "")
    (tmp_path / "o.png").unlink()
    _is_one_line(cli(*words, "--source_index", "2"), "use 0 to 1", tmp_path)


def test_a_clip_that_is_broken_in_the_middle_keeps_its_good_frames_and_counts_the_others(cli, tmp_path):
    answer = cli("video", "--source", "{p}/me.jpg", "--target", "{p}/broken.mkv", "--output", "o.mp4", "--json")
    assert (answer.returncode, answer.stderr) == (0, "")
    result = json.loads(answer.stdout)
    assert result["damaged"] > 0
    assert 25 <= result["frames"] <= 40
    assert result["swapped"] >= 20
    assert [path.name for path in tmp_path.iterdir()] == ["o.mp4"]


@pytest.mark.parametrize("words", [("image", "{p}/me.jpg", "o.png"), ("video", "{p}/clip.mp4", "o.mp4")])
def test_a_folder_that_cannot_be_written(cli, pictures, tmp_path, words):
    command, target, name = words
    for output in (f"{pictures}/me.jpg/{name}", f"/proc/nowhere/{name}"):
        if output.startswith("/proc") and sys.platform != "linux":
            continue
        answer = cli(command, "--source", "{p}/me.jpg", "--target", target, "--output", output)
        _is_one_line(answer, "cannot be written", tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes cannot be limited there")
@pytest.mark.parametrize("words", [("image", "{p}/me.jpg", "o.png"), ("video", "{p}/clip.mp4", "o.mp4")])
def test_a_full_disk(cli, tmp_path, words):
    import resource

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    command, target, name = words
    answer = cli(command, "--source", "{p}/me.jpg", "--target", target, "--output", name, preexec_fn=small_disk)
    _is_one_line(answer, "the disk is full", tmp_path)


def test_a_camera_that_is_not_there(cli, tmp_path):
    answer = cli("realtime", "--source", "{p}/me.jpg", "--camera", "63", "--no_window")
    _is_one_line(answer, "camera", tmp_path)


def test_no_display(cli, tmp_path):
    if sys.platform != "linux":
        pytest.skip("windows always open there")
    _is_one_line(cli("realtime", "--source", "{p}/me.jpg", "--target", "demo:"), "no window can be opened", tmp_path)


def test_a_model_file_with_a_wrong_hash_and_one_that_is_missing(cli, tmp_path, tmp_path_factory, model_path):
    models = tmp_path_factory.mktemp("models")
    for path in model_path("face_landmark").parent.glob("*.tflite"):
        shutil.copy(path, models)
    landmark = models / "face_landmark.tflite"
    landmark.write_bytes(landmark.read_bytes()[:-1] + b"x")
    words = ("image", "--source", "{p}/me.jpg", "--target", "{p}/me.jpg", "--output", "o.png")
    environment = {"LIVESWAPPING_MODELS_DIR": str(models)}
    _is_one_line(cli(*words, env=environment), "is damaged (its sha256", tmp_path)
    landmark.unlink()
    _is_one_line(cli(*words, env=environment), "is missing: run", tmp_path)


def test_no_network(cli, tmp_path):
    nowhere = "http://127.0.0.1:9/"
    environment = {
        "LIVESWAPPING_MODELS_DIR": str(tmp_path / "models"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": nowhere,
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_CACHE_DIR": "1",
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "PIP_EXTRA_INDEX_URL"), ""),
    }
    answer = cli("models", "pull", "face_landmark", env=environment)
    _is_one_line(answer, "could not be", tmp_path)
