"""A sink that browsers and OBS watch: pictures over HTTP (MJPEG), on this machine only."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import Closed, LatestSlot

HOST: Final = "127.0.0.1"
STREAM, SNAPSHOT = "/stream.mjpg", "/snapshot.jpg"
_NAMES: Final = (HOST, "localhost")
"""What a browser on this machine may have asked for: another name is a page elsewhere that was pointed at us."""
_BOUNDARY: Final = b"liveswapping-frame"
_MOST_VIEWERS: Final = 16
_PATIENCE: Final = 5.0
"""Seconds for which a viewer may take nothing until it is left."""
_BUFFER_BYTES: Final = 1 << 18
"""What the system keeps for a viewer that does not take it: more would be seconds of old pictures."""
_POLL: Final = 0.1
_QUALITY: Final = 85
_PAGE: Final = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LiveSwapping</title>
<style>body {{ margin: 0; background: #000 }} img {{ width: 100vw; height: 100vh; object-fit: contain }}</style></head>
<body><img src="{STREAM}" alt="The live picture"></body></html>
""".encode()

_LOG = logging.getLogger(__name__)


class MjpegServer:
    """Serves a page at /, the moving picture at /stream.mjpg and the newest picture at /snapshot.jpg.

    `write` comes from one thread. Each viewer gets the newest picture that it is fast enough for. A picture is encoded
    once for all of them, and not at all while nobody watches; a live loop puts a QueuedSink before it.
    """

    def __init__(self, port: int = 0, *, quality: int = _QUALITY) -> None:
        """`port` 0: any that is free. `quality` is JPEG's, 0..100. Raises SinkError where the port cannot be had."""
        self._quality = quality
        self._viewers: dict[object, LatestSlot[bytes]] = {}
        self._newest: Frame | None = None
        try:
            self._server = _Server(self, port)
        except OSError as error:
            why = "another program has it" if error.errno == errno.EADDRINUSE else f"{error.strerror or error}"
            raise SinkError(
                f"port {port} cannot be used for the picture ({why}): choose another with --mjpeg"
            ) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="mjpeg server", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The page to open; with /stream.mjpg behind it, what OBS takes."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def viewers(self) -> int:
        """How many are watching."""
        return len(self._viewers)

    def write(self, frame: Frame) -> None:
        """Show one frame to whoever watches. Raises SinkError where it cannot be made a JPEG."""
        self._newest = frame
        viewers = tuple(self._viewers.values())
        if viewers:
            picture = self._encoded(frame)
            for slot in viewers:
                slot.put(picture)

    def close(self) -> None:
        """Say goodbye to everybody and free the port."""
        self._server.shutdown()
        self.close_viewers()
        self._server.leave_hanging()
        self._server.server_close()
        self._thread.join()
        self._newest = None

    def close_viewers(self) -> None:
        """Say goodbye to everybody who watches; others may come."""
        for slot in tuple(self._viewers.values()):
            slot.close()

    def enter(self, viewer: object) -> LatestSlot[bytes] | None:
        """From a viewer's thread: where its pictures will be; None where there are too many viewers."""
        if len(self._viewers) >= _MOST_VIEWERS:
            return None
        return self._viewers.setdefault(viewer, LatestSlot())

    def leave(self, viewer: object) -> None:
        """A viewer has gone."""
        self._viewers.pop(viewer, None)

    def snapshot(self) -> bytes | None:
        """The newest picture as JPEG; None before the first one."""
        frame = self._newest
        return None if frame is None else self._encoded(frame)

    def _encoded(self, frame: Frame) -> bytes:
        made, data = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        if not made:
            height, width = frame.image.shape[:2]
            raise SinkError(f"a picture of {width}×{height} pixels cannot be made a JPEG")
        return np.asarray(data).tobytes()


class _Server(ThreadingHTTPServer):
    """A thread for every viewer; closing waits for all of them."""

    daemon_threads = False
    allow_reuse_address = False  # on Windows it would let two programs have the same port

    def __init__(self, sink: MjpegServer, port: int) -> None:
        self.sink = sink
        self._connections: dict[socket.socket, None] = {}
        super().__init__((HOST, port), _Viewer)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """As the base class does, with limits on what hangs."""
        connection, address = super().get_request()
        connection.settimeout(_PATIENCE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connection] = None
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """As the base class does."""
        if isinstance(request, socket.socket):
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """To the log, not to the terminal."""
        _LOG.debug("a viewer at %s failed", client_address, exc_info=True)

    def leave_hanging(self) -> None:
        """End whatever their threads are waiting for."""
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Viewer(BaseHTTPRequestHandler):
    """One request."""

    server: _Server
    server_version = "LiveSwapping"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with the page, the stream or a picture."""
        if self.headers.get("Host", "").rpartition(":")[0] not in _NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        answers = {"/": self._page, STREAM: self._stream, SNAPSHOT: self._snapshot}
        answer = answers.get(self.path.partition("?")[0])
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with contextlib.suppress(OSError):  # it has gone, or takes nothing any more
            answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it that
        """To the log, not to the terminal."""
        _LOG.debug("viewer: " + format, *args)

    def _page(self) -> None:
        self._whole("text/html; charset=utf-8", _PAGE)

    def _snapshot(self) -> None:
        picture = self.server.sink.snapshot()
        if picture is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "there is no picture yet")
        else:
            self._whole("image/jpeg", picture)

    def _whole(self, kind: str, content: bytes) -> None:
        self._begin(HTTPStatus.OK, kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        sink = self.server.sink
        slot = sink.enter(self)
        if slot is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "too many viewers")
            return
        try:
            self._begin(HTTPStatus.OK, f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}")
            self.end_headers()
            self.wfile.write(b"--" + _BOUNDARY + b"\r\n")
            while True:
                picture = slot.take(1.0)
                if picture is not None:
                    self._send(picture)
        except Closed:
            pass
        finally:
            sink.leave(self)

    def _send(self, picture: bytes) -> None:
        """A part with the boundary of the next one, which browsers wait for before they show this one."""
        head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
        self.wfile.write(head + picture + b"\r\n--" + _BOUNDARY + b"\r\n")

    def _begin(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")  # no page elsewhere may show it
        self.send_header("Connection", "close")
