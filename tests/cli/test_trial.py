"""Engines that are tried, not estimated."""

from __future__ import annotations

import json

import cv2
import pytest

from liveswapping.run import main
from tests.clips import write_clip


@pytest.fixture(scope="module")
def files(tmp_path_factory, astronaut_picture):
    folder = tmp_path_factory.mktemp("files")
    face = astronaut_picture[:320, 60:380]
    cv2.imwrite(str(folder / "me.png"), face)
    write_clip(folder / "clip.mp4", [face] * 8)
    return folder


def test_a_clip_tells_how_fast_its_engine_is_and_why_another_could_not_be_tried(files, tmp_path, capfd):
    words = [
        "--source",
        str(files / "me.png"),
        "--target",
        str(files / "clip.mp4"),
        "--output",
        str(tmp_path / "o.mp4"),
    ]
    assert main(["video", *words, "--compare", "--json"]) == 0
    said = capfd.readouterr()
    (engine,) = json.loads(said.out)["engines"]
    assert (engine["engine"], engine["provider"], engine["swapped"]) == ("mesh", "cpu", 8)
    assert engine["p95_ms"] >= engine["p50_ms"] > 0
    assert engine["fps"] == pytest.approx(1000 / engine["p50_ms"])
    assert "reswapper128 was not tried: " in said.err


def test_a_machine_is_tried_at_the_size_and_rate_that_are_asked_for(capfd):
    assert main(["simulate", "--resolution", "640x360", "--fps-target", "1000", "--json"]) == 0
    trial = json.loads(capfd.readouterr().out)
    assert trial["swapped"] > 0
    assert trial["fps_target"] == 1000
    assert trial["holds"] is (trial["p95_ms"] <= 1)
    assert main(["simulate", "--resolution", "640x360", "--fps-target", "1"]) == 0
    assert capfd.readouterr().out.startswith("640×360, mesh on cpu: ")
