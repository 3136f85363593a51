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

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import Closed
from liveswapping.media.viewers import HEAD, MOTION, View, Viewers, part

HOST: Final = "127.0.0.1"
STREAM, SNAPSHOT = "/stream.mjpg", "/snapshot.jpg"
_NAMES: Final = (HOST, "localhost")
"""What a browser on this machine may have asked for: another name is a page elsewhere that was pointed at us."""
_PATIENCE: Final = 5.0
"""Seconds for which a viewer may take nothing until it is left."""
_BUFFER_BYTES: Final = 1 << 18
"""What the system keeps for a viewer that does not take it: more would be seconds of old pictures."""
_POLL: Final = 0.1
_VIEW: Final = View()
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

    def __init__(self, port: int = 0) -> None:
        """`port` 0: any that is free. Raises SinkError where the port cannot be had."""
        self.watching = Viewers(_VIEW)
        """Who watches."""
        try:
            self._server = _Server(self.watching, port)
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

    def write(self, frame: Frame) -> None:
        """Show one frame to whoever watches."""
        self.watching.write(frame)

    def close(self) -> None:
        """Say goodbye to everybody and free the port."""
        self._server.shutdown()
        self.watching.dismiss()
        self._server.leave_hanging()
        self._server.server_close()
        self._thread.join()
        self.watching.forget()


class _Server(ThreadingHTTPServer):
    """A thread for every viewer; closing waits for all of them."""

    daemon_threads = False
    allow_reuse_address = False  # on Windows it would let two programs have the same port

    def __init__(self, viewers: Viewers, port: int) -> None:
        self.viewers = viewers
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
        shown = self.server.viewers.last
        if shown is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "there is no picture yet")
        else:
            self._whole("image/jpeg", shown.jpeg(_VIEW))

    def _whole(self, kind: str, content: bytes) -> None:
        self._begin(HTTPStatus.OK, kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        viewers = self.server.viewers
        seat = viewers.enter()
        if seat is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "too many viewers")
            return
        try:
            self._begin(HTTPStatus.OK, MOTION)
            self.end_headers()
            self.wfile.write(HEAD)
            while True:
                shown = seat.take(1.0)
                if shown is not None:
                    self.wfile.write(part(shown.jpeg(_VIEW)))
        except Closed:
            pass
        finally:
            viewers.leave(seat)

    def _begin(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")  # no page elsewhere may show it
        self.send_header("Connection", "close")
