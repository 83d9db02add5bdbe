"""`sla check --format github`: workflow commands, shown on the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.check import Check
    from sla_engine.problems import Problem

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def github_commands(check: Check) -> str:
    """One `::error file=…,line=…,col=…::` a problem, then the remarks."""
    lines = [_command(problem) for problem in check.problems]
    lines += [f"::notice::{_text(words)}" for words in check.remarks]
    return "".join(f"{line}\n" for line in lines)


def _command(problem: Problem) -> str:
    where = problem.where
    place = {
        "file": where.file,
        "line": where.line,
        "col": where.column,
        "endColumn": where.column + where.width,
        "title": problem.code,
    }
    options = ",".join(f"{name}={_option(str(value))}" for name, value in place.items())
    said = problem.what + (f"; {problem.mend}" if problem.mend else "")
    return f"::{_COMMANDS[problem.severity]} {options}::{_text(said)}"


def _text(words: str) -> str:
    """What ends a command in a log, written so that it does not."""
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _option(words: str) -> str:
    return _text(words).replace(":", "%3A").replace(",", "%2C")
