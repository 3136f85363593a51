"""Routes about files: uploads to work on, and results."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from liveswapping.api.answers import File
from liveswapping.api.app import Here
from liveswapping.api.shelf import found, listed

router = APIRouter()
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}}
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "the file"}}


@router.get("/uploads")
async def uploads(server: Here) -> list[File]:
    """Files to work on."""
    return [File(name=entry.name, bytes=entry.bytes) for entry in listed(server.shelf.uploads)]


@router.put("/uploads/{name}", status_code=201, openapi_extra={"requestBody": {"content": _BYTES, "required": True}})
async def upload(name: str, request: Request, server: Here) -> File:
    """Keep a picture or film, the body, under a name; one that is there already is replaced."""
    announced = request.headers.get("content-length", "")
    entry = await server.shelf.take(name, request.stream(), int(announced) if announced.isdecimal() else None)
    return File(name=entry.name, bytes=entry.bytes)


@router.get("/uploads/{name}", response_class=FileResponse, responses=_FILE)
async def uploaded(name: str, server: Here) -> FileResponse:
    """An uploaded file."""
    return FileResponse(found(server.shelf.uploads, name), media_type="application/octet-stream")


@router.delete("/uploads/{name}", status_code=204)
async def remove_upload(name: str, server: Here) -> Response:
    """Remove an uploaded file."""
    await asyncio.to_thread(found(server.shelf.uploads, name).unlink, missing_ok=True)
    return Response(status_code=204)


@router.get("/results")
async def results(server: Here) -> list[File]:
    """What jobs and recordings made."""
    return [File(name=entry.name, bytes=entry.bytes) for entry in listed(server.shelf.results)]


@router.get("/results/{name:path}", response_class=FileResponse, responses=_FILE)
async def result(name: str, server: Here) -> FileResponse:
    """One of them; parts of it by the header Range."""
    return FileResponse(found(server.shelf.results, name), media_type="application/octet-stream")


@router.delete("/results/{name:path}", status_code=204)
async def remove_result(name: str, server: Here) -> Response:
    """Remove one of them, and a folder that stays empty."""
    path = found(server.shelf.results, name)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    with contextlib.suppress(OSError):  # it holds others
        if path.parent != server.shelf.results:
            path.parent.rmdir()
    return Response(status_code=204)
