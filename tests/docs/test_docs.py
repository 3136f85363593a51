"""Every command and every Python example on the pages of docs/ and in the README is run, or at least understood."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveswapping.cli.parser import parse
from liveswapping.domain.settings import load_settings
from liveswapping.inference.catalog import BUILTIN
from liveswapping.inference.store import Store
from liveswapping.run import main
from tests.clips import write_clip

ROOT = Path(__file__).parents[2]
PAGES = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md")
NOT_RUN = ("realtime", "demo", "benchmark", "doctor", "gui", "serve", "shortcut")
"""Commands that need a camera or much time: their words are understood, and tests of their own run them."""
NEEDS_WEIGHTS = ("calibrate", "--model", "--upscale", "--enhancer", "--reference", "--occluder", "direction")
MISSING = r"needed and not in .*models pull \w+|there is no file .*(someone\.dfm|xseg\.onnx)"
OTHER_PROGRAMS = ("git", "cd", "sudo", "python -m pip", "python scripts/", "python run.py setup", "python run.py test")


def _blocks(language):
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)):
            yield pytest.param(block, id=f"{page.stem}-{number}")


def _commands():
    for parameter in _blocks("bash"):
        for line in parameter.values[0].splitlines():
            if line.strip() and not line.startswith("#"):
                yield pytest.param(line, id=f"{parameter.id}: {line}")


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, astronaut_picture):
    folder = tmp_path_factory.mktemp("docs")
    face = astronaut_picture[:320, 60:380]
    mask = np.zeros(face.shape[:2], np.uint8)
    mask[150:200, 150:200] = 255
    for name in ("mask.png", "masks/0.png", "masks/1.png", "masks/2.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / name), mask)
    for name in ("me.jpg", "me2.jpg", "photo.jpg", "photos/one.jpg", "old/one.jpg", "young/one.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / name), face)
    write_clip(folder / "clip.mp4", [face] * 3)
    return folder


@pytest.mark.parametrize("line", list(_commands()))
def test_every_command_works_as_written(line, workplace, monkeypatch, capfd):
    if line.startswith(OTHER_PROGRAMS):
        return
    words = shlex.split(line)
    assert words[:2] == ["python", "run.py"] or words[:3] == ["python", "-m", "liveswapping.run"], line
    words = words[2:] if words[1] == "run.py" else words[3:]
    if not words or words[0] in NOT_RUN:
        assert not words or load_settings(parse(words).settings, {}, None)
        return
    if words[:2] == ["models", "pull"] and not set(words[2:]) <= {"builtin", *BUILTIN}:
        Store().select([word for word in words[2:] if not word.startswith("-")])
        return
    monkeypatch.chdir(workplace)
    monkeypatch.setenv("LIVESWAPPING_IDENTITIES_DIR", str(workplace / "people"))
    code, said = main(words), capfd.readouterr().err
    if any(flag in words for flag in NEEDS_WEIGHTS) or "photo.jpg=me.jpg" in words:  # which may be here or not
        assert code == 0 or re.search(MISSING, said), said
        return
    assert code == 0, said
    for flag in ("--output", "-o"):
        if flag in words:
            assert (workplace / words[words.index(flag) + 1]).stat().st_size > 0


@pytest.mark.parametrize("block", list(_blocks("python")))
def test_every_python_example_runs(block, workplace):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-W", "error::DeprecationWarning", "-c", block]
    answer = subprocess.run(command, cwd=workplace, env=environment, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("block", list(_blocks("json")))
def test_every_configuration_is_accepted(block, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(block, encoding="utf-8")
    assert load_settings({}, {}, config)
    assert json.loads(block)


def test_every_link_between_pages_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
