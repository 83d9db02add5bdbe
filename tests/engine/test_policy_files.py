"""Folders of policies: what is read, what is merged, every mistake with its place and its mend."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.problems import render_problems
from sla_engine.policy_files import load, load_texts, read_sources
from sla_engine.problem_codes import CODES
from sla_engine.units import HOUR, Duration, Millis

REPO = Path(__file__).resolve().parents[2]
LANGUAGE = {"SLA201", "SLA202", "SLA204", "SLA205", "SLA206", "SLA290"}
"""What may not be meant and shows while reading; the rest of 2xx are lints."""
BAD = Path(__file__).with_name("bad")
MINIMAL = """\
schema: sla/v1
policies:
  support:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 4h}
"""


def version(text: str) -> str:
    policies, problems = load_texts({"a.yaml": text})
    assert not [p for p in problems if p.severity == "error"]
    return policies.version


@pytest.mark.parametrize("path", sorted(BAD.glob("*.bad.yaml")), ids=lambda path: path.stem)
def test_the_museum_of_bad_files(path: Path, golden: Callable[[str, str], None]) -> None:
    sources = {path.name: path.read_bytes()}
    _, problems = load_texts(sources)
    golden(f"../engine/bad/{path.stem}.txt", render_problems(problems, sources))


def test_the_museum_shows_every_kind_of_mistake() -> None:
    shown = set(re.findall(r"\[(SLA\d+)\]", "".join(p.read_text() for p in BAD.glob("*.txt"))))
    elsewhere = {"SLA002", "SLA005", "SLA100", "SLA115", "SLA132", "SLA145"}
    of_systems = {"SLA139"}
    of_tests = {"SLA170", "SLA171", "SLA172"}
    not_here = of_tests | of_systems
    assert shown | elsewhere == {code for code in CODES if code < "SLA200"} - not_here | LANGUAGE


def test_the_starter_is_without_a_remark() -> None:
    policies, problems = load(REPO / "config" / "policies")
    assert problems == []
    assert {p.name: len(p.clocks) for p in policies.policies} == {
        "support": 3,
        "operations": 3,
        "incidents": 3,
    }
    assert {"office", "extended", "24x7"} == set(policies.calendars)


def test_files_of_a_folder_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    policies = tmp_path / "policies"
    (policies / "deep").mkdir(parents=True)
    (policies / "tests").mkdir()
    (policies / ".git").mkdir()
    (policies / "b.yaml").write_text(MINIMAL.replace("24x7", "office"))
    (policies / "deep" / "a.yml").write_text(
        "schema: sla/v1\ncalendars: {office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00}}\n"
    )
    for other in ("x.test.yaml", "tests/y.yaml", ".git/z.yaml", "notes.txt", ".hidden.yaml"):
        (policies / other).write_text("no policy: [")
    found, problems = load(Path("policies"))
    assert problems == []
    assert tuple(found.files) == ("policies/b.yaml", "policies/deep/a.yml")
    assert [policy.name for policy in found.policies] == ["support"]


def test_a_name_given_twice_is_told_with_both_places() -> None:
    policies, problems = load_texts({"a.yaml": MINIMAL, "b.yaml": MINIMAL.replace("4h", "8h")})
    assert [str(problem) for problem in problems] == [
        'b.yaml:3:3: policy "support" is given twice; first given in a.yaml:3'
    ]
    (only,) = policies.policies
    assert next(only.clocks[0].targets.leaves()).limit == Duration(Millis(4 * HOUR))


@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "no folder"])
def test_a_folder_without_policies_is_a_problem(there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    if there:
        folder.mkdir()
    policies, problems = load(folder)
    assert (policies.policies, [problem.code for problem in problems]) == ((), ["SLA132"])


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    sources, problems = read_sources([tmp_path / "gone.yaml"])
    assert sources == {}
    assert [problem.what for problem in problems] == ["cannot be read: No such file or directory"]


def test_what_is_sound_stays_when_its_neighbour_is_not() -> None:
    text = MINIMAL + "  broken:\n    match: {project: X}\n    targets: {resolution: soon}\n"
    policies, problems = load_texts({"a.yaml": text})
    assert [policy.name for policy in policies.policies] == ["support"]
    assert [problem.code for problem in problems if problem.severity == "error"] == ["SLA104"]


@pytest.mark.parametrize(
    "same",
    [
        MINIMAL + "# a remark\n",
        MINIMAL.replace("{project: SUP}", "\n      project:   SUP"),
        MINIMAL.replace("4h", "240m"),
        MINIMAL.replace("resolution: 4h", "resolution: {default: 4h}"),
        MINIMAL.replace("    calendar: 24x7\n", "") + "defaults: {calendar: 24x7}\n",
        "describe: by a longer road\n" + MINIMAL,
    ],
    ids=["remark", "layout", "unit", "form", "inherited", "order"],
)
def test_the_version_is_that_of_the_meaning(same: str) -> None:
    if "{default: 4h}" in same:
        assert version(same) != version(MINIMAL)  # by priority: another question is asked
    else:
        assert version(same) == version(MINIMAL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("4h", "5h"),
        ("SUP", "OPS"),
        ("24x7", "mon-fri 09:00-17:00 Europe/Berlin"),
        ("targets:", "warn: 75%\n    targets:"),
        ("policies:", "actors: {bots: [automation]}\npolicies:"),
        ("policies:", "publish: {jira: {comments: none}}\npolicies:"),
        ("policies:", "fields: {team: {jira: customfield_10210}}\npolicies:"),
    ],
    ids=["limit", "match", "calendar", "warn", "actors", "publish", "fields"],
)
def test_whatever_changes_a_verdict_or_a_deed_changes_the_version(old: str, new: str) -> None:
    assert version(MINIMAL.replace(old, new)) != version(MINIMAL)


def test_a_version_knows_no_files() -> None:
    one = load_texts({"a.yaml": MINIMAL})[0]
    other = load_texts({"b.yaml": "\n\n" + MINIMAL})[0]
    assert one.version == other.version
    assert re.fullmatch("[0-9a-f]{7}", one.version)


def test_given_holidays_stand_for_imported_ones() -> None:
    text = MINIMAL.replace("24x7", "office") + (
        "calendars: {office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00,"
        " holidays: {import: XX-NOWHERE}}}\n"
    )
    assert load_texts({"a.yaml": text})[1]
    assert load_texts({"a.yaml": text}, holidays={"XX-NOWHERE": ["2026-11-16"]})[1] == []
