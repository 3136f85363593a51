import json

import cv2
import numpy as np
import pytest

from tests.clips import write_clip

OVER = ("done", "partial", "failed", "cancelled")


def _order(client, **wish):
    return client.ask("POST", "/v1/jobs", {"settings": {"sources": ["upload:me.png"]}, **wish})


def _end(client, job):
    return client.until(f"/v1/jobs/{job['id']}", lambda now: now["state"] in OVER)


def test_a_picture_is_swapped_and_fetched(client, face):
    job = _order(client, kind="image", targets=["upload:me.png"], output="o.png").json
    ended = _end(client, job)
    assert (ended["state"], ended["swapped"], ended["why"]) == ("done", 1, "")
    got = cv2.imdecode(np.frombuffer(client.ask("GET", "/v1/results/o.png").body, np.uint8), cv2.IMREAD_COLOR)
    assert got.shape == cv2.imread(str(face)).shape
    assert (got != cv2.imread(str(face))).any()
    assert client.ask("DELETE", "/v1/results/o.png").status == 204
    assert client.ask("DELETE", f"/v1/jobs/{job['id']}").status == 204
    assert client.ask("GET", f"/v1/jobs/{job['id']}").status == 404


def test_a_film_says_how_far_it_is_and_a_waiting_job_is_cancelled(client, astronaut_picture, tmp_path):
    write_clip(tmp_path / "clip.mp4", [astronaut_picture[:320, 60:380]] * 12)
    assert client.upload("clip.mp4", tmp_path / "clip.mp4").status == 201
    first = _order(client, kind="video", targets=["upload:clip.mp4"], output="o.mp4", options={"frames": 10}).json
    second = _order(client, kind="video", targets=["upload:clip.mp4"], output="p.mp4").json
    cancelled = client.ask("POST", f"/v1/jobs/{second['id']}/cancel").json
    assert cancelled["state"] in ("cancelled", "running")
    ended = _end(client, first)
    assert (ended["state"], ended["swapped"], ended["total"]) == ("done", 10, 10)
    assert _end(client, second)["state"] == "cancelled"
    names = [entry["name"] for entry in client.ask("GET", "/v1/results").json]
    assert "o.mp4" in names
    assert "p.mp4" not in names


def test_a_batch_with_a_broken_picture_is_a_partial_success(client):
    assert client.ask("PUT", "/v1/uploads/broken.jpg", b"\xff\xd8\xff nothing").status == 201
    targets = ["upload:me.png", "upload:broken.jpg"]
    ended = _end(client, _order(client, kind="batch", targets=targets, output="many").json)
    assert (ended["state"], ended["failed"], ended["total"]) == ("partial", 1, 2)
    report = json.loads(client.ask("GET", "/v1/results/many/report.json").body)
    assert [item["status"] for item in report["items"]] == ["done", "failed"]
    client.ask("DELETE", "/v1/uploads/broken.jpg")


def test_why_a_job_failed_is_one_line(client):
    grey = np.full((90, 90, 3), 90, np.uint8)
    assert client.ask("PUT", "/v1/uploads/grey.png", cv2.imencode(".png", grey)[1].tobytes()).status == 201
    ended = _end(client, _order(client, kind="image", targets=["upload:grey.png"], output="g.png").json)
    assert ended["state"] == "failed"
    assert "no face" in ended["why"]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"kind": "image", "targets": ["/etc/passwd"], "output": "o.png"}, "upload it"),
        ({"kind": "image", "targets": ["upload:me.png"], "output": "../o.png"}, "no name"),
        ({"kind": "image", "targets": ["upload:me.png", "upload:me.png"], "output": "o.png"}, "one target"),
        ({"kind": "video", "targets": ["upload:me.png"], "output": "o.txt"}, "no name"),
        ({"kind": "video", "targets": ["upload:me.png"], "output": "o.mp4", "options": {"codec": "prores"}}, "prores"),
        ({"kind": "video", "targets": ["upload:me.png"], "output": "o.mp4", "options": {"trim": "5-2"}}, "ends before"),
        ({"kind": "batch", "targets": ["upload:me.png"], "output": "a/b"}, "folder"),
        ({"kind": "dance", "targets": ["upload:me.png"], "output": "o.png"}, "kind"),
    ],
)
def test_what_cannot_be_ordered_is_refused_at_once(client, wish, said):
    answer = _order(client, **wish)
    assert 400 <= answer.status < 600
    assert said in answer.json["error"]
