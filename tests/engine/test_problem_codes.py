"""Every code that is given anywhere is documented, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from sla_engine.problem_codes import CODES

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("sla_engine", "connectors", "service", "reports", "commands")
SOURCES = [ROOT / "sync.py", *(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))]


def test_every_code_that_is_given_is_documented() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES if path.stem != "problem_codes"]
    given = {code for text in texts for code in re.findall(r'["[](SLA\d{3})["\]]', text)}
    assert given == set(CODES)


def test_every_paragraph_says_something() -> None:
    assert all(len(text) > 40 and text.endswith((".", ")")) for text in CODES.values())


def test_codes_stand_in_order() -> None:
    assert list(CODES) == sorted(CODES)
