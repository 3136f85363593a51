"""The command `serve`, from its words to its last answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from liveswapping.run import main

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends a process there without asking it")
def test_it_says_address_and_token_once_serves_and_ends_when_asked(tmp_path):
    words = [sys.executable, "-m", "liveswapping.run", "serve", "--port", "0", "--data", "data"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        url = server.stdout.readline().removeprefix("serving at ").strip()
        token = server.stdout.readline().removeprefix("token: ").strip()
        assert url.startswith("http://127.0.0.1:")
        request = urllib.request.Request(url + "/v1/health", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert json.load(answer)["status"] == "ok"
        server.send_signal(signal.SIGTERM)
        rest = server.communicate(timeout=120)
    assert (server.returncode, rest) == (0, ("", ""))
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["results", "uploads"]


def test_it_refuses_to_let_other_machines_in_by_accident(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert main(["serve", "--host", "0.0.0.0", "--port", "0", "--data", "data"]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "--without_tls" in said
