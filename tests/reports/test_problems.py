"""Problems on a screen: the line, carets below what is meant, and what to do."""

from __future__ import annotations

import json

import pytest

from reports.problems import problems_json, problems_screen, render_problems
from sla_engine.problems import Problem, Where

GOLD = """\
rules:
  - name: gold
    match: {project: SUP}

    target: 15m
    calender: de-office

  - name: response

    metric: first_response
    target: 15 minuts

    # waits
    pause_on: [Waiting for Customer, Pending]

  - name: twice
    match: {project: OPS}
    metric: resolution

    target: 4h
    rank: 3
    target: 8h
"""
FILE = "policies/gold.yaml"
SCREEN = """\
error[SLA101]: unknown key "calender"
  --> policies/gold.yaml:6:5
   |
 5 |     target: 15m
 6 |     calender: de-office
   |     ^^^^^^^^ did you mean "calendar"?

error[SLA104]: "15 minuts" is not a duration
  --> policies/gold.yaml:11:13
   |
10 |     metric: first_response
11 |     target: 15 minuts
   |             ^^^^^^^^^
   = help: write 15m, 4h, 1h30m or 2bd (business days)

error[SLA110]: status "Waiting for Customer" does not exist in project SUP
  --> policies/gold.yaml:14:16
   |
14 |     pause_on: [Waiting for Customer, Pending]
   |                ^^^^^^^^^^^^^^^^^^^^ did you mean "Waiting for customer"?
   = help: statuses were read from Jira 4 minutes ago; refresh: sla check --online

error[SLA003]: key "target" is given twice; YAML would silently keep the second
  --> policies/gold.yaml:22:5
   |
20 |     target: 4h
   |     …
22 |     target: 8h
   |     ^^^^^^ first given on line 20
"""
PROBLEMS = [
    Problem(Where(FILE, 6, 5, 8), 'unknown key "calender"', 'did you mean "calendar"?', "SLA101"),
    Problem(
        Where(FILE, 11, 13, 9),
        '"15 minuts" is not a duration',
        "write 15m, 4h, 1h30m or 2bd (business days)",
        "SLA104",
    ),
    Problem(
        Where(FILE, 14, 16, 20),
        'status "Waiting for Customer" does not exist in project SUP',
        'did you mean "Waiting for customer"?; '
        "statuses were read from Jira 4 minutes ago; refresh: sla check --online",
        "SLA110",
    ),
    Problem(
        Where(FILE, 22, 5, 6),
        'key "target" is given twice; YAML would silently keep the second',
        "first given on line 20",
        "SLA003",
    ),
]


def one(line: str, where: Where, mend: str = "", what: str = "odd") -> list[str]:
    problem = Problem(where, what, mend, "SLA100")
    return render_problems([problem], {where.file: line}).splitlines()


def test_the_screen_of_the_design() -> None:
    assert render_problems(PROBLEMS, {FILE: GOLD}) == SCREEN
    assert render_problems(PROBLEMS, {FILE: GOLD.encode()}) == SCREEN


def test_nothing_wrong_is_nothing_shown() -> None:
    assert render_problems([], {}) == ""


def test_a_problem_without_its_file_still_says_all() -> None:
    text = render_problems([PROBLEMS[0]], {})
    assert text.splitlines() == [
        'error[SLA101]: unknown key "calender"',
        "  --> policies/gold.yaml:6:5",
        '  = help: did you mean "calendar"?'.replace("  =", "   ="),
    ]


def test_a_place_below_the_end_of_the_file_is_no_disaster() -> None:
    assert len(one("a: 1\n", Where("a", 9, 9, 9))) == 2


@pytest.mark.parametrize(
    ("line", "column", "width", "carets"),
    [
        ("key: value", 6, 5, "      ^^^^^"),
        ("key: value", 6, 50, "      ^^^^^"),
        ("\tkey: value", 2, 3, "  ^^^"),
        ("漢字: value", 5, 5, "       ^^^^^"),
        ("key: 漢字", 6, 2, "      ^^^^"),
        ("key:", 5, 1, "     ^"),
    ],
)
def test_carets_stand_below_what_is_meant(line: str, column: int, width: int, carets: str) -> None:
    assert one(line, Where("a", 1, column, width))[-1] == f"   |{carets}"


@pytest.mark.parametrize("column", [1, 60, 95, 101, 150, 290, 296])
def test_long_lines_are_cut_around_what_is_meant(column: int) -> None:
    line = "".join(chr(ord("a") + n % 26) for n in range(300))
    *_, shown, carets = one(line, Where("a", 1, column, 5))
    assert len(shown) <= 106
    start = carets.index("^")
    assert shown[start : start + carets.count("^")] == line[column - 1 : column - 1 + 5]


def test_a_wide_value_on_a_long_line_shows_its_beginning() -> None:
    *_, shown, carets = one("x" * 200 + "y" * 200, Where("a", 1, 201, 200))
    assert shown[carets.index("^")] == "y"


def test_nothing_is_shown_that_a_terminal_would_obey() -> None:
    evil = "a: \x1b[31mred\u202e\x07"
    text = "\n".join(one(evil, Where("\x1b.yaml", 1, 4, 4), mend="\x1b]", what="\x9b"))
    assert not any(letter in text for letter in "\x1b\x07\u202e\x9b")


def test_numbers_of_lines_keep_the_gutter_straight() -> None:
    lines = one("\n".join(f"k{n}: v" for n in range(1, 1200)), Where("a", 1100, 1, 5), "do it")
    assert lines[1:] == [
        "    --> a:1100:1",
        "     |",
        "1099 | k1099: v",
        "1100 | k1100: v",
        "     | ^^^^^",
        "     = help: do it",
    ]


@pytest.mark.parametrize(
    ("before", "line"),
    [("", "a: 1"), ("   ", "a: 1"), ("# remark", "a: 1"), ("a: 1", "- b")],
    ids=["blank", "blanks", "remark", "another entry"],
)
def test_a_line_that_leads_nowhere_is_left_out(before: str, line: str) -> None:
    assert f" 1 | {before}".rstrip() not in one(f"{before}\n{line}\n", Where("a", 2, 1, 1))


def test_a_first_place_in_another_file_is_named_beside_the_carets() -> None:
    shown = one("gold:", Where("b.yaml", 1, 1, 4), "first given in a.yaml:3")
    assert shown[-1] == "   | ^^^^ first given in a.yaml:3"


def test_warnings_are_called_warnings() -> None:
    problem = Problem(Where("a", 1, 1, 1), "odd", "", "SLA201", "warning")
    assert render_problems([problem], {}).startswith("warning[SLA201]: odd\n")


def test_the_coloured_screen_says_the_same() -> None:
    screen = problems_screen(PROBLEMS, {FILE: GOLD})
    assert screen.plain == SCREEN
    assert {str(span.style) for span in screen.spans} == {"bold red", "bold", "cyan"}


def test_machines_get_the_parts() -> None:
    (first, *_) = problems_json(PROBLEMS)
    assert json.loads(json.dumps(first)) == {
        "code": "SLA101",
        "severity": "error",
        "file": FILE,
        "line": 6,
        "column": 5,
        "width": 8,
        "what": 'unknown key "calender"',
        "mend": 'did you mean "calendar"?',
    }
