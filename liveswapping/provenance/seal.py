"""The last touch of a finished file: it says how it was made. Nothing that goes wrong with that costs the file."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from liveswapping.inference.child import environment
from liveswapping.provenance import xmp
from liveswapping.provenance.credentials import MIME, Story, sign
from liveswapping.provenance.keys import signing_key
from liveswapping.provenance.words import Done, tags

FILMS: Final = (".mp4", ".m4v", ".mov", ".mkv")
"""Their containers have tags, which whoever writes them puts in."""
LARGE: Final = 32 << 20
"""Bytes of a file that is signed in a process of its own."""
_LOG = logging.getLogger(__name__)


class FileSeal:
    """As the protocol `Seal`."""

    def __init__(self, story: Story, say: Callable[[str], None]) -> None:
        """`say` is told in one line where a file could not be marked as it should be."""
        self._story = story
        self._say = say

    @property
    def tags(self) -> Mapping[str, str]:
        """As `Seal.tags`."""
        return tags(self._story.done)

    def put(self, file: Path) -> None:
        """As `Seal.put`."""
        plain = self._put_plain(file)
        if file.suffix.lower() not in MIME:
            if not plain:
                self._warn(f"{file.suffix} files have no place for words on how they were made; use PNG, JPEG or WebP")
            return
        signed = file.with_name(f".{os.getpid()}-{file.name}")
        try:
            if file.stat().st_size > LARGE:
                _sign_beside(file, signed, self._story)
            else:
                _sign(file, signed, self._story, self._warn)
            signed.replace(file)
        except ImportError as error:
            self._warn(f"content credentials need the package c2pa-python, which cannot be used here ({error})")
        except Exception as error:  # noqa: BLE001 - whatever it is, the file is finished and stays
            self._warn(f"the file has no content credentials: {_line(error)}")
        finally:
            with contextlib.suppress(OSError):
                signed.unlink(missing_ok=True)

    def _put_plain(self, file: Path) -> bool:
        """Whether the file says it in plain metadata."""
        ending = file.suffix.lower()
        if ending in xmp.ENDINGS:
            file.write_bytes(xmp.embed(file.read_bytes(), self._story.done))
        return ending in (*xmp.ENDINGS, *FILMS)

    def _warn(self, line: str) -> None:
        _LOG.warning("%s", line)
        self._say(line)


def _sign(file: Path, signed: Path, story: Story, warn: Callable[[str], None]) -> None:
    """With the time of a server if one is wanted and answers."""
    try:
        sign(file, signed, story, signing_key())
    except ImportError:
        raise
    except Exception as error:
        if story.timestamp_server is None:
            raise
        warn(f"{story.timestamp_server} did not vouch for the time ({_line(error)}): the file is signed without it")
        sign(file, signed, replace(story, timestamp_server=None), signing_key())


def _sign_beside(file: Path, signed: Path, story: Story) -> None:
    """In a process of its own: the bytes pass through that one, and their temporary copy lies beside the file."""
    if getattr(sys, "frozen", False):  # a program in one piece has no other one to start
        _sign(file, signed, story, _LOG.warning)
        return
    wanted = {"file": str(file), "signed": str(signed), "story": asdict(story)}
    room = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(file.parent.absolute()))
    command = [sys.executable, "-m", "liveswapping.provenance.seal"]
    done = subprocess.run(
        command, input=json.dumps(wanted), env={**environment(), **room}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}")
    for line in filter(None, done.stderr.splitlines()):
        _LOG.warning("%s", line)


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__.lstrip('_')}: {error}".split())


def main() -> int:
    """The process that signs a large file: what to do comes on stdin as JSON."""
    wanted = json.loads(sys.stdin.read())
    given = wanted["story"]
    done = Done(given["done"]["words"], given["done"]["kind"], tuple(given["done"]["models"]))
    story = Story(done, given["target"], tuple(given["photographs"]), given["timestamp_server"])
    try:
        _sign(Path(wanted["file"]), Path(wanted["signed"]), story, lambda line: print(line, file=sys.stderr))  # noqa: T201
    except Exception as error:  # noqa: BLE001 - told to whoever started this
        print(_line(error), file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
