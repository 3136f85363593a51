"""An answer that comes before all of a request was read reaches its client all the same."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATIENCE_S: Final = 10.0
"""For so long a client may go on sending what nobody wants any more."""


class Lingering:
    """ASGI: takes what a client still sends, and throws it away, before the connection may be closed.

    A system that closes a connection with unread bytes tells the other side at once, and that side then throws away the
    answer that it has not read yet: a refused upload would look like a lost connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive)

        async def send_in_order(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body") and not body.over:
                await send({**message, "more_body": True})  # all of the answer is on its way, and its end is not said
                await body.throw_away()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        await self._app(scope, body.receive, send_in_order)


class _Body:
    """What a client sends with a request, and whether all of it has come."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        names = {name for name, _ in scope["headers"]}
        # Who waits for a word before sending gets the answer instead.
        self.over = b"expect" in names or not names & {b"content-length", b"transfer-encoding"}
        self._receive = receive

    async def receive(self) -> Message:
        """As ASGI has it."""
        message = await self._receive()
        self.over = message["type"] != "http.request" or not message.get("more_body")
        return message

    async def throw_away(self) -> None:
        """The rest, as far as it comes in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                while not self.over:
                    await self.receive()
