"""Writing to Jira: typed, quiet, in one request, and honest about what was not taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pytest

from connectors.base import Outcome
from connectors.http import SEND_WINDOW, TOO_LATE, Delivery, Params
from connectors.jira.connector import JiraConnector
from sandbox.jira.adf import to_text
from sandbox.jira.model import Issue
from sandbox.jira.schema import Field
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.model import At, Ref, Ticket
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant
from tests.connectors.jira_desk import NOW, TERMS, JiraTown
from tests.contract import WHY, pulled

DUE = At(Instant(NOW + 3_600_123))
JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=["cloud", "data_center"])
def town(request: pytest.FixtureRequest) -> Iterator[JiraTown]:
    made = JiraTown(request.param)
    yield made
    made.close()


@pytest.fixture
def cloud() -> Iterator[JiraTown]:
    made = JiraTown("cloud")
    yield made
    made.close()


class Desk:
    """One ticket, its connector, and what was asked of the server since."""

    def __init__(self, town: JiraTown, project: str = "SUP", **options: object) -> None:
        self.town = town
        self.identity = town.add("to be written", project=project)
        self.connector = town.connect(**options)  # type: ignore[arg-type]  # settings by name
        self.ref: Ref = pulled(self.connector)[0][self.identity].ref
        town.log.reset()

    @property
    def issue(self) -> Issue:
        return self.town.issue(self.identity)

    def write(self, *changes: Change) -> tuple[Outcome, ...]:
        return self.connector.write(self.ref, changes).outcomes

    def read(self) -> Ticket:
        (ticket,) = self.connector.fetch([self.ref])
        return ticket

    def asked(self) -> list[str]:
        lasts = [(a.method, a.path.rpartition("/")[2]) for a in self.town.log.all()]
        return [f"{method} {'issue' if last.isdecimal() else last}" for method, last in lasts]

    def fields(self, *pairs: tuple[str, object]) -> SetFields:
        return SetFields(self.ref, pairs, WHY)  # type: ignore[arg-type]  # values of each kind

    def comment(self, *lines: str, key: str = "res#1:breach", **rest: object) -> AddComment:
        return AddComment(self.ref, key, lines or ("[Breached]",), WHY, **rest)  # type: ignore[arg-type]  # detail, internal


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.kind for outcome in outcomes]


# One request, typed values


def test_all_fields_go_in_one_quiet_request(town: JiraTown) -> None:
    desk = Desk(town)
    outcomes = desk.write(
        desk.fields(("SLA status", "Breached"), ("SLA due", DUE)),
        desk.fields(("SLA summary", "Resolution was due"), ("SLA missed", ("resolution",))),
        AddLabels(desk.ref, "k1", ("sla-breached",), WHY),
        SetTicketFields(desk.ref, "k2", (("priority", "P1"), ("labels", "+vip")), WHY),
    )
    assert kinds(outcomes) == ["confirmed"] * 4
    assert "PUT issue" in desk.asked()
    assert desk.asked().count("PUT issue") == 1
    assert len(desk.issue.histories) == 1
    assert town.desk.mails == []
    ticket = desk.read()
    assert ticket.written == {
        "SLA status": "Breached",
        "SLA due": DUE,
        "SLA summary": "Resolution was due",
        "SLA missed": ("resolution",),
    }
    assert desk.issue.fields["labels"] == ("sla-breached", "vip")
    assert desk.issue.fields["priority"] == "1"


def test_the_new_stamp_comes_back_on_cloud(cloud: JiraTown) -> None:
    desk = Desk(cloud)
    at = cloud.tick()
    written = desk.connector.write(desk.ref, [desk.fields(("SLA status", "Met"))])
    assert written.updated_at == at == desk.read().updated_at


def test_a_long_text_is_cut_to_what_the_field_takes(town: JiraTown) -> None:
    desk = Desk(town)
    assert kinds(desk.write(desk.fields(("SLA summary", "long " * 100)))) == ["confirmed"]
    assert len(str(desk.issue.fields["customfield_10103"])) == 255


@pytest.mark.parametrize(
    ("kind", "custom", "value", "stored"),
    [
        ("number", "float", "4.5", 4.5),
        ("array", "multiselect", ("Met",), ("10500",)),
    ],
    ids=["number", "options"],
)
def test_values_take_the_type_of_the_field(
    town: JiraTown, kind: str, custom: str, value: object, stored: object
) -> None:
    made = Field(
        "customfield_30000", "Mine", kind, "option" if kind == "array" else "", f"x:{custom}",
        options={"10500": "Met"},
    )  # fmt: skip
    town.desk.fields[made.id] = made
    desk = Desk(town, publish={"Mine": "state"})
    assert kinds(desk.write(desk.fields(("Mine", value)))) == ["confirmed"]
    assert desk.issue.fields[made.id] == stored


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLA missed", DUE, 'a time cannot be kept in "SLA missed", which holds a list'),
        ("SLA missed", "Met", 'a text cannot be kept in "SLA missed", which holds a list'),
        ("SLA summary", DUE, 'a time cannot be kept in "SLA summary", which holds a text'),
        ("SLA due", "soon", 'a text cannot be kept in "SLA due", which holds a time'),
    ],
)
def test_a_field_of_another_kind_is_refused_lest_it_be_written_for_ever(
    town: JiraTown, name: str, value: object, message: str
) -> None:
    desk = Desk(town)
    (outcome,) = desk.write(desk.fields((name, value)))
    assert outcome == Outcome("rejected", message, code="SLA110")
    assert desk.asked() == []


# What Jira will not take


def test_an_unknown_option_is_rejected_and_the_rest_is_written(town: JiraTown) -> None:
    desk = Desk(town)
    (outcome,) = desk.write(desk.fields(("SLA status", "Doomed"), ("SLA summary", "fine")))
    assert outcome.kind == "rejected"
    assert "SLA status" in outcome.message
    assert "Doomed" in outcome.message
    assert desk.read().written["SLA summary"] == "fine"


def test_a_field_off_the_screen_does_not_stop_the_others(town: JiraTown) -> None:
    desk = Desk(town)
    town.desk.dials["off_screen"] = {"SUP": ["customfield_10102"]}
    outcomes = desk.write(
        desk.fields(("SLA due", DUE)), desk.fields(("SLA status", "Met")), desk.comment()
    )
    assert kinds(outcomes) == ["rejected", "confirmed", "confirmed"]
    assert "SLA due: Field" in outcomes[0].message
    assert "appropriate screen" in outcomes[0].message
    assert [outcome.refused for outcome in outcomes] == [("SLA due",), (), ()]


def test_a_published_field_that_the_site_lacks_is_named_with_a_hint(town: JiraTown) -> None:
    desk = Desk(town, publish={"SLA stauts": "state"})
    (outcome,) = desk.write(desk.fields(("SLA stauts", "Met")))
    assert outcome == Outcome(
        "rejected",
        'Jira has no field "SLA stauts"; did you mean "SLA status"?',
        code="SLA110",
        refused=("SLA stauts",),
    )


def test_no_permission_is_told_with_the_key_and_the_right(town: JiraTown) -> None:
    desk = Desk(town, project="OPS")
    town.desk.dials["forbidden"] = ["OPS"]
    outcomes = desk.write(desk.fields(("SLA status", "Met")), desk.comment())
    assert kinds(outcomes) == ["rejected", "rejected"]
    assert {outcome.code for outcome in outcomes} == {"SLA403"}
    assert outcomes[0].message == "not allowed to edit OPS-1 (403, EDIT_ISSUES)"
    assert outcomes[1].message == "not allowed to comment on OPS-1 (403, ADD_COMMENTS)"


# In time


def test_what_a_slow_answer_holds_up_for_too_long_is_not_sent(town: JiraTown) -> None:
    """Somebody may have read the ticket meanwhile and concluded that it never will be."""
    desk = Desk(town)
    assert isinstance(desk.connector, JiraConnector)
    client, now = desk.connector._client, [0.0]
    send = client._delivered

    def slowly(method: str, path: str, params: Params | None, body: object) -> Delivery:
        delivery = send(method, path, params, body)
        now[0] += SEND_WINDOW + 0.1
        return delivery

    client._clock = lambda: now[0]
    client._delivered = slowly  # type: ignore[method-assign]  # a server that takes its time
    outcomes = desk.write(desk.fields(("SLA status", "Met")), desk.comment())
    assert kinds(outcomes) == ["confirmed", "retryable"]
    assert outcomes[1].message == TOO_LATE
    assert len(desk.issue.comments) == 0
    assert kinds(desk.write(desk.comment())) == ["confirmed"], "another time it is"


# Quietly


@pytest.mark.parametrize(
    ("deployment", "way", "requests"),
    [
        ("cloud", "ignore", [1, 1]),
        ("cloud", "refuse", [2, 1]),
        ("cloud", "drop", [2, 1]),
        ("data_center", "refuse", [2, 1]),
    ],
)
def test_where_quiet_edits_are_not_allowed_loud_ones_are_made(
    deployment: str, way: str, requests: list[int]
) -> None:
    town = JiraTown(deployment)  # type: ignore[arg-type]  # one of the two
    try:
        town.desk.dials |= {"admin": False, "notify": way}
        desk = Desk(town)
        sent = []
        for status in ("At risk", "Breached"):
            before = desk.asked().count("PUT issue")
            assert kinds(desk.write(desk.fields(("SLA status", status)))) == ["confirmed"]
            assert desk.read().written["SLA status"] == status
            sent.append(desk.asked().count("PUT issue") - before)
        assert sent == requests
        assert len(desk.issue.histories) == 2
    finally:
        town.close()


# Comments


def test_a_comment_is_internal_and_bears_its_key_twice(town: JiraTown) -> None:
    desk = Desk(town)
    lines = ("[Breached] Resolution was due Sat 11:30.", "3 h used of 3 h.")
    (outcome,) = desk.write(desk.comment(*lines, detail=("started  09:00", "paused   10:00")))
    (comment,) = desk.issue.comments
    assert outcome == Outcome("confirmed", remote_id=str(comment.id))
    assert comment.internal
    assert comment.properties["sla-sync"] == {"key": "res#1:breach"}
    text = comment.body if isinstance(comment.body, str) else to_text(comment.body)
    assert "Resolution was due Sat 11:30." in text
    assert "started  09:00" in text
    assert text.strip().endswith("sla:res#1:breach" + ("" if town.is_cloud else "}}"))
    assert desk.read().marks == {"res#1:breach"}


def test_a_public_comment_is_made_when_asked_for(town: JiraTown) -> None:
    desk = Desk(town)
    desk.write(desk.comment("Hello", internal=False))
    assert not desk.issue.comments[0].internal
    assert [event.new for event in desk.read().journal] == ["public"]


def test_a_mark_that_somebody_else_wrote_is_none(town: JiraTown) -> None:
    desk = Desk(town)
    body = msgspec.json.decode(msgspec.json.encode("sla:res#1:breach"))
    if town.is_cloud:
        inner = {"type": "paragraph", "content": [{"type": "text", "text": body}]}
        body = {"type": "doc", "version": 1, "content": [inner]}
    town.desk.comment(desk.issue, "carla", town.tick(), body)
    assert desk.read().marks == frozenset()


def test_an_internal_comment_that_the_customer_sees_is_told(cloud: JiraTown) -> None:
    desk = Desk(cloud)
    made = msgspec.json.encode({"id": "40001", "jsdPublic": True}).decode()
    cloud.faults.add(
        kind="body", method="POST", path="comment", status=201, body=made, headers=JSON
    )
    (outcome,) = desk.write(desk.comment())
    assert outcome.kind == "confirmed"
    assert outcome.message == "the customer of SUP-1 can see this comment"


def test_an_answer_without_an_id_is_doubtful(town: JiraTown) -> None:
    desk = Desk(town)
    town.faults.add(kind="body", method="POST", path="comment", status=201, body="{}", headers=JSON)
    assert kinds(desk.write(desk.comment())) == ["doubtful"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "apply-then-drop"}, "doubtful"),
        ({"kind": "apply-then-status", "status": 503}, "doubtful"),
        ({"kind": "truncate"}, "doubtful"),
        ({"kind": "drop"}, "doubtful"),
        ({"kind": "html"}, "doubtful"),
        ({"kind": "redirect"}, "doubtful"),
        ({"kind": "status", "status": 500}, "doubtful"),
        ({"kind": "retry-after", "headers": {"Retry-After": "600"}}, "retryable"),
        ({"kind": "status", "status": 401}, "retryable"),
        ({"kind": "status", "status": 409}, "rejected"),
        ({"kind": "status", "status": 413}, "rejected"),
    ],
    ids=str,
)
def test_a_comment_is_sent_once_whatever_comes(
    town: JiraTown, fault: dict[str, object], kind: str
) -> None:
    desk = Desk(town)
    town.faults.add(method="POST", path="/comment$", **fault)
    assert kinds(desk.write(desk.comment())) == [kind]
    assert desk.asked().count("POST comment") == 1
    assert len(desk.issue.comments) == (1 if fault["kind"] in _APPLIED else 0)


_APPLIED = ("apply-then-drop", "apply-then-status", "truncate")


def test_after_a_refused_token_nothing_more_is_sent(town: JiraTown) -> None:
    desk = Desk(town)
    town.faults.add(kind="status", method="PUT", path="issue", status=401)
    outcomes = desk.write(desk.fields(("SLA status", "Met")), desk.comment())
    assert kinds(outcomes) == ["retryable", "retryable"]
    assert {outcome.code for outcome in outcomes} == {"SLA401"}
    assert len(desk.asked()) == 1


# Other deeds


def test_a_transition_goes_by_the_name_of_the_status(town: JiraTown) -> None:
    desk = Desk(town)
    assert kinds(desk.write(Transition(desk.ref, "k", "in progress", WHY))) == ["confirmed"]
    assert desk.issue.fields["status"] == "3"
    assert kinds(desk.write(Transition(desk.ref, "k", "In Progress", WHY))) == ["confirmed"]
    assert desk.asked().count("POST transitions") == 1


def test_a_transition_that_the_workflow_lacks_is_rejected_with_the_ways_there_are(
    town: JiraTown,
) -> None:
    desk = Desk(town)
    (outcome,) = desk.write(Transition(desk.ref, "k", "Escalated", WHY))
    assert outcome.kind == "rejected"
    assert outcome.message.startswith('SUP-1 cannot go to "Escalated" from "Open", only to: ')
    assert "In Progress" in outcome.message


def test_a_team_is_a_field_where_one_is_mapped(town: JiraTown) -> None:
    desk = Desk(town, terms={**TERMS, "team": FieldTerms("team", {"jira": "Team"})})
    (outcome,) = desk.write(Assign(desk.ref, "k", "Payments", WHY))
    assert outcome.kind == "confirmed", outcome
    assert desk.issue.fields["customfield_10041"]


@pytest.mark.parametrize("name", ["Ada Lovelake", "ada lovelake", "ada@example.example"])
def test_a_person_is_found_by_name_or_address(town: JiraTown, name: str) -> None:
    desk = Desk(town)
    ada = town.desk.users["ada"]
    shown = {"accountId": ada.account_id} if town.is_cloud else {"name": ada.name, "key": ada.key}
    shown |= {"displayName": "Ada Lovelake", "emailAddress": "ada@example.example"}
    other = {"accountId": "x", "name": "x", "displayName": "Ada Lovelakeson"}
    found = msgspec.json.encode([shown, other]).decode()
    town.faults.add(kind="body", path="assignable/search", status=200, body=found, headers=JSON)
    assert kinds(desk.write(Assign(desk.ref, "k", name, WHY))) == ["confirmed"]
    assert desk.issue.fields["assignee"] == "ada"


@pytest.mark.parametrize(
    ("found", "message"),
    [([], 'nobody called "Ada"'), ([{"displayName": "Ada"}] * 2, '2 people called "Ada"')],
    ids=["nobody", "two"],
)
def test_a_person_who_is_not_exactly_one_is_not_guessed(
    town: JiraTown, found: list[dict[str, str]], message: str
) -> None:
    desk = Desk(town)
    body = msgspec.json.encode(found).decode()
    town.faults.add(kind="body", path="assignable/search", status=200, body=body, headers=JSON)
    (outcome,) = desk.write(Assign(desk.ref, "k", "Ada", WHY))
    assert outcome.kind == "rejected"
    assert message in outcome.message


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        ("status", "Closed", "a status is reached by a transition"),
        ("imapct", "High", 'Jira has no field "imapct"'),
        ("priority", "Doomed", "priority selected is invalid"),
    ],
    ids=["status", "unknown", "value"],
)
def test_fields_of_people_that_cannot_be_set_are_rejected(
    town: JiraTown, name: str, said: str, message: str
) -> None:
    desk = Desk(town)
    (outcome,) = desk.write(SetTicketFields(desk.ref, "k", ((name, said),), WHY))
    assert outcome.kind == "rejected"
    assert message in outcome.message


def test_labels_can_be_set_and_added_at_once(town: JiraTown) -> None:
    desk = Desk(town)
    outcomes = desk.write(
        SetTicketFields(desk.ref, "k1", (("labels", "only"),), WHY),
        AddLabels(desk.ref, "k2", ("too",), WHY),
    )
    assert kinds(outcomes) == ["confirmed", "confirmed"]
    assert desk.issue.fields["labels"] == ("only", "too")


def test_labels_can_be_taken_away(town: JiraTown) -> None:
    desk = Desk(town)
    town.edit(desk.identity, labels=("a", "b"))
    desk.write(SetTicketFields(desk.ref, "k1", (("labels", "-a"),), WHY))
    assert desk.issue.fields["labels"] == ("b",)


def test_notifying_is_nothing_that_jira_does(town: JiraTown) -> None:
    desk = Desk(town)
    assert kinds(desk.write(Notify(desk.ref, "k", "ops", "text", WHY))) == ["rejected"]


def test_our_writes_make_no_second_history_when_nothing_differs(town: JiraTown) -> None:
    desk = Desk(town)
    for _ in range(2):
        desk.write(desk.fields(("SLA status", "Met"), ("SLA due", DUE)))
    assert len(desk.issue.histories) == 1
