"""What came of a plan that was applied and of a run that was undone, as people read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from reports import screen
from reports.errand import Left, Wrote, render_look, render_wrote
from reports.impact import Column, impact_json, render_impact
from reports.plan_text import render_plan, what_of
from reports.runs import Run, render_runs, runs_json
from sla_engine.units import Instant
from tests.reports.desk import AT_RISK, NOW
from tests.reports.test_plan_text import DEEDS, planned

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")
HEAD = "Plan of Fri 20 Nov 10:52 CET by ada@desk · policies b77e021"
LEFT = (
    Left("SUP-204", "SLA status", "Ada Lovelake set status to Done since"),
    Left("SUP-204", "SLA summary", "Ada Lovelake set status to Done since"),
    Left("SUP-204", "comment", "Ada Lovelake set status to Done since"),
    Left("INC0010042", "SLA due", "the field says something else by now"),
)
WROTE = Wrote(54, 71, 2, 5, 0, "2026-11-20T095301Z")
NOW_COLUMN, AFTER = Column(1204, 7, 31, 964, 1000), Column(1203, 12, 44, 918, 1000)


def wrote(wrote: Wrote = WROTE, left: tuple[Left, ...] = LEFT, already: int = 0) -> str:
    step = f"sla revert {wrote.run} --dry-run   shows what can be undone"
    return screen.text(render_wrote(HEAD, wrote, left, already=already, most=40, next_step=step))


def test_what_was_written_reads_as_agreed(golden: Golden) -> None:
    golden("reports/apply.txt", wrote(already=3))


def test_a_look_reads_as_agreed(golden: Golden) -> None:
    look = render_look(
        HEAD,
        [planned(AT_RISK)],
        LEFT,
        already=0,
        now=NOW,
        zone=BERLIN,
        most=40,
        next_step="sla apply p.plan   writes it",
    )
    golden("reports/apply_look.txt", screen.text(look))


@pytest.mark.parametrize(
    ("tickets", "failed", "said"),
    [
        (0, 0, "✓ nothing was written\n"),
        (0, 2, "✗ nothing was written · 2 tickets failed\n"),
        (1, 1, "! 1 ticket written · 1 field · 0 comments · 0 escalations · 1 ticket failed · run"),
    ],
)
def test_nothing_and_failures_are_told(tickets: int, failed: int, said: str) -> None:
    assert said in wrote(Wrote(tickets, tickets, 0, 0, failed, "r"), ())


def test_a_connection_that_does_not_answer_is_no_success() -> None:
    assert "✗ nothing was written\n" in wrote(Wrote(0, 0, 0, 0, 0, "r", broken=1), ())


def test_a_long_list_says_how_much_is_left_out() -> None:
    many = tuple(Left(f"SUP-{n}", "SLA due", "gone") for n in range(42))
    assert "… and 2 more lines; all: --json" in wrote(left=many)


def test_changes_in_a_word() -> None:
    said = [what_of(change) for change in DEEDS.changes]
    assert said == ["comment", "escalation", "assign", "transition", "labels", "set"]
    assert what_of(planned(AT_RISK).changes[0]) == "SLA status, SLA due, SLA summary"


RUNS = (
    Run("2026-11-21T110000Z", "revert", NOW, "b77e021", "2026-11-21T105301Z", 54, 71, 0, 0),
    Run("2026-11-21T105301Z", "apply", Instant(NOW - 1), "b77e021", "8811798" + "0" * 57,
        54, 71, 2, 5),
    Run("2026-11-21T095200Z", "pass", Instant(NOW - 2), "a1f3c9e", "", 1240, 5850, 31, 4),
)  # fmt: skip


def test_runs_read_as_agreed(golden: Golden) -> None:
    golden("reports/runs.txt", screen.text(render_runs(RUNS)))
    golden("reports/runs.json", json.dumps(runs_json(RUNS), indent=1) + "\n")
    assert "nothing was written yet" in screen.text(render_runs(()))


def test_the_impact_of_a_change_reads_as_agreed(golden: Golden) -> None:
    table = render_impact(NOW_COLUMN, AFTER, news=12)
    plan = render_plan(
        [planned(AT_RISK)],
        version="b77e021",
        tickets=1204,
        now=NOW,
        zone=BERLIN,
        mode="write",
        before="a1f3c9e",
        impact=table,
        kept="p.plan",
    )
    golden("reports/plan_impact.txt", screen.text(plan))
    assert impact_json(NOW_COLUMN, AFTER, news=12)["left_out"] == 12


@pytest.mark.parametrize(
    ("mode", "kept", "said"),
    [
        ("write", "", "Next  sla run --once writes it; sla plan --out FILE keeps it for sla apply"),
        ("write", "p.plan", "Next  sla apply p.plan   writes exactly this"),
        ("observe", "", "Next  nothing is written until service.yaml says mode: write"),
        ("observe", "p.plan", "Next  p.plan can be applied once service.yaml says mode: write"),
    ],
)
def test_a_plan_says_how_to_go_on(mode: str, kept: str, said: str) -> None:
    plan = render_plan(
        [planned(AT_RISK)], version="v", tickets=1, now=NOW, zone=BERLIN, mode=mode, kept=kept
    )
    assert screen.text(plan).splitlines()[-1].startswith(said)


@pytest.mark.parametrize(
    ("now", "after", "said"),
    [
        (Column(0, 0, 0, 0, 0), Column(0, 0, 0, 0, 0), "—         —   —"),
        (Column(0, 0, 0, 1, 2), Column(0, 0, 0, 1, 2), "50.0 %   50.0 %   0"),
        (Column(0, 0, 0, 1, 3), Column(0, 0, 0, 2, 3), "33.3 %   66.7 %   +33.4 pt"),
    ],
)
def test_a_share_of_nothing_is_no_figure(now: Column, after: Column, said: str) -> None:
    words = " ".join(screen.text(render_impact(now, after, news=0)).split())
    assert " ".join(said.split()) in words
    assert "neither" not in words
