"""Every code that the language can give is documented, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from sla_engine.problem_codes import CODES

ENGINE = Path(__file__).resolve().parents[2] / "sla_engine"
LANGUAGE = [
    *ENGINE.glob("document*.py"),
    *ENGINE.glob("policy/*.py"),
    *ENGINE.glob("resolving/*.py"),
    ENGINE / "policy_files.py",
]


def test_every_code_that_is_given_is_documented() -> None:
    given = {code for path in LANGUAGE for code in re.findall(r'"(SLA\d{3})"', path.read_text())}
    assert given == set(CODES)


def test_every_paragraph_says_something() -> None:
    assert all(len(text) > 40 and text.endswith((".", ")")) for text in CODES.values())
