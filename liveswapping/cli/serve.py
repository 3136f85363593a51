"""`serve`: LiveSwapping over HTTP, for programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.cli.console import Console
from liveswapping.cli.inputs import settings_of
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import SettingsError

if TYPE_CHECKING:
    from liveswapping.api.address import Address
    from liveswapping.api.shelf import Limits


def run(request: Request, console: Console) -> int:
    """Serve until Ctrl-C. Raises SettingsError where it cannot, or must not, listen there, and SinkError."""
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
        import websockets  # noqa: F401
    except ImportError:
        raise SettingsError("serve needs FastAPI: python -m pip install -r requirements/api.txt") from None
    from liveswapping.api.app import Server
    from liveswapping.api.serve import serve
    from liveswapping.api.shelf import Shelf
    from liveswapping.api.token import token_of

    given = request.options
    settings, address = settings_of(request), _address(request)
    token_file = given.get("token_file")
    folders = [Path(folder) for folder in given.get("folders", ())]
    shelf = Shelf(_data_folder(given.get("data")), _limits(request), folders)
    token = token_of(None if token_file is None else Path(token_file).expanduser(), os.environ)

    def announce(url: str) -> None:
        console.print(f"serving at {url}")
        console.print(f"token: {token.value}" if not token.found else f"the token is {token.found}")
        console.note("Ctrl-C ends it")

    try:
        serve(Server.on(shelf, settings), token.value, address, announce)
    except KeyboardInterrupt:
        console.note("ended")
    return 0


def _address(request: Request) -> Address:
    from liveswapping.api.address import LOOPBACK, PORT, Address

    given = request.options
    certificate, key = (None if given.get(name) is None else Path(given[name]) for name in ("tls_cert", "tls_key"))
    without = bool(given.get("without_tls"))
    return Address(given.get("host", LOOPBACK), given.get("port", PORT), certificate, key, without)


def _limits(request: Request) -> Limits:
    from liveswapping.api.shelf import Limits

    usual = Limits()
    return Limits(request.options.get("upload_limit", usual.file), request.options.get("uploads_limit", usual.total))


def _data_folder(given: str | None) -> Path:
    if given is not None:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("LiveSwapping", appauthor=False)) / "server"
