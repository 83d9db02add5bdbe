"""The breaker breaks: each kind of change is made, one at a time, and nothing else is touched."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.mutants.breaking import ROOT, mutants_of
from tests.mutants.living import NEEDS_IMPORT, changed_in_place

TEST = "used > limit and min(used, 9) in (limit - 1, True)"
SOURCE = f"""\
from __future__ import annotations

def judge(used: int, limit: int = 4) -> bool:
    if not used:
        note(limit)
    used += 1
    return {TEST}
"""


def test_each_mutant_is_one_change(tmp_path: Path) -> None:
    path = tmp_path / "judging.py"
    path.write_text(SOURCE, encoding="utf-8")
    whole = ast.unparse(ast.parse(SOURCE)).splitlines()
    found = list(mutants_of(path))
    for mutant in found:
        text = ast.unparse(mutant.tree()).splitlines()
        changed = [(a, b) for a, b in zip(whole, text, strict=True) if a != b]
        assert len(changed) == 1, mutant.what
    assert {mutant.what for mutant in found if mutant.line == 7} == {
        f"return {TEST} -> return None",
        f"{TEST} -> {TEST.replace('and', 'or')}",
        "used > limit -> used >= limit",
        "min(used, 9) in (limit - 1, True) -> min(used, 9) not in (limit - 1, True)",
        "min(used, 9) -> max(used, 9)",
        "limit - 1 -> limit + 1",
        "9 -> 10",
        "True -> False",
        "1 -> 2",
    }
    assert len(found) == 16


def tried(module: str) -> tuple[int, int]:
    """How many of some mutants of a module tests/engine/test_roles.py notices, and of how many."""
    command = (sys.executable, "-m", "tests.mutants", module, "--sample", "8", "--jobs", "1")
    done = subprocess.run(
        (*command, "--tests", "tests/engine/test_roles.py"),
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *survivors, last = done.stdout.splitlines()[2:]
    noticed, total = map(int, re.findall(r"\d+", last)[:2])
    assert len(survivors) == total - noticed
    return noticed, total


def test_tests_notice_what_they_run_and_nothing_else() -> None:
    noticed, total = tried("sla_engine/roles.py")
    assert noticed > total / 2
    noticed, total = tried("sla_engine/calendars/describing.py")
    assert noticed == 0
    assert total


def test_what_no_function_holds_is_imported_anew() -> None:
    """Two expressions on one line of that module bear the same name and number."""
    path = ROOT / "sla_engine" / "calendars" / "spans.py"
    monday = next(one for one in mutants_of(path) if one.what.startswith("-3 * DAY"))
    assert changed_in_place(monday, [], [], patience=1) == NEEDS_IMPORT
