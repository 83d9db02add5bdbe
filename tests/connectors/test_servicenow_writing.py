"""Writing: one PATCH a ticket, read back; what ServiceNow swallows in silence is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Outcome
from connectors.http import SEND_WINDOW, TOO_LATE
from connectors.servicenow.body import impact_and_urgency, note
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
    Why,
)
from sla_engine.model import At, Ref
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant
from tests.connectors.servicenow_desk import ServiceNowTown

WHY = Why("a test")
DUE = At(Instant(1_795_000_000_000))
PRIORITY = FieldTerms(
    "priority", {"servicenow": "priority"}, {"P1": ("Highest", "1 - Critical", "1")}
)


@pytest.fixture
def town() -> Iterator[ServiceNowTown]:
    town = ServiceNowTown()
    yield town
    town.close()


def ref(identity: str) -> Ref:
    return Ref("snow/acme", "INC1", identity)


def write(
    town: ServiceNowTown, identity: str, *changes: Change, **fields: FieldTerms
) -> Sequence[Outcome]:
    return town.connect(fields=fields).write(ref(identity), changes).outcomes


def wish(identity: str, **fields: str) -> SetTicketFields:
    return SetTicketFields(ref(identity), "k", tuple(fields.items()), WHY)


def remark(identity: str, *lines: str, key: str = "res#1:75%", internal: bool = True) -> AddComment:
    return AddComment(ref(identity), key, lines, WHY, internal=internal)


def test_fields_a_note_and_an_escalation_are_one_request(town: ServiceNowTown) -> None:
    identity = town.add("late")
    town.team("Tier 2")
    values = (("u_sla_status", "Breached"), ("u_sla_due", DUE), ("u_sla_missed", ("a", "b")))
    outcomes = write(
        town,
        identity,
        SetFields(ref(identity), values, WHY),
        remark(identity, "[Breached] Resolution", "4 h used"),
        wish(identity, impact="1"),
        Assign(ref(identity), "k", "Tier 2", WHY),
    )
    assert [outcome.kind for outcome in outcomes] == ["confirmed"] * 4
    assert town.writes() == 1
    assert town.value(identity, "u_sla_due") == "2026-11-18 11:06:40"
    assert town.value(identity, "u_sla_missed") == "a,b"
    assert town.value(identity, "impact") == "1"
    (entry,) = town.world.rows("sys_journal_field").where("element_id", identity)
    assert entry["element"] == "work_notes"
    assert entry["value"] == "[Breached] Resolution\n4 h used\n[sla:res#1:75%]"


def test_a_public_comment_goes_to_the_customer_and_a_note_does_not(town: ServiceNowTown) -> None:
    identity = town.add("both")
    write(town, identity, remark(identity, "for us"), remark(identity, "for you", internal=False))
    entries = town.world.rows("sys_journal_field").where("element_id", identity)
    assert {entry["element"]: entry["value"].split("\n")[0] for entry in entries} == {
        "work_notes": "for us",
        "comments": "for you",
    }
    assert town.writes() == 1


def test_two_notes_are_one_entry_with_both_marks(town: ServiceNowTown) -> None:
    identity = town.add("twice")
    write(town, identity, remark(identity, "a", key="k1"), remark(identity, "b", key="k2"))
    (ticket,) = town.connect().fetch([ref(identity)])
    assert ticket.marks == {"k1", "k2"}
    assert town.comments(identity) == 1


def test_the_reply_says_when_the_ticket_was_updated(town: ServiceNowTown) -> None:
    identity = town.add("when")
    town.tick()
    written = town.connect().write(ref(identity), [remark(identity, "now")])
    assert written.updated_at == town.clock.now()


# What is swallowed in silence


def test_a_column_that_is_not_there_is_rejected_by_name(town: ServiceNowTown) -> None:
    identity = town.add("not set up")
    town.world.drop_column("incident", "u_sla_due")
    fields = SetFields(ref(identity), (("u_sla_status", "Met"), ("u_sla_due", DUE)), WHY)
    (outcome,) = write(town, identity, fields)
    assert outcome.kind == "rejected"
    assert outcome.message == "INC1: u_sla_due was not stored: unknown column, or not readable"
    assert outcome.refused == ("u_sla_due",)


def test_a_choice_that_is_not_on_the_list_is_rejected_by_name(town: ServiceNowTown) -> None:
    identity = town.add("off the list")
    fields = SetFields(ref(identity), (("u_sla_status", "Splendid"),), WHY)
    (outcome,) = write(town, identity, fields)
    assert outcome.kind == "rejected"
    assert 'u_sla_status was not stored: it holds "" instead of "Splendid"' in outcome.message


def test_a_text_that_was_cut_to_its_column_counts_as_written(town: ServiceNowTown) -> None:
    identity = town.add("long")
    fields = SetFields(ref(identity), (("u_sla_summary", "x" * 500),), WHY)
    (outcome,) = write(town, identity, fields)
    assert outcome.kind == "confirmed"
    assert len(town.value(identity, "u_sla_summary")) == 160


# Text from tickets does no harm


@pytest.mark.parametrize(
    "line",
    [
        "[code]<b>x</b>[/code]",
        "[ CODE ]",
        "[/ code]",
        "[sla:res#1:breach]",
        "[ SLA :x]",
        "[Code ]x",
    ],
)
def test_neither_html_nor_a_mark_comes_out_of_a_tickets_text(line: str) -> None:
    text = note([remark("x", line)])
    body, mark = text.rsplit("\n", 1)
    assert mark == "[sla:res#1:75%]"
    assert "[code" not in body.lower().replace(" ", "")
    assert "[/code" not in body.lower().replace(" ", "")
    assert "[sla:" not in body.lower().replace(" ", "")


def test_ordinary_brackets_stay(town: ServiceNowTown) -> None:
    assert note([remark("x", "[Breached] see [1] and code")]).startswith(
        "[Breached] see [1] and code\n"
    )


# Escalations


@given(priority=st.integers(1, 5), impact=st.integers(1, 3))
def test_a_priority_is_had_with_as_little_change_of_impact_as_can_be(
    priority: int, impact: int
) -> None:
    new, urgency = map(int, impact_and_urgency(priority, impact))
    assert new in (1, 2, 3)
    assert urgency in (1, 2, 3)
    assert new + urgency - 1 == priority
    possible = [i for i in (1, 2, 3) if 1 <= priority + 1 - i <= 3]
    assert abs(new - impact) == min(abs(i - impact) for i in possible)


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("P1", "3", ("1", "1", "1")),
        ("1 - Critical", "2", ("1", "1", "1")),
        ("High", "2", ("2", "1", "2")),
        ("2", "1", ("1", "2", "2")),
        ("moderate", "3", ("3", "1", "3")),
    ],
)
def test_a_priority_is_raised_by_impact_and_urgency(
    town: ServiceNowTown, said: str, before: str, after: tuple[str, ...]
) -> None:
    identity = town.add("raise me", impact=before, urgency="3")
    (outcome,) = write(town, identity, wish(identity, priority=said), priority=PRIORITY)
    assert outcome.kind == "confirmed"
    assert tuple(town.value(identity, name) for name in ("impact", "urgency", "priority")) == after


def test_a_priority_that_the_instance_works_out_otherwise_is_told(town: ServiceNowTown) -> None:
    identity = town.add("to the lowest")
    (outcome,) = write(town, identity, wish(identity, priority="5"))
    assert outcome.kind == "rejected"
    assert 'priority was not stored: it holds "4" instead of "5"' in outcome.message


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({"impact": "High"}, {"impact": "1"}),
        ({"urgency": "2 - Medium"}, {"urgency": "2"}),
        ({"hold_reason": "Awaiting Vendor"}, {"hold_reason": "4"}),
        ({"u_tier": "gold"}, {"u_tier": "gold"}),
    ],
)
def test_values_are_written_by_what_people_call_them(
    town: ServiceNowTown, fields: dict[str, str], stored: dict[str, str]
) -> None:
    identity = town.add("on hold", state="3")
    terms = {name: FieldTerms(name, {"servicenow": name}) for name in fields}
    (outcome,) = write(town, identity, wish(identity, **fields), **terms)
    assert outcome.kind == "confirmed", outcome.message
    assert {name: town.value(identity, name) for name in stored} == stored


def test_a_team_takes_the_ticket_from_whoever_had_it(town: ServiceNowTown) -> None:
    team = town.team("Tier 2")
    identity = town.add("hand over", assigned_to=town.world.user_id("ada"))
    (outcome,) = write(town, identity, Assign(ref(identity), "k", "Tier 2", WHY))
    assert outcome.kind == "confirmed"
    assert town.value(identity, "assignment_group") == team
    assert town.value(identity, "assigned_to") == ""


@pytest.mark.parametrize("who", ["bob", "bob.kettle@lumen.example", "Bob Kettle"])
def test_a_person_is_found_by_what_people_call_them(town: ServiceNowTown, who: str) -> None:
    identity = town.add("for bob")
    (outcome,) = write(town, identity, Assign(ref(identity), "k", who, WHY))
    assert outcome.kind == "confirmed", outcome.message
    assert town.value(identity, "assigned_to") == town.world.user_id("bob")


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("Nobody", 'no team or person is called "Nobody"'),
        ("Twins", 'several teams or people are called "Twins"'),
        ("Retired", 'no team or person is called "Retired"'),
        ("x^ORname=Twins", "no team or person"),
    ],
)
def test_nobody_is_chosen_by_guess(town: ServiceNowTown, to: str, why: str) -> None:
    town.team("Twins"), town.team("Twins"), town.team("Retired", active="false")
    identity = town.add("for whom?")
    (outcome,) = write(town, identity, Assign(ref(identity), "k", to, WHY))
    assert outcome.kind == "rejected"
    assert why in outcome.message
    assert town.writes() == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: Transition(r, "k", "Resolved", WHY), "state is not written"),
        (lambda r: SetTicketFields(r, "k", (("status", "Closed"),), WHY), "state is not written"),
        (lambda r: SetTicketFields(r, "k", (("priority", "Vast"),), WHY), "no priority"),
        (lambda r: SetTicketFields(r, "k", (("mood", "x"),), WHY), 'no field "mood" is mapped'),
        (lambda r: AddLabels(r, "k", ("late",), WHY), "map `labels` to a column"),
        (lambda r: Notify(r, "k", "slack", "x", WHY), "notifies nobody"),
        (lambda r: SetFields(r, (("SLA due", DUE),), WHY), '"SLA due" is no column'),
    ],
    ids=["transition", "status", "priority", "unmapped", "labels", "notify", "no column name"],
)
def test_what_cannot_be_done_is_said_and_not_tried(
    town: ServiceNowTown, change: object, why: str
) -> None:
    identity = town.add("no")
    assert callable(change)
    (outcome,) = write(town, identity, change(ref(identity)))
    assert outcome.kind == "rejected"
    assert why in outcome.message
    assert town.writes() == 0


def test_labels_join_those_in_the_column_that_is_mapped(town: ServiceNowTown) -> None:
    identity = town.add("labelled", u_symptom="slow")
    labels = FieldTerms("labels", {"servicenow": "u_symptom"})
    add = AddLabels(ref(identity), "k", ("sla-breached", "slow"), WHY)
    (outcome,) = write(town, identity, add, labels=labels)
    assert outcome.kind == "confirmed"
    assert town.value(identity, "u_symptom") == "slow,sla-breached"
    (ticket,) = town.connect(fields={"labels": labels}).fetch([ref(identity)])
    assert ticket.journal[-1].new == ("slow", "sla-breached")


# Refusals and doubts


def test_a_refusal_is_of_the_record_and_names_it(town: ServiceNowTown) -> None:
    identity = town.add("closed to us")
    town.world.dials.refused = [identity]
    (outcome,) = write(town, identity, remark(identity, "hello"))
    assert (outcome.kind, outcome.code) == ("rejected", "SLA403")
    assert outcome.message.startswith("INC1: not allowed")


def test_a_refused_escalation_does_not_hold_back_fields_and_notes(town: ServiceNowTown) -> None:
    identity = town.add("a data policy stands in the way")
    policy = '{"error":{"message":"Operation Failed","detail":"Data Policy Exception"}}'
    town.faults.add(kind="status", method="PATCH", status=403, body=policy)
    fields = SetFields(ref(identity), (("u_sla_status", "Breached"),), WHY)
    outcomes = write(town, identity, fields, wish(identity, impact="1"), remark(identity, "x"))
    assert [outcome.kind for outcome in outcomes] == ["confirmed", "rejected", "confirmed"]
    assert "Data Policy Exception" in outcomes[1].message
    assert town.value(identity, "u_sla_status") == "Breached"
    assert town.value(identity, "impact") == "3"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "apply-then-drop"}, "doubtful"),
        ({"kind": "apply-then-status", "status": 502}, "doubtful"),
        ({"kind": "truncate"}, "doubtful"),
        ({"kind": "html"}, "doubtful"),
        ({"kind": "body", "status": 200, "body": "null"}, "doubtful"),
        ({"kind": "body", "status": 200, "body": '{"result":{"sys_id":"another"}}'}, "doubtful"),
        ({"kind": "body", "status": 200, "body": '{"result":[]}'}, "doubtful"),
        ({"kind": "body", "status": 200, "body": '{"error":{"message":"cancelled"}}'}, "doubtful"),
        ({"kind": "retry-after", "headers": {"Retry-After": "9"}}, "retryable"),
        ({"kind": "status", "status": 400, "body": "{}"}, "rejected"),
    ],
    ids=lambda value: f"{value['kind']} {value.get('body', '')}" if isinstance(value, dict) else "",
)
def test_a_note_is_sent_once_whatever_comes_back(
    town: ServiceNowTown, fault: dict[str, object], kind: str
) -> None:
    identity = town.add("sent once")
    connector = town.connect()
    connector.check()
    town.faults.add(method="PATCH", **fault)
    (outcome,) = connector.write(ref(identity), [remark(identity, "once")]).outcomes
    assert outcome.kind == kind
    assert len([fault for fault in town.faults.pending() if fault.method == "PATCH"]) == 0
    assert town.comments(identity) <= 1
    assert outcome.message or kind == "confirmed"


def test_what_is_held_up_for_too_long_is_not_sent(town: ServiceNowTown) -> None:
    identity = town.add("slow")
    connector = town.connect()
    prepare = connector._writer._prepare

    def slowly() -> None:
        prepare()
        town.monotonic += SEND_WINDOW + 0.1

    connector._writer._prepare = slowly
    (outcome,) = connector.write(ref(identity), [remark(identity, "now")]).outcomes
    assert (outcome.kind, outcome.message) == ("retryable", f"INC1: {TOO_LATE}")
    connector._writer._prepare = prepare
    (outcome,) = connector.write(ref(identity), [remark(identity, "now")]).outcomes
    assert outcome.kind == "confirmed"
