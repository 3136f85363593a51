"""What fills holes, out of settings: the engine that was asked for, or the best whose weights are here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.build_propainter import ProPainterOptions, weights
from liveswapping.domain.errors import ModelError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.inpainting.record import Record
    from liveswapping.inpainting.shots import Inpainter


class Filling:
    """One run's engine. It is looked for when it is asked for, once."""

    def __init__(
        self, settings: Settings, wanted: str, options: ProPainterOptions, record: Record, say: Callable[[str], None]
    ) -> None:
        """`wanted`: auto, builtin or propainter."""
        self._settings, self._wanted, self._options = settings, wanted, options
        self._record, self._say = record, say
        self._engine: str | None = None
        self.weights: tuple[Path, ...] | None = None
        """ProPainter's, where that is the engine."""

    @property
    def engine(self) -> str:
        """Which one it is. Raises ModelError where one was asked for whose weights are not here."""
        if self._engine is None:
            self._engine = self._chosen()
        return self._engine

    def open(self, attend: Callable[[], None]) -> Inpainter:
        """It. `attend` is called a few times a second and may raise, which ends the run. Raises ModelError."""
        if self.engine == "propainter":
            from liveswapping.build_propainter import open_propainter

            assert self.weights is not None
            return open_propainter(self._settings, self._options, self.weights, self._record, attend, self._say)
        from liveswapping.inpainting.builtin import BuiltinInpainter

        return BuiltinInpainter(attend)

    def _chosen(self) -> str:
        if self._wanted == "builtin":
            return "builtin"
        self.weights = weights(self._settings, self._options)
        if self.weights is not None:
            return "propainter"
        lacking = "ProPainter's weights are not here: `models pull propainter` fetches them (non-commercial use only)"
        if self._wanted == "propainter":
            raise ModelError(lacking)
        self._say(f"{lacking}; filled by the built-in engine")
        return "builtin"
