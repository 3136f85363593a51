"""Where the server listens: on this machine alone, unless the user has said how else it is safe."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liveswapping.domain.errors import SettingsError

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8300
_BACKLOG: Final = 64


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and how the line is protected."""

    host: str = LOOPBACK
    port: int = PORT
    """0: any that is free."""
    certificate: Path | None = None
    """With `key`: the server speaks TLS."""
    key: Path | None = None
    without_tls: bool = False
    """The user's explicit word: listen to other machines although anybody on the way can read along."""


def listen(address: Address) -> socket.socket:
    """A socket that listens there. Raises SettingsError where that would not be safe, or is not possible."""
    tls = address.certificate is not None
    if tls != (address.key is not None):
        raise SettingsError("TLS needs both --tls_cert FILE and --tls_key FILE")
    for flag, file in (("--tls_cert", address.certificate), ("--tls_key", address.key)):
        if file is not None and not file.is_file():
            raise SettingsError(f"{flag}: there is no file '{file}'; check the path")
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"--host {address.host} is no address of this machine ({error})") from None
    if not tls and not address.without_tls and not all(_is_loopback(one[4][0]) for one in found):
        raise SettingsError(
            f"--host {address.host} lets other machines in, and without TLS anybody on the way reads token and faces: "
            "add --tls_cert FILE --tls_key FILE, or --without_tls if the network is your own"
        )
    family, where = found[0][0], found[0][4]
    try:
        return socket.create_server((str(where[0]), int(where[1])), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = error.strerror or error
        raise SettingsError(f"cannot listen on {address.host}:{address.port} ({why}); try another --port") from None


def url_of(address: Address, listening: socket.socket) -> str:
    """How clients of this machine reach it."""
    host, port = listening.getsockname()[:2]
    scheme = "http" if address.certificate is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _is_loopback(host: str | int) -> bool:
    return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
