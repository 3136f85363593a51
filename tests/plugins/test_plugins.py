"""Parts of other packages: found, named where they fail, and used wherever the product's own parts are."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from liveswapping.build import build_pipeline, load_cast
from liveswapping.build_batch import batch_job
from liveswapping.domain.errors import LiveSwappingError, SettingsError
from liveswapping.domain.plugins import OFF, RESERVED, installed
from liveswapping.domain.settings import ANALYSERS, load_settings
from liveswapping.faces.builtin import builtin_analysers
from liveswapping.jobs.batch import BatchPlan
from liveswapping.jobs.results import Status
from liveswapping.jobs.video import VideoPlan
from liveswapping.run import main
from liveswapping.wanted import RESTORERS, analyser_names, engine_names, restorer_names

EXAMPLE = Path(__file__).with_name("example")
RED = (0, 0, 255)


@pytest.fixture
def load(monkeypatch, tmp_path):
    """`load(name=code, …)`: the example, and plugins with that code, as if they were installed."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(**others):
        for name, code in others.items():
            sys.modules.pop(name, None)
            (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
            info = tmp_path / f"{name}-2.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n")
            (info / "entry_points.txt").write_text(f"[liveswapping.plugins]\n{name} = {name}:register\n")
        installed.cache_clear()
        return installed()

    yield make
    installed.cache_clear()
    sys.modules.pop("wrong", None)


@pytest.fixture
def files(tmp_path, astronaut_picture):
    face = astronaut_picture[:320, 60:380]
    for name in ("me.png", "photo.png"):
        cv2.imwrite(str(tmp_path / name), face)
    return tmp_path


def _red(image):
    return np.abs(image.astype(int) - RED).max(axis=2) < 30


def test_a_plugin_brings_one_part_of_each_kind(load):
    (state,) = load().states
    assert (state.name, state.package, state.failure) == ("example", "liveswapping-example 1.0", "")
    assert len(state.parts) == 5
    assert "tint" in engine_names()
    assert "bare" in analyser_names()
    assert "pale" in restorer_names()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise RuntimeError('no such device')", "no such device"),
        ("import nothing_like_it", "nothing_like_it"),
        ("register = 3", "not callable"),
        (
            "def register(plugins):\n    plugins.swappers.add('tint2', None)\n    plugins.swappers.add('mesh', None)",
            "mesh",
        ),
        ("def register(plugins):\n    plugins.swappers.add('tint', None)", "another plugin"),
        ("def register(plugins):\n    plugins.sources.add('a:b', None)", "a:b"),
        ("def register(plugins):\n    plugins.swappers.add('x', 1); plugins.swappers.add('x', 2)", "already"),
    ],
)
def test_a_plugin_that_fails_is_named_and_the_others_work(load, code, why):
    found = load(wrong=code)
    state = {state.name: state for state in found.states}["wrong"]
    assert state.package == "wrong 2.0"
    assert why in state.failure
    assert "\n" not in state.failure
    assert dict.fromkeys(found.plugins.swappers) == {"tint": None}


def test_no_plugin_is_loaded_where_the_user_wants_none(load, monkeypatch):
    monkeypatch.setenv(OFF, "1")
    assert load().states == ()


def test_the_products_own_names_are_reserved():
    assert {*engine_names()} <= {*RESERVED["swappers"]}
    assert {*builtin_analysers(), *ANALYSERS, *analyser_names()} <= {*RESERVED["analysers"]}
    assert {*RESTORERS, "auto", "none"} <= {*RESERVED["restorers"]}


def test_the_command_lists_them_also_for_programs(load, capsys):
    load(wrong="raise RuntimeError('no such device')")
    assert main(["plugins", "--json"]) == 0
    listed = {plugin["name"]: plugin for plugin in json.loads(capsys.readouterr().out)}
    assert "swappers: tint" in listed["example"]["parts"]
    assert main(["plugins"]) == 0
    assert "left out: RuntimeError: no such device" in capsys.readouterr().out


def test_the_doctor_names_one_that_was_left_out(load):
    from liveswapping.doctor.checks import plugins_left_out
    from liveswapping.doctor.facts import Facts
    from liveswapping.doctor.report import as_rows

    facts = Facts(plugins=load(wrong="raise RuntimeError('no such device')").states)
    (finding,) = plugins_left_out(facts)
    assert "wrong 2.0" in finding.problem
    assert "no such device" in finding.problem
    assert "swappers: tint" in dict(as_rows(facts))["plugins"]


def test_an_engine_of_a_plugin_swaps_a_picture_from_the_command_line(load, files, monkeypatch, capfd):
    load()
    monkeypatch.chdir(files)
    words = ["image", "--source", "me.png", "--target", "photo.png", "--output", "o.png", "--json"]
    assert main([*words, "--model", "tint", "--analyser", "bare"]) == 0, capfd.readouterr().err
    assert 0.02 < _red(cv2.imread("o.png")).mean() < 0.5
    assert main([*words, "--enhancer", "pale", "--weight", "1"]) == 0, capfd.readouterr().err
    assert (cv2.imread("o.png") > 240).all(axis=2).mean() > 0.02


def test_a_source_and_an_engine_of_a_plugin_make_a_film(load, files, monkeypatch, capfd):
    load()
    monkeypatch.chdir(files)
    words = ["video", "--source", "me.png", "--target", "again:photo.png", "--model", "tint", "--output", "o.mp4"]
    assert main(words) == 0, capfd.readouterr().err
    with av.open("o.mp4") as film:
        pictures = [frame.to_ndarray(format="bgr24") for frame in film.decode(video=0)]
    assert len(pictures) == 3
    assert all(_red(picture).mean() > 0.02 for picture in pictures)


def test_a_batch_takes_an_engine_of_a_plugin(load, files):
    load()
    settings = load_settings({"sources": [str(files / "me.png")], "model": "tint"}, {}, None)
    plan = BatchPlan((str(files / "photo.png"),), files / "out")
    assert batch_job(settings, plan, VideoPlan("", Path())).run().count(Status.DONE) == 1
    assert _red(cv2.imread(str(files / "out" / "photo.png"))).any()


def test_what_a_plugin_raises_when_it_is_opened_is_one_line_that_names_it(load, files):
    load(
        wrong="""
from liveswapping.domain.plugins import AnalyserPlugin, SwapperPlugin
def fail(model_path):
    raise OSError("no card\\nat all")
def register(plugins):
    plugins.swappers.add("broken", SwapperPlugin(fail))
"""
    )
    settings = load_settings({"sources": [str(files / "me.png")], "model": "broken"}, {}, None)
    cast = load_cast(settings, lambda line: None)
    with pytest.raises(LiveSwappingError, match=r"engine 'broken' of a plugin failed \(OSError: no card at all\)"):
        build_pipeline(settings, cast, live=False)


def test_a_name_that_nobody_brings_is_refused(load):
    load()
    with pytest.raises(SettingsError, match="or a plugin's"):
        load_settings({"analyser": "bear"}, {}, None)


def test_a_sink_of_a_plugin_gets_the_live_picture(load, files, monkeypatch, capfd):
    load()
    monkeypatch.chdir(files)
    words = ["realtime", "--source", "me.png", "--target", "again:photo.png", "--model", "tint", "--no_window"]
    assert main([*words, "--sink", "pictures:frames"]) == 0, capfd.readouterr().err
    shown = sorted((files / "frames").iterdir())
    assert shown
    assert _red(cv2.imread(str(shown[-1]))).mean() > 0.02
    assert main([*words, "--sink", "nowhere:x"]) == 1
    assert "pictures" in capfd.readouterr().err
