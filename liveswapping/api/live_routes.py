"""Routes about the server itself, the live run and its picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

from liveswapping import __version__
from liveswapping.api.answers import Camera, Choices, Health, LiveStatus, Sources, Start
from liveswapping.api.app import Here, Server
from liveswapping.api.audience import FASTEST, pictures
from liveswapping.api.refusal import Refused
from liveswapping.api.shelf import checked_name, listed
from liveswapping.api.wishes import merged, schema, values_of
from liveswapping.domain.settings import FACES, PROVIDERS
from liveswapping.media.viewers import HEAD, MOTION, View, part

router = APIRouter()
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}, "description": "a JPEG file"}}
_MJPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"multipart/x-mixed-replace": {}}, "description": "JPEG files, until the client goes"}
}
_WANTED = {"application/json": {"schema": schema()}}
Width = Annotated[int | None, Query(ge=64, le=8192, description="pixels, at most")]
Quality = Annotated[int, Query(ge=1, le=100)]
Fps = Annotated[float, Query(ge=1, le=120, description="at most")]
Secret = Annotated[str | None, Query(description="the token, for clients that send no headers")]


@router.get("/health")
async def health() -> Health:
    """Whether the server answers."""
    return Health(version=__version__)


@router.get("/status")
async def status(server: Here) -> LiveStatus:
    """How the live run is doing."""
    return LiveStatus.of(server.live)


@router.get("/settings")
async def settings(server: Here) -> dict[str, Any]:
    """The settings of the live run, and those that jobs begin with."""
    return values_of(server.live.settings)


@router.patch("/settings", openapi_extra={"requestBody": {"content": _WANTED, "required": True}})
async def change(wishes: dict[str, Any], server: Here) -> dict[str, Any]:
    """Change some of them; a running picture follows with its next frame, or when new parts are built."""
    server.live.update(merged(server.live.settings, wishes, server.shelf.resolved))
    return values_of(server.live.settings)


@router.get("/choices")
async def choices() -> Choices:
    """Names that settings take."""
    from liveswapping.wanted import analyser_names, engine_names, restorer_names

    return Choices(
        engines=list(engine_names()),
        analysers=list(analyser_names()),
        restorers=list(restorer_names()),
        providers=list(PROVIDERS),
        faces=list(FACES),
    )


@router.get("/sources")
async def sources(server: Here) -> Sources:
    """What there is to swap in, and whom to become."""
    from liveswapping.media.camera_list import list_cameras
    from liveswapping.media.demo import PICTURES
    from liveswapping.people import saved_identities

    cameras = await asyncio.to_thread(list_cameras)
    return Sources(
        cameras=[Camera(index=one.index, name=one.name) for one in cameras],
        demos=[f"demo:{name}" for name in PICTURES],
        people=[f"saved:{one.name}" for one in saved_identities(server.live.settings)],
        uploads=[f"upload:{entry.name}" for entry in listed(server.shelf.uploads)],
    )


@router.post("/live/start", status_code=202)
async def start(wish: Start, server: Here) -> LiveStatus:
    """Go live; `status` says how it goes on."""
    record = None if wish.record is None else server.shelf.results / checked_name(wish.record)
    server.live.start(merged(server.live.settings, wish.settings, server.shelf.resolved), record)
    return LiveStatus.of(server.live)


@router.post("/live/stop", status_code=202)
async def stop(server: Here) -> LiveStatus:
    """End the live run soon; a recording is whole when `phase` is idle."""
    server.live.stop()
    return LiveStatus.of(server.live)


@router.get("/snapshot", response_class=Response, responses=_JPEG)
async def snapshot(server: Here, width: Width = None, quality: Quality = 90, token: Secret = None) -> Response:
    """The newest picture."""
    shown = server.viewers.last
    if shown is None:
        raise Refused(409, "there is no picture: nothing is live")
    data = await asyncio.to_thread(shown.jpeg, View(width, quality))
    return Response(data, media_type="image/jpeg")


@router.get("/preview.mjpeg", response_class=StreamingResponse, responses=_MJPEG)
async def preview(
    server: Here, width: Width = None, quality: Quality = 80, fps: Fps = FASTEST, token: Secret = None
) -> StreamingResponse:
    """The picture as motion JPEG, for browsers and OBS; it goes on through the runs to come."""
    return StreamingResponse(_parts(server, View(width, quality), fps), media_type=MOTION)


async def _parts(server: Server, view: View, fps: float) -> AsyncIterator[bytes]:
    yield HEAD
    async for data in pictures(server.viewers, view, fps):
        yield part(data)


@router.websocket("/preview")
async def watch(
    socket: WebSocket,
    server: Here,
    width: Width = None,
    quality: Quality = 80,
    fps: Fps = FASTEST,
    token: Secret = None,
) -> None:
    """The picture as messages, each of which is a JPEG file."""
    await socket.accept()
    sending = asyncio.create_task(_send(socket, server, View(width, quality), fps))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect" and not sending.done():
            pass  # what a client says means nothing
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(socket: WebSocket, server: Server, view: View, fps: float) -> None:
    try:
        async for data in pictures(server.viewers, view, fps):
            await socket.send_bytes(data)
        await socket.close(1001)
    except Refused as refused:
        await socket.close(1013, str(refused))
    except WebSocketDisconnect:
        return
