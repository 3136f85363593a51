from __future__ import annotations

import json
import sys

import pytest

from scripts import benchmark, quality, soak, soak_engines
from scripts.measures import bench_camera


def last_line(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_benchmark_ends_with_its_figures(capsys, monkeypatch):
    monkeypatch.setattr(benchmark, "WARM_UP", 3)
    assert benchmark.main(["--frames", "4", "--cases", "720p-1-face", "--json"]) == 0
    (case,) = last_line(capsys)["cases"]
    assert case["name"] == "720p-1-face"
    assert case["ratio"] == pytest.approx(case["p50_ms"] / (case["networks_ms"] + case["copy_ms"]))
    assert case["unswapped"] == 0


def test_quality_ends_with_its_bars(capsys):
    quality.main(["--clip", "astronaut", "--frames", "6", "--only", "seams", "following", "--json"])
    bars = last_line(capsys)["bars"]
    assert {"name", "value", "limit", "holds"} == set(bars[0])
    changed = [bar for bar in bars if bar["name"].startswith("6 pixels changed outside the mask")]
    assert [bar["value"] for bar in changed] == [0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_soak_loses_its_camera_twice_and_leaves_nothing(capsys, monkeypatch):
    monkeypatch.setattr(soak, "REHEARSAL", 8)
    monkeypatch.setattr(soak, "AWAY", 0.3)
    monkeypatch.setattr(bench_camera, "SECONDS", 0.3)
    soak.main(["--frames", "36", "--fps", "20", "--json"])
    bars = {bar["name"]: bar["value"] for bar in last_line(capsys)["bars"]}
    assert bars["times the camera came back"] == 2
    assert bars["threads left"] <= 0
    assert bars["descriptors left"] <= 0
    assert bars["frames that failed"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_soak_of_engines_changes_them_and_leaves_nothing(capsys, monkeypatch):
    monkeypatch.setitem(soak_engines.NETWORKS, "narrow", (16, 1))
    soak_engines.main(
        ["--network", "narrow", "--engines", "torch", "onnx", "--swaps", "14", "--switches", "6", "--json"]
    )
    said = capsys.readouterr().out
    assert "torch runs on cpu (fp32)" in said
    assert "14 swaps, 6 changes" in said
    bars = {bar["name"]: bar["value"] for bar in json.loads(said.splitlines()[-1])["bars"]}
    assert bars["threads left"] <= 0
    assert bars["descriptors left"] <= 0
    assert bars["torch: memory after the warm-up, highest less lowest, MB"] < 100
