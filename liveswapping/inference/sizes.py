"""The sizes of picture that one network can work on, where it can work on several: the smaller, the quicker."""

from __future__ import annotations

from collections.abc import Sequence


class Sizes:
    """Which of them is used now, and how long each took. One thread at a time."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """`sizes`: pixels per side, falling; the first is used until told otherwise."""
        self._sizes = tuple(sizes)
        self._took: dict[int, float] = {}
        self.now = self._sizes[0]
        """Pixels per side."""

    @property
    def smaller(self) -> Sequence[int]:
        """All but the first: what can be saved."""
        return self._sizes[1:]

    def save(self, count: int) -> None:
        """Use the size that many steps smaller than the first."""
        self.now = self._sizes[count]

    def took(self, size: int, seconds: float) -> None:
        """So long it took at that size, last."""
        self._took[size] = seconds

    def cost(self, count: int) -> float:
        """Seconds that step number `count` saves; 0: not known. A size that was never used goes by its area."""
        if self.now not in self._took:
            return 0.0
        here = self._took[self.now]
        steps = self._sizes[count - 1 : count + 1]
        before, after = (self._took.get(size, here * (size / self.now) ** 2) for size in steps)
        return before - after
