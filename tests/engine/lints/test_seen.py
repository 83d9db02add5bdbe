"""Lints of what was seen: tickets without a promise, words nobody uses, accounts like bots."""

from __future__ import annotations

from itertools import count

import msgspec

from sla_engine.lints import Subject, lint
from sla_engine.lints.seen import see
from sla_engine.model import Actor, Ticket, Value
from sla_engine.resolving.files import read_texts
from tests.engine.desk import BOT, CUSTOMER, STAFF, at, ticket
from tests.engine.lints.looking import NOW, codes, linted, policy

TERMS = "calendar: 24x7, targets: {resolution: 8h}"
NUMBERS = count(1)
ROBOT = Actor("svc-triage", "Triage", "staff")


def made(created: str = "09:00", *steps: tuple[object, ...], **initial: Value) -> Ticket:
    one = ticket(created, *steps, **initial)
    key = f"{initial.get('project', 'SUP')}-{next(NUMBERS)}"
    return type(one)(
        **{name: getattr(one, name) for name in one.__struct_fields__ if name != "ref"},
        ref=type(one.ref)("desk", key, key),
    )


def test_tickets_that_no_policy_matches_are_counted_by_what_they_are() -> None:
    tickets = [
        *(made(project="OPS", type="Task") for _ in range(3)),
        made(project="OPS", type="Bug"),
        made(project="SUP", type="Task"),
        made("2026-08-20 09:00", project="OPS", type="Task"),  # before the last 90 days
    ]
    (problem,) = linted(policy(f"match: {{project: SUP, type: {{not: Epic}}}}, {TERMS}"), tickets)
    assert problem.code == "SLA220"
    assert problem.what == "4 of 5 tickets of the last 90 days match no policy"
    key = tickets[0].ref.key
    assert f"3 like {key} {{project: OPS, type: Task}}; 1 like OPS-" in problem.mend


def test_a_ticket_that_was_matched_once_is_covered() -> None:
    moved = made("09:00", ("10:00", STAFF, {"project": "OPS"}))
    assert codes(linted(policy(f"match: {{project: SUP}}, {TERMS}"), [moved])) == []
    assert codes(linted(policy(f"match: {{project: OPS}}, {TERMS}"), [moved])) == []


def test_a_ticket_that_belongs_to_a_case_is_covered_by_what_is_promised_of_the_case() -> None:
    link = "{parent: {project: SUP}, child: {project: NET, where: {parent: '{parent.key}'}}}"
    head = f"fields: {{parent: {{jira: customfield_10600}}}}\nlinks: {{dev: {link}}}\n"
    text = head + policy(f"match: {{project: SUP}}, {TERMS}")
    child, alone = made(project="NET", parent="SUP-1"), made(project="NET")
    assert codes(linted(text, [made(project="SUP"), child])) == []
    problem = next(one for one in linted(text, [child, alone]) if one.code == "SLA220")
    assert problem.what == "1 of 2 tickets of the last 90 days match no policy"


def test_a_value_that_no_ticket_ever_had_is_told_with_what_is_meant() -> None:
    text = policy(f"match: {{project: SUP}}, pause: {{status: Waiting for Customer}}, {TERMS}")
    once = made(
        "09:00",
        ("10:00", STAFF, {"status": "Waiting for customer"}),
        ("11:00", STAFF, {"status": "Open"}),
    )
    problem = next(one for one in linted(text, [once]) if one.code == "SLA221")
    assert problem.what == 'status "Waiting for Customer" was never seen in 1 ticket'
    assert problem.mend == 'did you mean "Waiting for customer"?'
    assert (problem.where.line, problem.where.width) == (3, len("Waiting for Customer"))
    assert codes(linted(text.replace("Customer}", "customer}"), [once])) == []


def test_globs_count_as_seen_where_anything_fits() -> None:
    text = policy(
        f'match: {{project: {{matches: "S*"}}}}, pause: {{status: {{matches: "Wait*"}}}}, {TERMS}'
    )
    problems = linted(text, [made()])
    assert [(one.code, one.what.split()[1]) for one in problems if one.code == "SLA221"] == [
        ("SLA221", '"Wait*"')
    ]


