"""`sla check --format sarif`: SARIF 2.1.0, which code scanning and editors read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sla_engine.problem_codes import CODES

if TYPE_CHECKING:
    from reports.check import Check
    from reports.json_values import JsonValue
    from sla_engine.problems import Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(check: Check) -> dict[str, JsonValue]:
    """One run with a result a problem; the rules are the codes that occur, with what they mean."""
    codes = sorted({problem.code for problem in check.problems})
    rules: list[JsonValue] = [
        {"id": code, "shortDescription": {"text": CODES.get(code, code)}} for code in codes
    ]
    run: dict[str, JsonValue] = {
        "tool": {"driver": {"name": "sla check", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.code)) for problem in check.problems],
        "invocations": [
            {"executionSuccessful": not check.errors, "toolExecutionNotifications": _remarks(check)}
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _remarks(check: Check) -> list[JsonValue]:
    return [{"level": "note", "message": {"text": words}} for words in check.remarks]


def _result(problem: Problem, rule: int) -> dict[str, JsonValue]:
    where = problem.where
    region: dict[str, JsonValue] = {
        "startLine": where.line,
        "startColumn": where.column,
        "endColumn": where.column + where.width,
    }
    artifact: dict[str, JsonValue] = {"uri": quote(where.file)}
    said = problem.what + (f"; {problem.mend}" if problem.mend else "")
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": said},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
