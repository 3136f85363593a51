"""What a setting may be. A rule takes what a user wrote, as text or as JSON, and answers with the value."""

from __future__ import annotations

from typing import Any, Protocol

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class Rule(Protocol):
    """One kind of value."""

    @property
    def allowed(self) -> str:
        """What may be written, in words that end an error message."""
        ...

    def parse(self, value: object) -> Any:
        """The value; raises ValueError where it is not allowed."""
        ...


class Number:
    """A number from `low` to `high`, both included."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    @property
    def allowed(self) -> str:
        return f"a number from {self._low:g} to {self._high:g}"

    def parse(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(value)
        number = float(value)
        if not self._low <= number <= self._high:  # also refuses NaN
            raise ValueError(value)
        return number


class Whole:
    """A whole number from `low` to `high`, both included."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    @property
    def allowed(self) -> str:
        return f"a whole number from {self._low} to {self._high}"

    def parse(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(value)
        number = int(value)
        if not self._low <= number <= self._high:
            raise ValueError(value)
        return number


class Switch:
    """On or off."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def parse(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        text = str(value).strip().lower()
        if text not in _TRUE + _FALSE:
            raise ValueError(value)
        return text in _TRUE


class Choice:
    """One of a few values, all text or all whole numbers; text in any case."""

    def __init__(self, *values: str | int) -> None:
        self._values = {str(value).lower(): value for value in values}

    @property
    def allowed(self) -> str:
        return ", ".join(str(value) for value in self._values.values())

    def parse(self, value: object) -> str | int:
        key = str(value).strip().lower()
        if isinstance(value, bool) or key not in self._values:
            raise ValueError(value)
        return self._values[key]


class Text:
    """Text that is not empty, of exactly `length` characters where one is given."""

    def __init__(self, length: int | None = None) -> None:
        self._length = length

    @property
    def allowed(self) -> str:
        return "text that is not empty" if self._length is None else f"text of {self._length} characters"

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or not value.strip() or self._length not in (None, len(value)):
            raise ValueError(value)
        return value


class TextList:
    """Several texts, each of which passes `rule`: a list, or one text with commas in between."""

    def __init__(self, rule: Rule | None = None) -> None:
        self._rule = rule or Text()

    @property
    def allowed(self) -> str:
        return f"one or several of: {self._rule.allowed}"

    def parse(self, value: object) -> tuple[str, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not parts:
            raise ValueError(value)
        return tuple(self._rule.parse(part) for part in parts)
