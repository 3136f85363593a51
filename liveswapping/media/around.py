"""Sources that stand around another one, and the whole of a source."""

from __future__ import annotations

from collections.abc import Generator

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Source
from liveswapping.media.info import MediaSource, SourceInfo

_PATIENCE_S = 1.0


class AroundSource:
    """`source`, which it owns, as it is; who adds something to it derives from this."""

    def __init__(self, source: MediaSource) -> None:
        self.source = source
        """The source within, for what only it can tell."""

    @property
    def live(self) -> bool:
        """As the source within."""
        return self.source.live

    @property
    def info(self) -> SourceInfo:
        """As the source within."""
        return self.source.info

    @property
    def damaged(self) -> int:
        """As the source within."""
        return self.source.damaged

    def read(self, timeout: float) -> Frame | None:
        """The next frame of the source within."""
        return self.source.read(timeout)

    def close(self) -> None:
        """Close the source within; more than once does no harm."""
        self.source.close()


def every_frame(source: Source) -> Generator[Frame, None, None]:
    """The frames of a source that has an end, however long each takes; closes it. Raises SourceError."""
    try:
        while True:
            frame = source.read(_PATIENCE_S)
            if frame is not None:
                yield frame
    except EndOfStream:
        return
    finally:
        source.close()
