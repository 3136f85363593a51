"""What a request cannot have, and the status that says so."""

from __future__ import annotations

from liveswapping.domain.errors import LiveSwappingError, SinkError


class Refused(LiveSwappingError):
    """A request that is understood, and not done."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def status_of(error: LiveSwappingError) -> int:
    """The HTTP status of an error that a user can meet."""
    if isinstance(error, Refused):
        return error.status
    return 507 if isinstance(error, SinkError) else 422
