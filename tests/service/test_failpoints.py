"""Fail-points do nothing unless they are asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.failpoints import NAMES, reach

SERVICE = Path(__file__).resolve().parents[2] / "service"


def test_without_being_asked_for_they_do_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLA_FAILPOINT", raising=False)
    for name in NAMES:
        reach(name)
    monkeypatch.setenv("SLA_FAILPOINT", "apply.after_intent:2")
    reach("apply.after_intent")  # the second time would be the last
    reach("apply.before_intent")


def test_every_name_is_reached_somewhere_and_every_place_has_a_name() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SERVICE.glob("*.py"))
    assert sorted(re.findall(r'reach\("([a-z._]+)"\)', code)) == sorted(NAMES)
