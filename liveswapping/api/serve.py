"""The server as a whole: it listens, serves and ends with everything closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import uvicorn

from liveswapping.api.address import Address, listen, url_of
from liveswapping.api.app import Server, gated
from liveswapping.domain.errors import SettingsError

if TYPE_CHECKING:
    import socket

_GRACE_S: Final = 3
"""Seconds that answers in work have when the server ends."""
_MESSAGE: Final = 1 << 16
"""Bytes of a message that a client may send."""


class ApiServer(uvicorn.Server):
    """As uvicorn has it, but that those who watch are sent away first when it ends."""

    def __init__(self, server: Server, token: str, address: Address) -> None:
        """Raises SettingsError where the certificate cannot be used."""
        self._watched = server.viewers
        config = uvicorn.Config(
            gated(server, token),
            log_config=None,
            access_log=False,  # addresses may hold the token
            server_header=False,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
            timeout_graceful_shutdown=_GRACE_S,
            ws="websockets-sansio",
            ws_max_size=_MESSAGE,
            lifespan="off",
        )
        try:
            config.load()
        except OSError as error:  # ssl's errors among them
            raise SettingsError(
                f"--tls_cert and --tls_key cannot be used ({error}); they must belong together"
            ) from None
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        self._watched.dismiss()
        await super().shutdown(sockets)


def serve(server: Server, token: str, address: Address, announce: Callable[[str], None]) -> None:
    """Listen and serve until the process is asked to end; `announce` is told the address that clients use.

    Owns `server`. Raises SettingsError where it cannot or must not listen there, and KeyboardInterrupt at the end.
    """
    try:
        api = ApiServer(server, token, address)
        with listen(address) as listening:
            announce(url_of(address, listening))
            asyncio.run(api.serve([listening]))
    finally:
        server.close()
