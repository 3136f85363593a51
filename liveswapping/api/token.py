"""Who may ask: a secret that is made here or chosen by the user, and the gate that asks for it."""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from liveswapping.domain.errors import SettingsError
from liveswapping.media.part_file import writing

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

VARIABLE: Final = "LIVESWAPPING_API_TOKEN"
SHORTEST: Final = 16
"""Characters of a token of the user's own; those made here carry 256 bits."""
_IN_ADDRESS: Final = ("/v1/preview", "/v1/preview.mjpeg", "/v1/snapshot")
"""Where a browser, or OBS, can only say the token in the address."""
_LONGEST: Final = 1 << 20
"""Bytes of a body that is no file."""
_FILES: Final = "/v1/uploads/"
"""Below it bodies are files, which have limits of their own."""
_SAFE_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """The secret, and where the user finds it."""

    value: str
    found: str
    """For people; empty: it was made for this run, and has to be shown."""


def token_of(file: Path | None, environment: Mapping[str, str]) -> Token:
    """The token: from `file`, which is made where it is not there; from the environment; else a new one.

    Raises SettingsError where it is too short, or where others may read the file, and SinkError.
    """
    chosen = environment.get(VARIABLE, "").strip()
    if file is None:
        return Token(_checked(chosen, VARIABLE), f"from {VARIABLE}") if chosen else Token(_made(), "")
    if chosen:
        raise SettingsError(f"--token_file and {VARIABLE} both name a token; give one of them")
    if not file.exists():
        return Token(_kept(file), f"in {file}")
    try:
        mode, content = file.stat().st_mode, file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"--token_file {file} cannot be read ({error}); name another file") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"--token_file {file} can be read by others; run `chmod 600 {file}` first")
    return Token(_checked(content, f"--token_file {file}"), f"in {file}")


def _checked(token: str, origin: str) -> str:
    if len(token) < SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError(f"{origin}: a token has at least {SHORTEST} letters, digits and signs, without spaces")
    return token


def _made() -> str:
    return secrets.token_urlsafe(32)


def _kept(file: Path) -> str:
    """Make a token and write it where only this user reads it."""
    token = _made()
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(token + "\n")
    return token


class Gate:
    """ASGI: lets requests with the token through to `app`, and answers all others itself, whatever they ask for."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            if self._knows(scope):
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": "the token is missing or wrong"})
        elif not self._knows(scope):
            await _refuse(send, 401, "the token is missing or wrong; send it as: Authorization: Bearer TOKEN")
        elif scope["path"].startswith(_FILES):
            await self._app(scope, receive, _with_safe_headers(send))
        elif _announced(scope) > _LONGEST:
            await _refuse(send, 413, f"such a body may have {_LONGEST} bytes")
        else:
            await self._app(scope, _limited(receive), _with_safe_headers(send))

    def _knows(self, scope: Scope) -> bool:
        """Whether the request carries the token, compared in constant time."""
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        kind, _, value = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        if kind.lower() == b"bearer" and hmac.compare_digest(value.strip(), self._token):
            return True
        if scope["path"] not in _IN_ADDRESS or scope.get("method", "GET") not in ("GET", "HEAD"):
            return False
        asked: list[bytes] = []
        with contextlib.suppress(ValueError):
            asked = parse_qs(scope["query_string"], max_num_fields=20).get(b"token", [])
        return len(asked) == 1 and hmac.compare_digest(asked[0], self._token)


def _with_safe_headers(send: Send) -> Send:
    async def with_them(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_SAFE_HEADERS]}
        await send(message)

    return with_them


def _announced(scope: Scope) -> int:
    given = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(given[0]) if given and given[0].isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """As if the client had gone where it sends more than it may."""
    left = _LONGEST

    async def at_most() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return at_most


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"error": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *_SAFE_HEADERS]})
    await send({"type": "http.response.body", "body": body})
