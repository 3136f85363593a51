"""One figure and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured value; it holds at or below its limit, or, for `at_least`, at or above."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value is on the right side. What could not be measured (NaN) is not."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def entry(self) -> dict[str, object]:
        """As it is written in JSON, which has no NaN."""
        value = None if isnan(self.value) else self.value
        return {"name": self.name, "value": value, "limit": self.limit, "holds": self.holds}

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{'holds' if self.holds else 'FAILS':6} {self.name}: {self.value:.4g} ({sign} {self.limit:g})"