def test_rows_and_labels_may_wait_for_their_first_ticket() -> None:
    rows = "targets: {resolution: {by: tier, ROW: 4h, default: 8h}}, calendar: 24x7"
    fields = "fields: {tier: {jira: customfield_10001}}\n"
    text = fields + policy(f"match: {{project: SUP, labels: {{not: muted}}}}, {rows}")
    seen = [made(tier="gold", labels=("vip",))]
    assert codes(linted(text.replace("ROW", "platinum"), seen)) == []
    (problem,) = linted(text.replace("ROW", "golden"), seen)
    assert problem.mend == 'did you mean "gold"?'


def test_a_field_that_is_empty_everywhere_is_told_once() -> None:
    text = "fields: {tier: {jira: customfield_10001}}\n" + policy(
        f"match: {{project: SUP, any: [{{tier: gold}}, {{tier: {{set: false}}}}]}}, {TERMS}"
    )
    (problem,) = linted(text, [made()])
    assert problem.what == '"tier" has no value in any of 1 ticket'
    assert problem.mend == "it is read from {jira: customfield_10001}"


def test_a_value_without_a_row_is_counted() -> None:
    """Case 59."""
    rows = policy(
        "match: {project: SUP}, calendar: 24x7, targets: {resolution: {P1: 4h, default: 8h}}"
    )
    tickets = [
        made(priority="Blocker"),
        made(priority="Blocker"),
        made(priority="Highest"),
        made(priority="P3"),
    ]
    (problem,) = linted(rows, tickets)
    assert problem.code == "SLA224"
    assert problem.what == (
        f'2 tickets, such as {tickets[0].ref.key}, had priority "Blocker", which has no row'
    )


def test_an_account_that_is_too_quick_for_a_person_is_named() -> None:
    """Case 38."""
    text = policy(f"match: {{project: SUP}}, {TERMS}")
    hello: dict[str, Value] = {"comment": "public"}
    quick = [
        made("09:00", (at("09:00") + 4_000, ROBOT, hello), (at("09:00") + 5_000, ROBOT, hello))
        for _ in range(3)
    ]
    (problem,) = linted(text, quick)
    assert (problem.code, problem.where.column) == ("SLA223", 6)
    assert problem.what == '"Triage" commented within 5 s of the creation of 3 tickets'
    assert (
        problem.mend
        == f"such as {quick[0].ref.key} after 4 s. A bot? Add svc-triage to actors: bots"
    )
    named = "actors: {bots: [svc-*]}\n" + text
    assert codes(linted(named, quick)) == []
    assert codes(linted(text, quick[:2])) == []


def test_whoever_opens_a_ticket_may_comment_at_once() -> None:
    text = policy(f"match: {{project: SUP}}, {TERMS}")
    step = (at("09:00") + 1_000, STAFF, {"comment": "public"})
    own = [msgspec.structs.replace(made("09:00", step), created_by=STAFF) for _ in range(5)]
    assert codes(linted(text, own)) == []


def test_nothing_follows_for_systems_of_which_no_ticket_is_kept() -> None:
    text = policy(f"match: {{project: SUP}}, pause: {{status: Parked}}, {TERMS}")
    reading = read_texts({"p.yaml": f"schema: sla/v1\n{text}"})
    for blind, found in ((frozenset({"servicenow"}), []), (frozenset({"event_log"}), ["SLA221"])):
        seen = see(reading, [made()], NOW, blind)
        assert codes(lint(Subject(reading, NOW, seen))) == found


def test_people_and_known_bots_may_be_quick() -> None:
    text = policy(f"match: {{project: SUP}}, {TERMS}")
    hello: dict[str, Value] = {"comment": "public"}
    for who, second in ((CUSTOMER, 1), (BOT, 1), (STAFF, 6)):
        assert (
            codes(
                linted(
                    text,
                    [made("09:00", (at("09:00") + second * 1_000, who, hello)) for _ in range(5)],
                )
            )
            == []
        )
