"""What schemathesis finds wrong with the server: it makes requests up out of the description of the routes.

`python scripts/api_contract.py [--examples 30] [--st st]`: serves on loopback with a folder of its own, first asks
every route without the token, then lets schemathesis work on all of them but the endless picture. Needs schemathesis 4,
here or in another environment, as the program that --st names: `python -m pip install schemathesis==4.32.5`. Prints
JSON last; the exit code is 0 where every route refused and nothing was found.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENDLESS = "/v1/preview.mjpeg"


def main(arguments: list[str] | None = None) -> int:
    """Serve, ask, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=30, help="requests of each kind for each route")
    parser.add_argument("--st", default="st", help="the program schemathesis")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    program = shutil.which(options.st)
    if program is None:
        print("error: schemathesis is not here: python -m pip install schemathesis==4.32.5, or --st PROGRAM")
        return 1
    with tempfile.TemporaryDirectory(prefix="api-") as name:
        folder = Path(name)
        words = ["serve", "--port", "0", "--data", str(folder / "data"), "--token_file", str(folder / "token")]
        command = [sys.executable, "-m", "liveswapping.run", *words, "--log_file", str(folder / "log")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as server:
            try:
                url = _address(server)
                token = (folder / "token").read_text(encoding="utf-8").strip()
                open_routes = without_token(url, token)
                found = with_schemathesis(program, url, token, options.examples, options.seed)
                alive = server.poll() is None
            finally:
                server.terminate()
        errors = len(re.findall(r"^\S+ \S+ ERROR", (folder / "log").read_text(encoding="utf-8"), re.MULTILINE))
    result = {"open_routes": open_routes, "schemathesis": found, "alive": alive, "errors_logged": errors}
    print(json.dumps(result))
    return 0 if not open_routes and found == 0 and alive and not errors else 1


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        if line.startswith("serving at "):
            return line.removeprefix("serving at ").strip()
    raise SystemExit("error: the server did not start")


def without_token(url: str, token: str) -> list[str]:
    """The routes of the description that answer anything but 401 to who has no token, or a wrong one."""
    description = urllib.request.Request(url + "/v1/openapi.json", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(description) as answer:
        paths = json.load(answer)["paths"]
    asked = [(method, path) for path, methods in paths.items() for method in methods]
    asked += [("get", path) for path in ("/", "/docs", "/openapi.json", "/v1/openapi.json", "/v1/nothing")]
    return [
        f"{method} {path} {given}"
        for method, path in asked
        for given in (None, "Bearer ", "Bearer wrong", f"Basic {token}", token)
        if _status(method, url + path, given) != 401
    ]


def _status(method: str, url: str, authorization: str | None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method.upper(), headers=headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def with_schemathesis(program: str, url: str, token: str, examples: int, seed: int) -> int:
    """Let it work with the token; its exit code: 0 where it found nothing."""
    words = ["run", url + "/v1/openapi.json", "--header", f"Authorization: Bearer {token}", "--url", url]
    words += ["--max-examples", str(examples), "--seed", str(seed), "--exclude-path", ENDLESS, "--no-color"]
    words += ["--request-timeout", "120"]
    # Whether a named file is there no description can say, so what is well formed may be refused all the same.
    words += ["--exclude-checks", "positive_data_acceptance"]
    return subprocess.run([program, *words], check=False, cwd=tempfile.gettempdir()).returncode


if __name__ == "__main__":
    sys.exit(main())
