"""The picture for clients of the server: what viewers see, on the server's loop, each at its own pace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from liveswapping.api.refusal import Refused
from liveswapping.domain.handover import Closed
from liveswapping.media.viewers import MOST, View, Viewers

FASTEST: Final = 60.0
"""Pictures a second, where a client does not say."""


async def pictures(viewers: Viewers, view: View, fps: float = FASTEST) -> AsyncIterator[bytes]:
    """JPEG files of what is shown, the newest each time, until the server ends. Raises Refused."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()

    def woken() -> None:
        with contextlib.suppress(RuntimeError):  # the server has gone
            loop.call_soon_threadsafe(came.set)

    seat = viewers.enter(woken)
    if seat is None:
        raise Refused(429, f"{MOST} clients watch already; close one of them")
    due = loop.time()
    try:
        with contextlib.suppress(Closed):
            while True:
                came.clear()
                shown = seat.take(0.0)
                if shown is None:
                    await came.wait()
                    continue
                yield await asyncio.to_thread(shown.jpeg, view)
                due = max(due + 1 / fps, loop.time())
                await asyncio.sleep(max(0.0, due - loop.time()))
    finally:
        viewers.leave(seat)
