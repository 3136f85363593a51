import os
import stat

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from liveswapping.api.token import VARIABLE, token_of
from liveswapping.domain.errors import SettingsError
from tests.api.conftest import TOKEN


def test_no_route_answers_without_the_token(client):
    paths = client.ask("GET", "/v1/openapi.json").json["paths"]
    asked = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    assert len(asked) > 20
    for method, path in [*asked, ("GET", "/v1/openapi.json"), ("GET", "/docs"), ("GET", "/nothing"), ("OPTIONS", "/")]:
        for token in (None, "", TOKEN[:-1], TOKEN + "x", "ÿ" * 20):
            answer = client.ask(method, path, token=token)
            assert answer.status == 401, (method, path)
            assert "token" in answer.json["error"]


def test_the_token_counts_only_as_a_bearers(client):
    for given in (TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN} {TOKEN}"):
        assert client.ask("GET", "/v1/health", headers={"Authorization": given}, token=None).status == 401
    assert client.ask("GET", "/v1/health", headers={"Authorization": f"bearer {TOKEN}"}, token=None).status == 200


def test_only_the_picture_takes_the_token_from_its_address(client):
    said = TOKEN.replace(" ", "+")
    assert client.ask("GET", f"/v1/snapshot?token={said}", token=None).status == 409
    assert client.ask("GET", f"/v1/snapshot?token={said}x", token=None).status == 401
    assert client.ask("GET", f"/v1/snapshot?token=x&token={said}", token=None).status == 401
    assert client.ask("GET", f"/v1/settings?token={said}", token=None).status == 401
    assert client.ask("POST", f"/v1/live/stop?token={said}", token=None).status == 401


def test_a_socket_without_the_token_is_not_opened(client):
    for address in ("/v1/preview", "/v1/preview?token=wrong", "/v1/health"):
        with pytest.raises(InvalidStatus) as refused, connect(client.url.replace("http", "ws") + address):
            pass
        assert refused.value.response.status_code == 403


def test_a_token_is_made_once_and_kept_for_this_user_alone(tmp_path):
    file = tmp_path / "new" / "token"
    made = token_of(file, {})
    assert len(made.value) > 40
    assert token_of(file, {}) == made
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o640)
        with pytest.raises(SettingsError, match="chmod 600"):
            token_of(file, {})
    assert token_of(None, {}).value != token_of(None, {}).value


def test_a_token_of_ones_own_is_long_enough(tmp_path):
    assert token_of(None, {VARIABLE: "correct-horse-battery"}).value == "correct-horse-battery"
    for short in ("hunter2", "with spaces in it all over"):
        with pytest.raises(SettingsError, match="at least 16"):
            token_of(None, {VARIABLE: short})
    with pytest.raises(SettingsError, match="one of them"):
        token_of(tmp_path / "token", {VARIABLE: "correct-horse-battery"})
