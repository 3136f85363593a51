"""What a setting may be. A rule takes what a user wrote, as text or as JSON, and answers with the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_UNITS = {"": 1, "MB": 2**20, "GB": 2**30}
_LEAST_MEMORY = 64 * 2**20
"""Less holds no network's smallest buffers."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of value."""

    parse: Callable[[object], object]
    """Answers with the value; raises ValueError where it is not allowed."""
    allowed: str
    """What may be written, in words that end an error message."""
    schema: Mapping[str, object]
    """The same for programs: a JSON Schema of the values that JSON would give."""


def number(low: float, high: float) -> Rule:
    """A number from `low` to `high`, both included; a float."""

    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(value)
        if not low <= float(value) <= high:  # also refuses NaN
            raise ValueError(value)
        return float(value)

    return Rule(parse, f"a number from {low:g} to {high:g}", {"type": "number", "minimum": low, "maximum": high})


def whole(low: int, high: int) -> Rule:
    """A whole number from `low` to `high`, both included; an int."""

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(value)
        if not low <= int(value) <= high:
            raise ValueError(value)
        return int(value)

    return Rule(parse, f"a whole number from {low} to {high}", {"type": "integer", "minimum": low, "maximum": high})


def switch(allowed: str = "true or false") -> Rule:
    """On or off; a bool. `allowed`: which words are named; all are understood."""

    def parse(value: object) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word not in _TRUE + _FALSE:
            raise ValueError(value)
        return word in _TRUE

    return Rule(parse, allowed, {"type": "boolean"})


def choice(*values: str | int) -> Rule:
    """One of a few values; text in any case."""
    known = {str(value).lower(): value for value in values}

    def parse(value: object) -> str | int:
        key = str(value).strip().lower()
        if isinstance(value, bool) or key not in known:
            raise ValueError(value)
        return known[key]

    return Rule(parse, ", ".join(map(str, values)), {"enum": list(values)})


def choice_or(more: Callable[[], Collection[str]], owner: str, *values: str) -> Rule:
    """One of a few values, in any case, or one of what `more` answers at the time; text."""
    known = choice(*values)

    def parse(value: object) -> object:
        return value if isinstance(value, str) and value in more() else known.parse(value)

    return Rule(parse, f"{known.allowed}, or {owner}", {"type": "string", "pattern": r"[^\s]"})


def text(length: int | None = None) -> Rule:
    """Text that is not empty, of exactly `length` characters where one is given; a str."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or not value.strip() or length not in (None, len(value)):
            raise ValueError(value)
        return value

    shape: dict[str, object] = {"type": "string", "pattern": r"[^\s]"}
    if length is not None:
        shape |= {"minLength": length, "maxLength": length}
    return Rule(parse, "text that is not empty" if length is None else f"text of {length} characters", shape)


def device() -> Rule:
    """A device's name as str; "auto" where only true is written; None where false is."""

    def parse(value: object) -> str | None:
        word = str(value).strip()
        if not word:
            raise ValueError(value)
        if word.lower() in _FALSE:
            return None
        return "auto" if word.lower() in _TRUE else word

    return Rule(parse, "the name of a device, true or false", {"type": ["string", "boolean"]})


def memory() -> Rule:
    """An amount of memory as "4GB", "512 MB" or a whole number of bytes; an int of bytes, at least 64 MB."""

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(value)
        written = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(GB|MB|)", str(value).strip().upper())
        if written is None or not float(written[1]) * _UNITS[written[2]] >= _LEAST_MEMORY:
            raise ValueError(value)
        return int(float(written[1]) * _UNITS[written[2]])

    written: dict[str, object] = {"type": "string", "pattern": "^[1-9][0-9]{0,3} ?GB$"}
    shape = {"anyOf": [{"type": "integer", "minimum": _LEAST_MEMORY}, written]}
    return Rule(parse, 'an amount such as "4GB" or "512MB", or bytes, from 64 MB', shape)


def size() -> Rule:
    """A picture's size as "1920x1080"; width and height in pixels."""

    def parse(value: object) -> tuple[int, int]:
        written = re.fullmatch(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})", str(value).strip().lower())
        if written is None:
            raise ValueError(value)
        return int(written[1]), int(written[2])

    return Rule(parse, "a width and a height, as 1920x1080", {"type": "string", "pattern": "^[0-9]+x[0-9]+$"})


def several(rule: Rule) -> Rule:
    """One or more values that pass `rule`: a list, or one text with commas in between; a tuple."""

    def parse(value: object) -> tuple[object, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not parts:
            raise ValueError(value)
        return tuple(rule.parse(part) for part in parts)

    shape = {"type": "array", "items": rule.schema, "minItems": 1}
    return Rule(parse, f"one or several of: {rule.allowed}", shape)
