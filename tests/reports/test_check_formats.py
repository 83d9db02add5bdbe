"""A check for other programs: workflow commands of GitHub, and SARIF."""

from __future__ import annotations

import json

from jsonschema import Draft7Validator

from reports.check import Check, check_json, render_check
from reports.check_github import github_commands
from reports.check_sarif import sarif
from sla_engine.problem_codes import CODES
from sla_engine.problems import Problem, Where

CHECK = Check(
    [
        Problem(Where("policies/a, b.yaml", 6, 5, 8), 'unknown key "calender"', "", "SLA101"),
        Problem(Where("p.yaml", 1, 1), "100% wrong:\nsplit", "mend it", "SLA203", "warning"),
        Problem(Where("p.yaml", 2, 1), "no max", "add one", "SLA214", "note"),
        Problem(Where("p.yaml", 3, 1), "no max", "add one", "SLA214", "note"),
    ],
    {"p.yaml": "schema: sla/v1\npolicies: {}\n"},
    remarks=["not looked for: values; nothing is kept yet"],
)

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/definitions/run"}},
    },
    "additionalProperties": False,
    "definitions": {
        "run": {
            "type": "object",
            "required": ["tool"],
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "additionalProperties": False,
                    "properties": {"driver": {"$ref": "#/definitions/driver"}},
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/definitions/result"}},
                "invocations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["executionSuccessful"],
                        "additionalProperties": False,
                        "properties": {
                            "executionSuccessful": {"type": "boolean"},
                            "toolExecutionNotifications": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "required": ["message"],
                                    "additionalProperties": False,
                                    "properties": {"level": LEVEL, "message": TEXT},
                                },
                            },
                        },
                    },
                },
            },
            "additionalProperties": False,
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "rules": {
                    "type": "array",
                    "uniqueItems": True,
                    "items": {
                        "type": "object",
                        "required": ["id"],
                        "additionalProperties": False,
                        "properties": {"id": {"type": "string"}, "shortDescription": TEXT},
                    },
                },
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": LEVEL,
                "message": TEXT,
                "locations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "physicalLocation": {
                                "type": "object",
                                "required": ["artifactLocation"],
                                "additionalProperties": False,
                                "properties": {
                                    "artifactLocation": {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "properties": {
                                            "uri": {"type": "string", "pattern": "^[^ ]+$"}
                                        },
                                    },
                                    "region": {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "properties": {
                                            name: {"type": "integer", "minimum": 1}
                                            for name in ("startLine", "startColumn", "endColumn")
                                        },
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}
"""The part of the official schema of SARIF 2.1.0 (OASIS, errata 01) that we write, as it has it,
closed to everything else."""


def test_sarif_has_the_shape_of_the_standard() -> None:
    said = json.loads(json.dumps(sarif(CHECK)))
    Draft7Validator.check_schema(SARIF)
    assert [error.message for error in Draft7Validator(SARIF).iter_errors(said)] == []
    (run,) = said["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["SLA101", "SLA203", "SLA214"]
    assert all(rule["shortDescription"]["text"] == CODES[rule["id"]] for rule in rules)
    results = run["results"]
    assert [rules[one["ruleIndex"]]["id"] for one in results] == [one["ruleId"] for one in results]
    assert [one["level"] for one in results] == ["error", "warning", "note", "note"]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "policies/a%2C%20b.yaml"}
    assert place["region"] == {"startLine": 6, "startColumn": 5, "endColumn": 13}
    assert not run["invocations"][0]["executionSuccessful"]


def test_github_is_told_the_line_and_nothing_breaks_out_of_a_command() -> None:
    error, warning, *notes, remarks = github_commands(CHECK).splitlines()
    assert error == (
        "::error file=policies/a%2C b.yaml,line=6,col=5,endColumn=13,title=SLA101::"
        'unknown key "calender"'
    )
    assert warning.endswith("title=SLA203::100%25 wrong:%0Asplit; mend it")
    assert warning.startswith("::warning file=p.yaml,line=1,")
    assert all(note.startswith("::notice file=p.yaml,") for note in notes)
    assert remarks == "::notice::not looked for: values; nothing is kept yet"


def test_notes_are_told_in_two_lines_and_what_was_skipped_comes_last() -> None:
    told = Check(CHECK.problems[2:], CHECK.sources, remarks=CHECK.remarks)
    assert render_check(told) == (
        "✓ p.yaml\n\n"
        "note[SLA214]: no max\n  --> p.yaml:2:1 · add one\n"
        "note[SLA214]: no max\n  --> p.yaml:3:1 · add one\n\n"
        "1 file, 0 rules, 0 errors, 0 warnings, 2 notes\n"
        "not looked for: values; nothing is kept yet"
    )


def test_a_long_remark_is_wrapped() -> None:
    said = render_check(Check([], {}, remarks=["not looked for: " + "values, " * 20]))
    first, second = said.splitlines()[-2:]
    assert len(first) <= 100
    assert second.startswith("  values")


def test_machines_get_notes_and_what_was_remarks() -> None:
    said = check_json(CHECK)
    assert (said["errors"], said["warnings"], said["notes"]) == (1, 1, 2)
    assert said["remarks"] == ["not looked for: values; nothing is kept yet"]
