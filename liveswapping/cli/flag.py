"""What a flag is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from liveswapping.domain.rules import Rule
from liveswapping.domain.settings import RULES

RUNS: Final = ("image", "video", "batch", "realtime", "demo")
"""Commands that run an engine."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `names` are all its spellings with underscores; hyphens are taken for underscores."""

    names: tuple[str, ...]
    dest: str
    """A setting, or an option of the command itself."""
    help: str
    commands: tuple[str, ...] = RUNS
    rule: Rule | None = None
    """What a value may be; None: that of the setting `dest`."""
    const: str | None = None
    """Set without a value: a switch."""
    optional_value: bool = False
    """A switch that may also be given a value, as in `--use_tensorrt=False`."""
    many: bool = False
    """Takes one value or more, and may be repeated."""
    metavar: str = "VALUE"
    required: tuple[str, ...] = ()
    """Commands that cannot do without it."""
    unless: tuple[str, ...] = ()
    """Other settings or options that do instead of it."""

    @property
    def value_rule(self) -> Rule:
        """What a value may be."""
        return self.rule or RULES[self.dest]
