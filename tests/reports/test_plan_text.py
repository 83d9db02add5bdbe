"""The plan screen, over changes that the engine planned."""

from __future__ import annotations

import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest

from reports import screen
from reports.plan_text import Planned, lines, plan_json, render_plan, totals
from reports.words import fields_of
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Notify,
    SetTicketFields,
    Transition,
    Why,
)
from sla_engine.model import Ticket
from sla_engine.plan import plan
from sla_engine.problems import Where
from sla_engine.units import Instant
from tests.reports.desk import AT_RISK, LATER, MISSED, NOW, PAUSED, POLICIES, judged

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")
WHY = Why("resolution reached breach", Where("policies/gold.yaml", 14), "history 1")


def planned(ticket: Ticket, now: Instant = NOW) -> Planned:
    changes = plan(POLICIES, ticket, judged(ticket, now), now)
    return Planned(ticket, changes, fields_of(POLICIES, ticket, now))


MOVED = msgspec.structs.replace(MISSED, initial={**MISSED.initial, "tier": "silver"})
DEEDS = msgspec.structs.replace(
    planned(AT_RISK),
    changes=(
        AddComment(AT_RISK.ref, "k1", ("[Breached] Resolution was due …",), WHY),
        Notify(AT_RISK.ref, "k2", "slack:#payments", "SUP-231 breached", WHY),
        Assign(AT_RISK.ref, "k3", "tier2", WHY),
        Transition(AT_RISK.ref, "k4", "Escalated", WHY),
        AddLabels(AT_RISK.ref, "k5", ("sla-breached",), WHY),
        SetTicketFields(AT_RISK.ref, "k6", (("impact", "High"),), WHY),
    ),
)


REFUSALS = ("jira/acme: 5 escalations would fire at once", "snow/acme: 60 comments at once")


def shown(items: list[Planned], *, refusals: tuple[str, ...] = (), most: int | None = None) -> str:
    return screen.text(
        render_plan(
            items,
            version="a1f3c9e",
            tickets=240,
            now=NOW,
            zone=BERLIN,
            mode="observe",
            refusals=refusals,
            most=most,
        )
    )


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    items = [
        planned(AT_RISK),
        planned(PAUSED),
        planned(MISSED, LATER),
        planned(MOVED, LATER),
        DEEDS,
    ]
    golden("reports/plan.txt", shown(items, refusals=REFUSALS))


def test_what_a_run_would_refuse_needs_its_force() -> None:
    text = render_plan(
        [planned(AT_RISK)],
        version="v",
        tickets=1,
        now=NOW,
        zone=BERLIN,
        mode="write",
        refusals=REFUSALS,
    )
    assert screen.text(text).splitlines()[-3:] == [
        "! jira/acme: 5 escalations would fire at once",
        "! snow/acme: 60 comments at once",
        "Next  sla run --once --force writes it; sla plan --out FILE keeps it for sla apply",
    ]


@pytest.mark.parametrize(
    ("waiting", "kept", "said"),
    [
        ((), "", "Next  sla run --once writes it; sla plan --out FILE keeps it for sla apply"),
        (("",), "", "Next  sla run writes nothing of it, and names it for sla approve"),
        (
            ("k7m2qd", "", "s4ccpj"),
            "",
            "Next  sla approve k7m2qd, sla approve s4ccpj: the next pass writes it; or undo",
        ),
        (
            ("k7m2qd",),
            "p.plan",
            "Next  sla apply p.plan   writes exactly this, as far as it still holds then",
        ),
    ],
)
def test_what_comes_next_is_what_would_work(waiting: tuple[str, ...], kept: str, said: str) -> None:
    text = render_plan(
        [planned(AT_RISK)],
        version="v",
        tickets=1,
        now=NOW,
        zone=BERLIN,
        mode="write",
        waiting=waiting,
        kept=kept,
    )
    assert " ".join(screen.text(text).splitlines()[-1:]).startswith(said)


def test_json_tells_old_and_new(golden: Golden) -> None:
    told = plan_json([planned(AT_RISK), DEEDS], version="a1f3c9e", now=NOW)
    golden("reports/plan.json", json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def test_a_field_is_added_changed_or_cleared() -> None:
    signs = {line.what: line.sign for line in lines(planned(AT_RISK), NOW, BERLIN)}
    assert signs["SLA status"] == "~"
    assert signs["SLA summary"] == "+"
    cleared = lines(planned(MOVED, LATER), NOW, BERLIN)
    assert {line.sign for line in cleared} == {"-"}
    assert cleared[0].words.endswith("→ cleared")


def test_the_reason_is_told_once_a_change() -> None:
    found = lines(planned(AT_RISK), NOW, BERLIN)
    fields = [line for line in found if line.what.startswith("SLA")]
    assert [bool(line.why) for line in fields] == [True] + [False] * (len(fields) - 1)


def test_a_quiet_desk_has_an_empty_plan() -> None:
    text = shown([planned(MISSED, LATER)])
    assert "Plan: nothing to do." in text
    assert totals([]).startswith("Plan: nothing to do.")


def test_a_plan_of_no_tickets_does_not_say_that_all_is_well() -> None:
    nothing = render_plan([], version="v", tickets=0, now=NOW, zone=BERLIN, mode="write")
    assert screen.text(nothing).splitlines()[-2:] == [
        "Plan: no ticket was read yet.",
        "Next  sla run --once reads them",
    ]


def test_a_long_plan_says_how_much_is_left_out() -> None:
    text = shown([planned(AT_RISK), planned(PAUSED), planned(MOVED, LATER)], most=1)
    assert "… and 2 more tickets; all: --all" in text
    assert "SUP-204" not in text
    assert "Plan: 3 tickets" in text


def test_a_field_that_holds_an_empty_text_is_added_to() -> None:
    empty = msgspec.structs.replace(AT_RISK, written={"SLA status": "", "SLA missed": ()})
    assert {line.what: line.sign for line in lines(planned(empty), NOW, BERLIN)}[
        "SLA status"
    ] == "+"
