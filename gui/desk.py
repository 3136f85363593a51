"""What every page works with, handed to each of them by the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gui.background import Tasks
from gui.keys import Keys
from gui.languages import Languages
from gui.live.session import LiveSession
from gui.people import People
from gui.preferences import Preferences
from gui.problems import summary
from gui.theme import Theme
from gui.widgets.banner import Action, Banner
from liveswapping.domain.errors import LiveSwappingError


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Desk:
    """The shared parts of one window."""

    preferences: Preferences
    theme: Theme
    languages: Languages
    tasks: Tasks
    session: LiveSession
    people: People
    banner: Banner
    keys: Keys
    go: Callable[[str], None]
    """Turn to a page by its key."""
    log_file: Path | None = None

    def complain(self, error: LiveSwappingError, action: Action | None = None) -> None:
        """Show what went wrong: in the user's words, the engine's own behind `Details`."""
        self.banner.say(summary(error), "bad", str(error), action)
