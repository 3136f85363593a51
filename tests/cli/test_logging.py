import io
import json
import logging

import pytest

from liveswapping.cli.console import Console, open_console
from liveswapping.domain.errors import SinkError
from liveswapping.run import main

LOG = logging.getLogger("liveswapping.tests")


@pytest.mark.parametrize(("level", "held"), [("debug", "dim"), ("info", "im"), ("warning", "m"), ("error", "")])
def test_the_log_holds_what_is_severe_enough_one_line_each(tmp_path, capfd, level, held):
    with capfd.disabled(), open_console(level, tmp_path / "new" / "my.log"):
        LOG.debug("d")
        LOG.info("i")
        LOG.warning("m")
    lines = (tmp_path / "new" / "my.log").read_text(encoding="utf-8").splitlines()
    assert "".join(line[-1] for line in lines) == held


def test_a_named_log_that_has_grown_is_put_aside(tmp_path):
    (tmp_path / "my.log").write_bytes(b"x" * 3_000_000)
    with open_console("info", tmp_path / "my.log"):
        LOG.info("new")
    assert (tmp_path / "my.1.log").stat().st_size == 3_000_000
    assert (tmp_path / "my.log").stat().st_size < 200


def test_a_log_that_cannot_be_written_is_one_line(tmp_path, capfd):
    with pytest.raises(SinkError, match="name another file"), open_console("info", tmp_path):
        pass
    assert main(["models", "path", "face_landmark", "--log_file", str(tmp_path)]) == 1
    assert capfd.readouterr().err.count("\n") == 1


def test_events_are_json_one_object_a_line(capfd):
    with open_console(events=True) as console:
        console.event({"done": 1})
        with console.progress() as report:
            report("label", 1, 2)
        console.event({"done": 2})
    with open_console() as console:
        console.event({"done": 3})
    assert [json.loads(line)["done"] for line in capfd.readouterr().err.splitlines()] == [1, 2]


class Terminal(io.StringIO):
    """A terminal that keeps what was shown."""

    def isatty(self):
        return True


def test_a_person_sees_how_far_it_is_how_fast_and_how_long_it_takes():
    terminal = Terminal()
    with Console(terminal, None).progress() as report:
        for done in (2, 5):
            report("swapping a.mp4", done, 10, "17.5 fps")
    for shown in ("swapping a.mp4", "50%", "17.5 fps", ":"):
        assert shown in terminal.getvalue()
