"""One line for whatever pip says."""

from __future__ import annotations

import pytest

from liveswapping.inference.pip_output import cause


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "no space left"),
        ("error: externally-managed-environment\n\nThis environment is externally managed", "leave out --no-venv"),
        ("WARNING: Retrying after connection broken by 'X'\nERROR: No matching distribution found", "no network"),
        (
            "ERROR: No matching distribution found for torch==2.13.0\n",
            "No matching distribution found for torch==2.13.0",
        ),
        ("The virtual environment was not created because ensurepip is not available.", "install python3-venv"),
        ("/usr/bin/python: No module named pip", "ensurepip"),
        ("ImportError: libGL.so.1: cannot open shared object file: No such file or directory", "apt install libgl1"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "certificate is not trusted"),
        ("Traceback\n  in x\nValueError: odd\n\n", "ValueError: odd"),
        ("", "it gave no reason"),
    ],
)
def test_the_cause_is_one_line_with_a_cure_where_one_is_known(output: str, answer: str) -> None:
    said = cause(output)
    assert answer in said
    assert "\n" not in said
