"""The commands that swap, from their words to their files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from liveswapping.provenance.inspection import VALID, inspect
from liveswapping.run import main
from tests.clips import write_clip

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    "DISPLAY": "",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory, astronaut_picture):
    folder = tmp_path_factory.mktemp("files")
    face = astronaut_picture[:320, 60:380]
    cv2.imwrite(str(folder / "me.jpg"), face)
    darker = (astronaut_picture[20:340, 40:400] * 0.8).astype(np.uint8)
    cv2.imwrite(str(folder / "photo.png"), darker)
    write_clip(folder / "clip.mp4", [np.roll(darker, shift, axis=1) for shift in range(12)], fps=25, sound=True)
    write_clip(folder / "long.mp4", [darker] * 500)
    return folder


def _command(*words):
    return [sys.executable, "-m", "liveswapping.run", *map(str, words)]


def _run(*words, cwd):
    return subprocess.run(_command(*words), cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


def test_a_picture_is_swapped_and_only_its_face_changes(files, tmp_path):
    words = ("image", "--source", files / "me.jpg", "--target", files / "photo.png", "--output", "out/o.png", "--json")
    answer = _run(*words, "--label", "off", cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert json.loads(answer.stdout)["swapped"] == 1
    before, after = cv2.imread(str(files / "photo.png")), cv2.imread(str(tmp_path / "out" / "o.png"))
    changed = (before != after).any(axis=2)
    assert 0.02 < changed.mean() < 0.5
    assert not changed[-40:].any()


def test_a_clip_keeps_every_frame_its_times_and_its_sound(files, tmp_path):
    words = ("video", "--source", files / "me.jpg", "--target", files / "clip.mp4", "--output", "o.mp4", "--json")
    answer = _run(*words, cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    result = json.loads(answer.stdout)
    assert (result["frames"], result["swapped"], result["failed"]) == (12, 12, 0)
    with av.open(str(tmp_path / "o.mp4")) as clip:
        assert clip.streams.video[0].codec_context.name == "h264"
        assert clip.streams.audio[0].codec_context.name == "aac"
        times = [float(frame.pts * frame.time_base) for frame in clip.decode(video=0)]
    assert np.allclose(times, np.arange(12) / 25)
    assert [path.name for path in tmp_path.iterdir()] == ["o.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C goes to a whole group of processes there")
def test_ctrl_c_leaves_nothing_half_written(files, tmp_path):
    words = ("video", "--source", files / "me.jpg", "--target", files / "long.mp4", "--output", "o.mp4")
    with subprocess.Popen(
        _command(*words), cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, "")
    assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_live_run_without_a_window_can_be_recorded(files, tmp_path):
    words = ("realtime", "--source", files / "me.jpg", "--target", files / "clip.mp4", "--no_window", "--mirror")
    others = "--obs", "--mjpeg", "0", "--screenshot", "last.png"  # no camera there: it waits, and nothing else does
    answer = _run(*words, "--record", "live.mp4", *others, "--json", "--events", cwd=tmp_path)
    assert answer.returncode == 0
    said = [json.loads(line)["output"] for line in answer.stderr.splitlines()]
    assert sum("http://127.0.0.1:" in line for line in said) == 1
    result = json.loads(answer.stdout)
    assert result["failed"] == 0
    assert 1 <= result["swapped"] == result["frames"] <= 12
    with av.open(str(tmp_path / "live.mp4")) as clip:
        pictures = [one.to_ndarray(format="bgr24") for one in clip.decode(video=0)]
    last = cv2.imread(str(tmp_path / "last.png"))
    assert np.abs(last.astype(int) - pictures[-1]).mean() < 8
    for made in ("live.mp4", "last.png"):
        found = inspect(tmp_path / made)
        assert (found.by_us, found.credentials, found.actions) == (True, VALID, ("created",))


def test_the_demo_ends_by_itself_and_shows_what_it_did(tmp_path):
    answer = _run("demo", "--seconds", "1", cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "frames a second end to end" in answer.stdout
    assert "(p50)" in answer.stdout
    assert "(p95)" in answer.stdout
    with av.open(str(tmp_path / "outputs" / "demo.mp4")) as clip:
        assert clip.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _ in clip.decode(video=0)) >= 1
    assert {inspect(made).credentials for made in (tmp_path / "outputs").iterdir()} == {VALID}
    picture = cv2.imread(str(tmp_path / "outputs" / "demo.png"))
    before, after = np.hsplit(picture, 2)
    assert 0.01 < (before != after).any(axis=2).mean() < 0.3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("realtime", "--camera", "1", "--target", "{f}/clip.mp4"), "name two sources"),
        (("realtime", "--target", "{f}/clip.mp4", "--width", "640"), "--width is asked of a camera"),
        (("realtime", "--target", "demo:", "--no_window", "--show_fps"), "--show_fps writes into the window"),
        (("realtime", "--target", "{f}/clip.mp4", "--enhance"), "--width is asked of a camera"),
        (("realtime", "--target", "{f}/clip.mp4", "--stream", "http://a/b"), "begins with one of rtmp://"),
        (("realtime", "--target", "{f}/clip.mp4", "--screenshot", "a.mp4"), "does not end in a picture format"),
        (("image", "--target", "{f}/photo.png", "--output", "{f}/photo.png"), "would replace"),
        (("image", "--target", "{f}", "--output", "o.png"), "is a folder; give one picture, or use `batch`"),
        (("image", "--target", "{f}/photo.png", "--output", "o.gif"), "does not end in a picture format"),
        (("video", "--target", "{f}/clip.mp4", "--output", "o.xyz"), "does not end in a video format"),
    ],
)
def test_words_that_contradict_each_other_are_refused(files, capfd, words, says):
    code = main([*(word.format(f=files) for word in words), "--source", str(files / "me.jpg")])
    assert code == 1
    message = capfd.readouterr().err
    assert says in message
    assert message.count("\n") == 1


def test_the_demo_takes_a_face_only_of_photographs_that_are_given(capfd):
    assert main(["demo", "--source_index", "1"]) == 1
    assert "give one with --source" in capfd.readouterr().err
