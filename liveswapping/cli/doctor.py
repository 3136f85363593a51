"""`doctor`: this machine for a bug report, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.cli.console import Console
from liveswapping.cli.inputs import CONFIG
from liveswapping.cli.parser import Request

if TYPE_CHECKING:
    from liveswapping.doctor.facts import Facts, Finding


def run(request: Request, console: Console) -> int:
    """Examine and report; 0 whatever is found."""
    from liveswapping.doctor.checks import examine
    from liveswapping.doctor.probes import gather
    from liveswapping.doctor.report import as_values
    from liveswapping.inference.store import model_directory

    console.note("examining this machine, a few seconds …")
    facts = gather(
        (
            ("model folder", str(model_directory())),
            ("working folder", str(Path.cwd())),
            ("config.json", str(CONFIG.absolute()) if CONFIG.exists() else "none"),
            ("log", str(console.log or "cannot be written")),
        )
    )
    findings = examine(facts)
    if request.options.get("json"):
        console.print(json.dumps(as_values(facts, findings), indent=2))
    else:
        _show(facts, findings, console)
    return 0


def _show(facts: Facts, findings: Sequence[Finding], console: Console) -> None:
    from liveswapping.doctor.report import as_rows

    console.table(("", ""), list(as_rows(facts)))
    if not findings:
        console.print("\nNothing is wrong.")
    for finding in findings:
        mark = "✗" if finding.serious else "·"
        console.print(f"\n{mark} {finding.problem}\n  → {finding.cure}")
