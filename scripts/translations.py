"""Brings the window's catalogues up to date: `python scripts/translations.py [--check]`.

Reads every text of gui/ into gui/i18n/*.ts (lupdate), says what has no translation yet, and compiles *.qm (lrelease);
both tools come with PySide6. With --check nothing is written and the exit code is 1 where something lacks.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gui.model_files import purpose
from liveswapping.inference.catalog import CATALOG

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "gui" / "i18n"
LANGUAGES = {"en": ("-pluralonly",), "ru": ()}
"""English, which the code speaks, needs plurals only."""


def main(arguments: list[str] | None = None) -> int:
    """Update and compile, or check. Answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something lacks")
    options = parser.parse_args(arguments)
    lacking = []
    for language in LANGUAGES:
        catalogue = FOLDER / f"liveswapping_{language}.ts"
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / catalogue.name
            if catalogue.exists():
                shutil.copyfile(catalogue, fresh)
            update(fresh, language)
            lacking += [f"{language}: {text}" for text in unfinished(fresh)]
            if not options.check:
                shutil.copyfile(fresh, catalogue)
                _run("pyside6-lrelease", "-silent", str(catalogue), "-qm", str(catalogue.with_suffix(".qm")))
    for line in lacking:
        print(line)
    return 1 if lacking else 0


def update(catalogue: Path, language: str) -> None:
    """Put every text of gui/, and what models are for, into `catalogue`, with the translations that it has."""
    sources = [str(path) for path in sorted((ROOT / "gui").rglob("*.py"))]
    models = catalogue.with_name("models.py")
    lines = [
        f'QT_TRANSLATE_NOOP("Models", {json.dumps(purpose(model), ensure_ascii=False)})\n' for model in CATALOG.values()
    ]
    models.write_text("".join(lines), encoding="utf-8")
    sources.append(str(models))
    words = ["-ts", str(catalogue), "-no-obsolete", "-locations", "none", "-silent"]
    words += ["-source-language", "en", "-target-language", language, *LANGUAGES[language]]
    _run("pyside6-lupdate", *sources, *words)


def unfinished(catalogue: Path) -> Iterator[str]:
    """The texts that have no translation, or not every plural of it."""
    for message in ElementTree.parse(catalogue).getroot().iter("message"):
        translation = message.find("translation")
        forms = [] if translation is None else translation.findall("numerusform") or [translation]
        if translation is None or translation.get("type") == "unfinished" or not all(form.text for form in forms):
            yield message.findtext("source", "")


def _run(program: str, *words: str) -> None:
    beside = Path(sys.executable).with_name(program)
    subprocess.run([str(beside) if beside.exists() else program, *words], check=True)


if __name__ == "__main__":
    sys.exit(main())
