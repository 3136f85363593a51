"""What a slow engine can give up itself, told to it on the thread on which it works, between two of its jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from liveswapping.domain.protocols import Adjustable, Swapper


class Deferred:
    """Adjustable for an engine that may be at work on another thread."""

    def __init__(self, engine: Swapper, beside: Callable[[], bool]) -> None:
        """`beside`: whether the engine works beside the picture now, which then waits for none of its answers."""
        self._engine = engine if isinstance(engine, Adjustable) else None
        self._beside = beside
        self._wanted = self._told = 0

    @property
    def savings(self) -> Sequence[str]:
        """The engine's."""
        return () if self._engine is None else self._engine.savings

    def save(self, count: int) -> None:
        """From the engine's next job on."""
        self._wanted = count

    def cost(self, count: int) -> float:
        """As the engine says; of no use while nobody waits for it."""
        return -1.0 if self._engine is None or self._beside() else self._engine.cost(count)

    def tell(self) -> None:
        """Tell the engine, before a job, on its thread."""
        if self._engine is not None and self._wanted != self._told:
            self._told = self._wanted
            self._engine.save(self._told)
