"""What an inpainting run did: lines for people to read along, and figures for programs."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_PLAIN: Final = {
    "🚀": ">>", "📏": "[]", "📊": "##", "🌊": "~~", "💾": "<>", "✅": "OK", "⚡": "**", "🔀": "//", "⚠️": "!!",
    "🎬": "||",
}  # fmt: skip
"""What stands for a symbol where the console cannot show it."""
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Stage:
    """The sum of one stage's calls."""

    seconds: float = 0.0
    calls: int = 0
    peak_mb: float = 0.0
    """The most of a card's memory that was in use while it ran; on a processor what the process held after it."""


class Record:
    """`log` and `stage` as the run goes; `metrics` at any time. Any thread may ask, one writes."""

    def __init__(
        self, tell: Callable[[str], None] = lambda line: None, level: str = "info", encoding: str = "utf-8"
    ) -> None:
        """`tell` is given each line of at least `level`; symbols that `encoding` cannot hold are replaced."""
        self._tell = tell
        self._level = _LEVELS[level]
        self._encoding = encoding
        self._began = time.perf_counter()
        self._stages: dict[str, Stage] = {}
        self._facts: dict[str, Any] = {}
        self._fallbacks: list[str] = []

    def log(self, level: str, message: str, emoji: str = "") -> None:
        """One line: `[HH:MM:SS] EMOJI [LEVEL] message`."""
        _LOG.log(_LEVELS[level], "%s", message)
        if _LEVELS[level] >= self._level:
            sign = f"{self._sign(emoji)} " if emoji else ""
            self._tell(f"[{time.strftime('%H:%M:%S')}] {sign}[{level.upper()}] {message}")

    def fallback(self, message: str) -> None:
        """Something did not go as planned, and another way was taken: a warning, and noted."""
        self._fallbacks.append(message)
        self.log("warning", message, "⚠️")

    def note(self, **facts: object) -> None:
        """Facts about the run, such as scale and precision."""
        self._facts.update(facts)

    @contextlib.contextmanager
    def stage(self, name: str, peak: Callable[[], float] | None = None) -> Iterator[None]:
        """Time what is done within, also where it fails. `peak`: asked afterwards for the device's MB."""
        began = time.perf_counter()
        try:
            yield
        finally:
            stage = self._stages.setdefault(name, Stage())
            stage.seconds += time.perf_counter() - began
            stage.calls += 1
            if peak is not None:
                stage.peak_mb = max(stage.peak_mb, peak())

    def metrics(self) -> dict[str, Any]:
        """All of it, in types that JSON knows."""
        stages = {
            name: {"seconds": round(one.seconds, 3), "calls": one.calls, "peak_mb": round(one.peak_mb, 1)}
            for name, one in self._stages.items()
        }
        seconds = round(time.perf_counter() - self._began, 3)
        return {**self._facts, "seconds": seconds, "stages": stages, "fallbacks": list(self._fallbacks)}

    def _sign(self, emoji: str) -> str:
        try:
            emoji.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            return _PLAIN.get(emoji, "*")
        return emoji
