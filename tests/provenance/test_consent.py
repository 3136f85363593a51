import io
import json
import sys

import pytest

from liveswapping.cli.consent import settle
from liveswapping.cli.console import Console
from liveswapping.cli.parser import parse
from liveswapping.domain.errors import SettingsError
from liveswapping.provenance.consent import FILE, given, record

IMAGE = ["image", "--source", "a.jpg", "--target", "b.jpg"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def config(tmp_path, monkeypatch):
    folder = tmp_path / "config"
    monkeypatch.setenv("LIVESWAPPING_CONFIG_DIR", str(folder))
    return folder


def _settle(words, answer, monkeypatch, *, person=True):
    kind = Terminal if person else io.StringIO
    messages = kind()
    monkeypatch.setattr(sys, "stdin", kind(answer))
    console = Console(messages, None)
    try:
        settle(parse(words), console)
    finally:
        console.finish()
    return messages.getvalue()


def test_a_person_is_asked_once(config, monkeypatch):
    assert "Do you agree? [y/N]" in _settle(IMAGE, "y\n", monkeypatch)
    assert given()
    assert _settle(IMAGE, "", monkeypatch) == ""


def test_a_person_who_does_not_agree_gets_nothing_and_is_asked_again(config, monkeypatch):
    for _ in range(2):
        with pytest.raises(SettingsError, match="nothing was done"):
            _settle(IMAGE, "n\n", monkeypatch)
    assert not given()


def test_a_program_is_told_in_one_line_and_the_command_goes_on(config, monkeypatch):
    for _ in range(2):
        said = _settle(IMAGE, "", monkeypatch, person=False)
        assert said.count("\n") == 1
        assert "consent" in said
    assert not config.exists()


def test_the_demo_asks_nobody(config, monkeypatch):
    assert _settle(["demo"], "", monkeypatch).count("\n") == 1


def test_commands_that_swap_nothing_say_nothing(config, monkeypatch):
    assert _settle(["doctor"], "", monkeypatch) == ""
    assert _settle(["inspect", "a.jpg"], "", monkeypatch) == ""


def test_the_terms_can_be_accepted_with_a_flag(config, monkeypatch):
    assert _settle([*IMAGE, "--accept-terms"], "", monkeypatch, person=False) == ""
    assert given()
    assert "T" in json.loads((config / FILE).read_text(encoding="utf-8"))["agreed"]


def test_where_nothing_can_be_kept_the_command_goes_on(config, monkeypatch):
    config.write_text("a file", encoding="utf-8")
    assert "cannot be kept" in _settle([*IMAGE, "--accept-terms"], "", monkeypatch)
    assert not record()


@pytest.mark.parametrize("content", ["", "[]", '{"terms": 0}', "{"])
def test_what_is_no_consent_is_none(config, content):
    config.mkdir()
    (config / FILE).write_text(content, encoding="utf-8")
    assert not given()
