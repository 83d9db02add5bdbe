"""The screen of a check: good files, problems, and a count that says what follows."""

from __future__ import annotations

import json

from reports.check import Check, check_json, check_screen, render_check
from sla_engine.policy_files import load_texts

CALENDARS = """\
schema: sla/v1
calendars:
  office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00}
"""
GOLD = """\
schema: sla/v1
policies:
  gold:
    match: {project: SUP}
    calendar: office
    targets: {first_response: 15m, resolution: 4h}
"""
STRAY = GOLD.replace("SUP", "SUP, tier: gold")
"""No system is told where it keeps the tier."""


def check(**texts: str) -> Check:
    sources = {f"policies/{name}.yaml": text for name, text in texts.items()}
    _, problems = load_texts(sources)
    return Check(
        problems,
        sources,
        (("service.yaml", "connections 2"),),
        tests="18 passed (policies/tests)",
        last_good="a1f3c9e",
    )


def test_a_good_folder_is_one_line_a_file() -> None:
    assert render_check(check(calendars=CALENDARS, gold=GOLD)) == (
        "✓ service.yaml             connections 2\n"
        "✓ policies/calendars.yaml  calendars 1\n"
        "✓ policies/gold.yaml       rules 2\n"
        "3 files, 2 rules, 0 errors, 0 warnings  · tests: 18 passed (policies/tests)"
    )


def test_a_warning_marks_its_file_and_stands_below() -> None:
    text = render_check(check(calendars=CALENDARS, gold=STRAY))
    assert "! policies/gold.yaml       rules 2\n\nwarning[SLA201]: " in text
    assert text.endswith(
        "\n\n3 files, 2 rules, 0 errors, 1 warning  · tests: 18 passed (policies/tests)"
    )


def test_with_errors_only_they_are_shown_and_what_the_service_does() -> None:
    text = render_check(check(gold=GOLD.replace("15m", "15 minuts")))
    assert text.startswith("error[SLA116]: there is no calendar")
    assert text.endswith(
        "\n\n2 errors in 1 of 2 files. The running service keeps the last good policies (a1f3c9e)."
    )
    assert "✓" not in text


def test_files_that_cannot_be_read_are_counted_without_rules() -> None:
    text = render_check(check(bad="policies: [", odd="[]", hollow="policies: {a: x}"))
    assert "in 3 of 4 files." in text


def test_the_coloured_screen_says_the_same() -> None:
    good = check(calendars=CALENDARS, gold=GOLD)
    assert check_screen(good).plain == render_check(good)


def test_machines_get_counts_and_problems() -> None:
    said = json.loads(json.dumps(check_json(check(gold=GOLD))))
    assert {key: said[key] for key in ("schema", "files", "rules", "errors", "warnings")} == {
        "schema": 1,
        "files": ["policies/gold.yaml"],
        "rules": 2,
        "errors": 1,
        "warnings": 0,
    }
    assert [problem["code"] for problem in said["problems"]] == ["SLA116"]
