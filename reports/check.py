"""`sla check`: file by file what there is, then every problem, then the count."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from reports.problems import Sources, counted, problems_json, problems_screen
from sla_engine.document import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sla_engine.problems import Problem

_WIDTH = 100


class Check(msgspec.Struct, frozen=True):
    """What a check has looked at and found.

    `settings` are lines about files that are not policies: ("service.yaml", "connections 2").
    `tests` says how the policy tests went ("18 passed (policies/tests)"); `last_good` is the
    version that a running service keeps, where one is known. `remarks` are
    sentences about the check itself: what it could not look for, and why.
    """

    problems: Sequence[Problem]
    sources: Sources
    settings: Sequence[tuple[str, str]] = ()
    tests: str = ""
    last_good: str = ""
    others: Mapping[str, str | bytes] = {}
    remarks: Sequence[str] = ()

    @property
    def errors(self) -> int:
        """How many problems must be mended before the files can be used."""
        return self._counted("error")

    @property
    def warnings(self) -> int:
        """How many problems may not be meant."""
        return self._counted("warning")

    @property
    def notes(self) -> int:
        """How many things are good to know."""
        return self._counted("note")

    def _counted(self, severity: str) -> int:
        return sum(problem.severity == severity for problem in self.problems)


def render_check(check: Check) -> str:
    """The screen of a check as plain text."""
    return check_screen(check).plain


def check_screen(check: Check) -> Text:
    """Good files one a line (only where nothing is wrong), problems with their lines, the count."""
    screen = Text(no_wrap=True, overflow="ignore")
    if not check.errors:
        screen.append_text(_files(check))
    parts = [part for part in (_problems(check), _notes(check)) if part.plain]
    for part in parts:
        screen.append("\n" if screen.plain else "").append_text(part)
    screen.append("\n" if parts else "").append(_count(check), "bold")
    for words in check.remarks:
        screen.append(f"\n{fill(words, _WIDTH, subsequent_indent='  ')}", "dim")
    return screen


def _problems(check: Check) -> Text:
    told = [problem for problem in check.problems if problem.severity != "note"]
    return problems_screen(told, {**check.sources, **check.others})


def _notes(check: Check) -> Text:
    """Each in two lines: what is good to know; where, and what to make of it."""
    screen = Text()
    for problem in check.problems:
        if problem.severity == "note":
            screen.append(f"note[{problem.code}]", "bold blue")
            screen.append(f": {problem.what}\n")
            screen.append(f"  --> {problem.where}", "cyan").append(f" · {problem.mend}\n")
    return screen


def check_json(check: Check) -> dict[str, object]:
    """The same for machines; the keys are stable."""
    return {
        "schema": 1,
        "files": sorted(check.sources),
        "rules": sum(rules for rules, _ in _contents(check.sources).values()),
        "errors": check.errors,
        "warnings": check.warnings,
        "notes": check.notes,
        "remarks": list(check.remarks),
        "problems": problems_json(check.problems),
    }


def _files(check: Check) -> Text:
    contents = _contents(check.sources)
    rows = [(name, said) for name, said in check.settings]
    rows += [(file, _said(*contents[file])) for file in sorted(contents)]
    width = max((len(name) for name, _ in rows), default=0)
    warned = {p.where.file for p in check.problems if p.severity != "note"}
    screen = Text()
    for name, said in rows:
        screen.append(*(("! ", "yellow") if name in warned else ("✓ ", "green")))
        screen.append(f"{name:<{width}}  {said}".rstrip() + "\n")
    return screen


def _said(rules: int, calendars: int) -> str:
    parts = [f"rules {rules}" if rules else "", f"calendars {calendars}" if calendars else ""]
    return "   ".join(part for part in parts if part)


def _contents(sources: Sources) -> dict[str, tuple[int, int]]:
    """How many rules (a clock of a policy) and calendars each file holds."""
    return {file: _content(source, file) for file, source in sources.items()}


def _content(source: str | bytes, file: str) -> tuple[int, int]:
    root, _ = read(source, file)
    if root is None:
        return 0, 0
    policies = root.at("policies").entries or {} if root.child("policies") else {}
    blocks = (block for node in policies.values() for block in node.items or (node,))
    rules = sum(len(b.at("targets").entries or {}) for b in blocks if b.child("targets"))
    calendars = root.child("calendars")
    return rules, len((calendars.entries if calendars else None) or {})


def _count(check: Check) -> str:
    files = len(check.sources) + len(check.settings)
    if check.errors:
        wrong = len({p.where.file for p in check.problems if p.severity == "error"})
        parts = [f"{counted(check.errors, 'error')} in {wrong} of {counted(files, 'file')}."]
        if check.last_good:
            parts.append(f"The running service keeps the last good policies ({check.last_good}).")
        return " ".join(parts)
    rules = sum(rules for rules, _ in _contents(check.sources).values())
    counts = (counted(files, "file"), counted(rules, "rule"), counted(0, "error"),
              counted(check.warnings, "warning"),
              *([counted(check.notes, "note")] if check.notes else []))  # fmt: skip
    return ", ".join(counts) + (f"  · tests: {check.tests}" if check.tests else "")
