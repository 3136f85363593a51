import http.client
import json
import socket
import urllib.parse

import pytest

from tests.api.conftest import TOKEN

LIMIT, TOTAL = 1 << 20, 2 << 20
HUGE = 24 << 20
"""Bytes that no buffer of the system takes: who sends so many has not read the answer when it comes."""


def _body(size):
    """Without a length that is told beforehand."""
    for begin in range(0, size, 1 << 16):
        yield b"x" * min(1 << 16, size - begin)


def test_what_was_uploaded_comes_back_and_can_be_removed(client):
    assert client.ask("PUT", "/v1/uploads/a.jpg", b"\xff\xd8\xff picture").json == {"name": "a.jpg", "bytes": 11}
    assert client.ask("GET", "/v1/uploads/a.jpg").body == b"\xff\xd8\xff picture"
    assert "a.jpg" in [entry["name"] for entry in client.ask("GET", "/v1/uploads").json]
    assert client.ask("DELETE", "/v1/uploads/a.jpg").status == 204
    assert client.ask("GET", "/v1/uploads/a.jpg").status == 404
    assert client.ask("DELETE", "/v1/uploads/a.jpg").status == 404


@pytest.mark.parametrize("token", [TOKEN, "wrong"])
@pytest.mark.parametrize("told", [True, False], ids=["announced", "not announced"])
def test_a_file_that_is_too_large_is_refused_in_words_that_arrive_and_leaves_nothing(client, told, token):
    sent = b"x" * HUGE if told else _body(HUGE)
    line = http.client.HTTPConnection(urllib.parse.urlsplit(client.url).netloc)
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    if not told:
        headers["Transfer-Encoding"] = "chunked"
    line.request("PUT", "/v1/uploads/large.mp4", sent, headers, encode_chunked=not told)
    answer = line.getresponse()
    status, why = answer.status, json.load(answer)["error"]
    line.close()
    assert (status, why[:9]) == ((413, "a file ma") if token == TOKEN else (401, "the token"))
    held = client.server.shelf.uploads
    assert [path.name for path in held.iterdir() if "large" in path.name] == []


def test_who_asks_whether_to_send_is_answered_instead(client):
    place = urllib.parse.urlsplit(client.url)
    with socket.create_connection((place.hostname, place.port), timeout=60) as line:
        head = f"PUT /v1/uploads/large.mp4 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        line.sendall(f"{head}Content-Length: {HUGE}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: line.recv(1 << 16), b""))
    assert said.startswith(b"HTTP/1.1 413")
    assert b"a file may have" in said


def test_all_files_together_have_a_limit(client):
    for number in range(2):
        answer = client.ask("PUT", f"/v1/uploads/part{number}.mp4", b"x" * (LIMIT - 1000))
    assert answer.status == 413
    for number in range(2):
        client.ask("DELETE", f"/v1/uploads/part{number}.mp4")


@pytest.mark.parametrize(
    "name",
    ["..%2Fx.jpg", "%2Fetc%2Fx.jpg", ".hidden.jpg", "x.py", "CON.jpg", "a%00.jpg", "x.jpg%0A", "%C3%A9.jpg", "x"],
)
def test_names_lead_nowhere(client, name):
    assert client.ask("PUT", f"/v1/uploads/{name}", b"x").status in (404, 405, 422)
    assert client.ask("GET", f"/v1/results/{name}").status == 404


def test_an_empty_file_is_refused(client):
    assert client.ask("PUT", "/v1/uploads/empty.jpg", b"").status == 422


def test_a_long_body_that_is_no_file_is_refused(client):
    answer = client.ask("PATCH", "/v1/settings", b"[" + b"1," * (1 << 20) + b"1]")
    assert answer.status == 413
