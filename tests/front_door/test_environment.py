"""The stamp: when set-up is needed, and when it is not."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from scripts.front_door.environment import DEVELOPER_FILES, ROOT, RUNTIME_FILES, Environment


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with the lists of what set-up brings, and a `.venv` of this Python's version."""
    for name in RUNTIME_FILES + DEVELOPER_FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    environment = Environment(own=True, root=tmp_path)
    Path(environment.python).parent.mkdir(parents=True)
    Path(environment.python).touch()
    version = ".".join(map(str, sys.version_info[:3]))
    (environment.folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n", encoding="utf-8")
    return tmp_path


def test_a_fresh_checkout_is_not_ready(tmp_path: Path) -> None:
    assert not Environment(own=True, root=tmp_path).ready(developer=False)


def test_a_venv_without_a_stamp_is_not_ready(root: Path) -> None:
    assert not Environment(own=True, root=root).ready(developer=False)


def test_a_stamp_makes_the_next_start_ready(root: Path) -> None:
    Environment(own=True, root=root).write_stamp(developer=False)
    assert Environment(own=True, root=root).ready(developer=False)


def test_tests_need_the_developer_tools_as_well(root: Path) -> None:
    environment = Environment(own=True, root=root)
    environment.write_stamp(developer=False)
    assert not environment.ready(developer=True)
    environment.write_stamp(developer=True)
    assert environment.ready(developer=True)


@pytest.mark.parametrize("name", RUNTIME_FILES)
def test_a_changed_list_asks_for_set_up(root: Path, name: str) -> None:
    environment = Environment(own=True, root=root)
    environment.write_stamp(developer=False)
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not environment.ready(developer=False)


def test_other_line_endings_change_nothing(root: Path) -> None:
    environment = Environment(own=True, root=root)
    environment.write_stamp(developer=False)
    path = root / "requirements.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert environment.ready(developer=False)


def test_a_venv_of_another_python_keeps_its_own_stamp(root: Path) -> None:
    environment = Environment(own=True, root=root)
    (environment.folder / "pyvenv.cfg").write_text("version = 3.13.1\n", encoding="utf-8")
    environment.write_stamp(developer=False)
    assert environment.ready(developer=False)
    (environment.folder / "pyvenv.cfg").write_text("version = 3.12.9\n", encoding="utf-8")
    assert not environment.ready(developer=False)


def test_a_venv_that_lost_its_python_is_not_ready(root: Path) -> None:
    environment = Environment(own=True, root=root)
    environment.write_stamp(developer=False)
    Path(environment.python).unlink()
    assert not environment.ready(developer=False)


def test_removed_stamps_ask_for_set_up(root: Path) -> None:
    environment = Environment(own=True, root=root)
    environment.write_stamp(developer=False)
    environment.remove_stamps()
    assert not environment.ready(developer=False)


def test_no_venv_means_the_running_python(root: Path) -> None:
    environment = Environment(own=False, root=root)
    assert environment.python == sys.executable
    assert environment.is_this_python
    assert not Environment(own=True, root=root).is_this_python
