"""The routes, and what stands before them."""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import Match, Route

from liveswapping import __version__
from liveswapping.api.answers import Problem
from liveswapping.api.desk import JobDesk
from liveswapping.api.lingering import Lingering
from liveswapping.api.live import LiveDesk
from liveswapping.api.refusal import status_of
from liveswapping.api.shelf import Shelf
from liveswapping.api.token import Gate
from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.settings import Settings
from liveswapping.media.viewers import Viewers

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_LOG = logging.getLogger(__name__)
_PREFIX: Final = "/v1"
_LONGEST: Final = 500
"""Characters of a message: what a client sent may be quoted in it."""
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (400, "the request cannot be read"),
        (401, "the token is missing or wrong"),
        (404, "there is no such thing"),
        (409, "not now"),
        (413, "too large"),
        (422, "that cannot be used; the line says why"),
        (429, "too many"),
        (507, "the disk is full, or cannot be written"),
    )
}


@dataclass(frozen=True, slots=True)
class Server:
    """Everything that the routes drive."""

    live: LiveDesk
    jobs: JobDesk
    shelf: Shelf
    viewers: Viewers

    @classmethod
    def on(cls, shelf: Shelf, settings: Settings) -> Server:
        """A server with nothing begun yet; to be closed."""
        viewers = Viewers()
        return cls(LiveDesk(settings, viewers), JobDesk(), shelf, viewers)

    def close(self) -> None:
        """End runs and jobs, and wait for them."""
        with contextlib.ExitStack() as parts:
            parts.callback(self.jobs.close)
            parts.callback(self.live.close)


def server_of(connection: HTTPConnection) -> Server:
    """The server that a request is for."""
    server: Server = connection.app.state.server
    return server


Here = Annotated[Server, Depends(server_of)]


def gated(server: Server, token: str) -> ASGIApp:
    """The whole application, behind its gate."""
    return Lingering(Gate(create_app(server), token))


def create_app(server: Server) -> FastAPI:
    """The routes over `server`, which stays the caller's."""
    from liveswapping.api import files, job_routes, live_routes

    app = FastAPI(
        title="LiveSwapping",
        version=__version__,
        summary="A face swap, live and for files",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # it would be fetched from a server of somebody else's
        redoc_url=None,
        responses=_PROBLEMS,
        dependencies=[Security(HTTPBearer(auto_error=False, description="the token that the server began with"))],
    )
    app.state.server = server
    for routes in (live_routes.router, files.router, job_routes.router):
        app.include_router(routes, prefix=_PREFIX)
    app.add_exception_handler(LiveSwappingError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _problem(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    # Not Starlette's JSONResponse: what a client sent and is quoted may be no text at all.
    body = json.dumps({"error": " ".join(message.split())[:_LONGEST]})
    return Response(body, status, headers, "application/json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LiveSwappingError)
    return _problem(status_of(error), str(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _problem(422, f"{place}: {first['msg']}")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:  # of several routes at one address the first has answered, for itself alone
        headers["allow"] = ", ".join(sorted(_methods(request)))
    return _problem(error.status_code, str(error.detail), headers)


def _methods(request: Request) -> set[str]:
    """What the address of a request understands."""
    from liveswapping.api import files, job_routes, live_routes

    scope = {**request.scope, "path": request.scope["path"].removeprefix(_PREFIX)}
    every = [*live_routes.router.routes, *files.router.routes, *job_routes.router.routes]
    fitting = [route for route in every if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE]
    return {method for route in fitting for method in route.methods or ()}


async def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("a request failed", exc_info=error)
    return _problem(500, f"unexpected {type(error).__name__}; see the server's log")
