"""From the words of a command line to a request."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from liveswapping.cli.flag import Flag
from liveswapping.cli.flags import ACTIONS, ALIASES, COMMANDS, FILES, FLAGS
from liveswapping.cli.inpaint_flags import NOTICE
from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.settings import RULES

PROGRAM = "liveswapping"
_LEGACY_MODES = {"gui": "gui", "realtime": "realtime", "video": "video", "image": "image"}
_SWITCHES = ("--skip_basicsr_fix",)
_ALL_LEGACY = ("--source_image", "--target_video", "--model_path", "--output_path", "--camera_id", "--use_tensorrt")
_FOREIGN = {
    "gui": (*_ALL_LEGACY, *_SWITCHES),
    "realtime": ("--target_video", "--output_path"),
    "video": ("--camera_id",),
    "image": ("--camera_id", *_SWITCHES),
}
"""Flags that the first published parser took in every mode and that this mode has no use for."""


class UsageError(LiveSwappingError):
    """The words themselves are wrong: exit code 2."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: a command, the settings given by flags, and the command's own options."""

    command: str
    settings: Mapping[str, Any]
    options: Mapping[str, Any]


def parse(words: Sequence[str]) -> Request:
    """Read a command line. Raises UsageError; `--help` prints and exits."""
    command, rest = _command(list(words))
    if command not in COMMANDS:
        raise UsageError(f"there is no command '{command}'; there are: {', '.join(COMMANDS)}")
    given = vars(_parser(command).parse_args([_underscored(word) for word in rest]))
    _require_one(command, given)
    settings = {name: value for name, value in given.items() if name in RULES}
    return Request(command, settings, {name: value for name, value in given.items() if name not in RULES})


def overview() -> str:
    """The help of the program as a whole."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"usage: {PROGRAM} COMMAND [FLAGS]", "", "commands:"]
    lines += [f"  {name:{width}}{text}" for name, text in COMMANDS.items()]
    return "\n".join([*lines, "", f"`{PROGRAM} COMMAND --help` lists a command's flags."])


def _command(words: list[str]) -> tuple[str, list[str]]:
    """The command and its own words; `--mode NAME` of the first published command line is understood, too."""
    if words and not words[0].startswith("-"):
        return ALIASES.get(words[0], words[0]), words[1:]
    for position, word in enumerate(words):
        name, has_value, value = word.partition("=")
        if name != "--mode":
            continue
        rest = words[:position] + words[position + (1 if has_value else 2) :]
        mode = value if has_value else "".join(words[position + 1 : position + 2])
        if mode not in _LEGACY_MODES:
            raise UsageError(f"--mode: '{mode}' cannot be used; allowed: {', '.join(_LEGACY_MODES)}")
        return _LEGACY_MODES[mode], _of_mode(mode, rest)
    raise UsageError(f"a command is missing; there are: {', '.join(COMMANDS)}")


def _of_mode(mode: str, words: list[str]) -> list[str]:
    """`words` without the first published command line's flags that mean nothing to `mode`; it took all for each."""
    foreign = _FOREIGN[mode]
    kept, skip = [], False
    for word in words:
        name, has_value, _ = _underscored(word).partition("=")
        if skip:
            skip = False
        elif name in foreign:
            skip = not has_value and name not in _SWITCHES
        else:
            kept.append(word)
    return kept


def _underscored(word: str) -> str:
    """Flags are spelled with underscores here; hyphens inside a name mean the same."""
    name, separator, value = word.partition("=")
    if not re.fullmatch(r"--[A-Za-z][A-Za-z0-9_-]*", name):
        return word
    return "--" + name[2:].replace("-", "_") + separator + value


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; `{self.prog} --help` lists what there is")


def _parser(command: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"{PROGRAM} {command}",
        description=COMMANDS[command],
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    if command in ACTIONS:
        actions, names = ACTIONS[command]
        parser.add_argument("action", choices=actions, help="what to do")
        parser.add_argument("names", nargs="*", help=names)
    if command in FILES:
        parser.add_argument("files", nargs="+", metavar="FILE", help=FILES[command])
    for flag in FLAGS:
        if command in flag.commands:
            _add(parser, flag, command in flag.required and not flag.unless)
    if command == "inpaint":
        parser.epilog = NOTICE
    return parser


def _require_one(command: str, given: Mapping[str, object]) -> None:
    for flag in FLAGS:
        if command in flag.required and flag.unless and not {flag.dest, *flag.unless} & set(given):
            others = [other.names[0] for other in FLAGS if other.dest in flag.unless and command in other.commands]
            instead = f" (or {', '.join(others)})" if others else ""
            raise UsageError(f"{PROGRAM} {command}: {flag.names[0]}{instead} is required")


def _add(parser: argparse.ArgumentParser, flag: Flag, required: bool) -> None:
    text = flag.help or argparse.SUPPRESS
    convert = _converter(flag)
    if flag.const is None:
        action = "extend" if flag.many else "store"
        arity = "+" if flag.many else None
        parser.add_argument(
            *flag.names,
            dest=flag.dest,
            type=convert,
            action=action,
            nargs=arity,
            metavar=flag.metavar,
            required=required,
            help=text,
        )
    elif flag.optional_value:
        parser.add_argument(
            *flag.names, dest=flag.dest, type=convert, nargs="?", const=convert(flag.const), metavar="YES", help=text
        )
    else:
        parser.add_argument(*flag.names, dest=flag.dest, action="store_const", const=convert(flag.const), help=text)


def _converter(flag: Flag) -> Callable[[str], object]:
    rule = flag.value_rule

    def convert(text: str) -> object:
        if flag.many:
            return text
        try:
            return rule.parse(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} cannot be used; allowed: {rule.allowed}") from None

    return convert


def namespace(command: str, words: Sequence[str]) -> argparse.Namespace:
    """A command's words as the published parsers answered them: one attribute for each spelling of each flag.

    What was not given is None, or False for a switch. Raises as `parse`.
    """
    request = parse([command, *words])
    given = {**request.settings, **request.options}
    found = argparse.Namespace()
    for flag in _plain_flags(command):
        value = given.get(flag.dest, False if _is_switch(flag) else None)
        if flag.many and value is not None and len(value) == 1:
            value = value[0]
        for name in flag.names:
            setattr(found, name.lstrip("-"), value)
    return found


def words_of(command: str, given: argparse.Namespace) -> list[str]:
    """The words that such a namespace stands for; of several spellings the first that has a value counts."""
    words: list[str] = []
    for flag in _plain_flags(command):
        values = (getattr(given, name.lstrip("-"), None) for name in flag.names)
        value = next((value for value in values if value is not None), None)
        if value is None or (_is_switch(flag) and not value):
            continue
        name = max(flag.names, key=len)
        if _is_switch(flag):
            words.append(name)
        elif isinstance(value, list | tuple):
            words += [name, *map(str, value)]
        else:
            words.append(f"{name}={value}")
    return words


def _is_switch(flag: Flag) -> bool:
    """It takes no value."""
    return flag.const is not None and not flag.optional_value


def _plain_flags(command: str) -> list[Flag]:
    """A command's flags, without those that only stand for a value of another one."""
    return [flag for flag in FLAGS if command in flag.commands and flag.const in (None, "true")]
