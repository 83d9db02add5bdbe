"""What a step of a ladder does: one deed an action, each with a key that is its own."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from sla_engine.actions import ACTIONS, comment, notify
from sla_engine.actions.context import Context
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Deed,
    Notify,
    SetTicketFields,
    Transition,
    Way,
    Why,
)
from sla_engine.conditions import ALWAYS
from sla_engine.model import Ref, Verdict
from sla_engine.problems import Where
from sla_engine.terms import Argument, Policy
from sla_engine.units import HOUR, MINUTE, Millis
from tests.engine.desk import at

REF = Ref("jira", "SUP-7", "10007")
WHY = Why("75% of resolution reached", Where("gold.yaml", 14), "history 1")
VERDICT = Verdict(
    REF, "gold", "a1f3c9e", "first_response", 1, "running", "running", at("09:00"),
    elapsed=Millis(3 * HOUR), limit=Millis(4 * HOUR), left=Millis(HOUR), due_at=at("13:00"),
)  # fmt: skip
AT = at("12:00")
CONTEXT = Context(
    REF, "gold.first_response#1:75%", "75%", VERDICT, Policy("gold", ALWAYS, ()),
    {"status": "Open", "priority": "P1", "team": "Payments"}, ZoneInfo("Europe/Berlin"), WHY, at=AT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument", "deeds"),
    [
        pytest.param(
            "assign", "tier2",
            [Assign(REF, "gold.first_response#1:75%:assign:tier2", "tier2", WHY,
                    (("team", "Payments"), ("assignee", None)), AT)],
            id="assign",
        ),
        pytest.param(
            "transition", "Escalated",
            [Transition(REF, "gold.first_response#1:75%:transition:Escalated", "Escalated", WHY,
                        (("status", "Open"),), AT)],
            id="transition",
        ),
        pytest.param("transition", "Open", [], id="there already"),
        pytest.param(
            "set", (("impact", "1"), ("urgency", "2")),
            [SetTicketFields(REF, "gold.first_response#1:75%:set",
                             (("impact", "1"), ("urgency", "2")), WHY,
                             (("impact", None), ("urgency", None)), AT)],
            id="fields",
        ),
        pytest.param(
            "set", (("labels", "+sla-breached"),),
            [AddLabels(REF, "gold.first_response#1:75%:labels", ("sla-breached",), WHY, AT)],
            id="a label is added",
        ),
        pytest.param(
            "set", (("impact", "1"), ("labels", "+late")),
            [AddLabels(REF, "gold.first_response#1:75%:labels", ("late",), WHY, AT),
             SetTicketFields(REF, "gold.first_response#1:75%:set", (("impact", "1"),), WHY,
                             (("impact", None),), AT)],
            id="both",
        ),
        pytest.param(
            "set", (("labels", "late"), ("note", "+1")),
            [SetTicketFields(REF, "gold.first_response#1:75%:set",
                             (("labels", "late"), ("note", "+1")), WHY,
                             (("labels", None), ("note", None)), AT)],
            id="a plus is a label's alone",
        ),
    ],
)  # fmt: skip
def test_an_action_yields_its_deeds(name: str, argument: Argument, deeds: list[Deed]) -> None:
    assert list(ACTIONS[name](CONTEXT, argument)) == deeds


def test_only_channels_that_can_be_reached_are_told() -> None:
    reachable = msgspec.structs.replace(CONTEXT, channels={"slack:#x"})
    told = list(notify.deeds(reachable, ["assignee", "slack:#x", "lead"], "late"))
    key = "gold.first_response#1:75%:notify:slack:#x"
    assert told == [Notify(REF, key, "slack:#x", "SUP-7: late", WHY, at=AT)]
    assert list(notify.deeds(CONTEXT, ["assignee"], "late")) == []


FACTS = (
    ("ticket", "SUP-7"), ("policy", "gold"), ("clock", "first_response"), ("cycle", "1"),
    ("step", "75%"), ("state", "running"), ("elapsed_ms", "10800000"), ("limit_ms", "14400000"),
    ("due_at", "2026-11-16T13:00:00Z"), ("priority", "P1"), ("team", "Payments"),
)  # fmt: skip


@pytest.mark.parametrize("way", ["page", "webhook", "run"])
def test_a_channel_is_called_with_what_programs_need(way: Way) -> None:
    reachable = msgspec.structs.replace(CONTEXT, channels={"duty"})
    (call,) = ACTIONS[way](reachable, "duty")
    assert isinstance(call, Notify)
    assert call.key == f"gold.first_response#1:75%:{way}:duty"
    assert call.text.startswith("SUP-7: [At risk] First response: 1 h left")
    assert (call.way, call.facts) == (way, FACTS)
    assert list(ACTIONS[way](reachable, "nobody")) == []


def test_a_call_says_whose_clock_it_is() -> None:
    theirs = msgspec.structs.replace(VERDICT, of="Network")
    (call,) = ACTIONS["page"](
        msgspec.structs.replace(CONTEXT, verdict=theirs, channels={"duty"}), "duty"
    )
    assert isinstance(call, Notify)
    assert dict(call.facts)["of"] == "Network"


def test_a_reply_says_the_ladders_words_alone_and_to_everybody() -> None:
    (said,) = ACTIONS["reply"](CONTEXT, "We are on it; {left} left. {unknown}")
    key = "gold.first_response#1:75%:reply"
    lines = ("We are on it; 1 h left. {unknown}",)
    assert said == AddComment(REF, key, lines, WHY, internal=False, at=AT)


def test_a_comment_has_our_head_their_words_and_who_was_told() -> None:
    reachable = msgspec.structs.replace(CONTEXT, channels={"slack:#x"})
    texts, recipients = ["Look at {key}.", "", "Due {due}."], ["slack:#x", "team_lead"]
    said = comment.deed(reachable, texts, recipients)
    assert isinstance(said, AddComment)
    assert (said.key, said.why, said.internal) == (CONTEXT.key, WHY, True)
    head, first, second, told, attention, hint = said.lines
    assert head.startswith("[At risk] First response: 1 h left, due Mon 16 Nov 14:00 CET")
    assert (first, second) == ("Look at SUP-7.", "Due Mon 16 Nov 14:00 CET.")
    assert (told, attention) == ("Escalated to: #x.", "For the attention of: team lead.")
    assert hint.startswith("Next: ")


@pytest.mark.parametrize(
    ("recipients", "channels", "lines"),
    [
        pytest.param(["slack:#x"], {"slack:#x"}, ["Escalated to: #x."], id="a channel"),
        pytest.param(["slack:#x"], set(), [], id="a channel that nobody set up"),
        pytest.param(["team_lead"], {"team_lead"}, ["Escalated to: team lead."],
                     id="a role with a channel"),
        pytest.param(
            ["assignee", "slack:#x", "Ada Lovelake"], set(),
            ["For the attention of: assignee, Ada Lovelake."],
            id="people, whom only the comment reaches",
        ),
    ],
)  # fmt: skip
def test_a_comment_never_claims_what_did_not_happen(
    recipients: list[str], channels: set[str], lines: list[str]
) -> None:
    reachable = msgspec.structs.replace(CONTEXT, channels=channels)
    said = comment.deed(reachable, [], recipients)
    assert list(said.lines[1:-1]) == lines


def test_the_segments_fold_away_under_it() -> None:
    assert comment.deed(CONTEXT, [], []).detail == ()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{clock} of {policy}", "First response of gold"),
        ("due {due}, {left} left", "due Mon 16 Nov 14:00 CET, 1 h left"),
        ("{used} of {target}", "3 h of 4 h"),
        ("{key} {priority} {team}", "SUP-7 P1 Payments"),
        ("{unknown} {} {{key}}", "{unknown} {} {SUP-7}"),
        ("no braces", "no braces"),
    ],
)
def test_placeholders_are_filled(text: str, filled: str) -> None:
    assert comment.fill(text, CONTEXT) == filled


def test_what_is_not_there_is_said_in_words() -> None:
    nothing = msgspec.structs.replace(
        CONTEXT,
        verdict=Verdict(REF, "gold", "", "resolution", 1, "none", "running"),
        fields={"priority": None, "team": ""},
    )
    text = "{due}|{left}|{used}|{target}|{priority}|{team}"
    filled = "no due date|no target|0 min|no target|no priority|no team"
    assert comment.fill(text, nothing) == filled


def test_a_breach_is_what_was_due_where_nothing_is() -> None:
    over = msgspec.structs.replace(
        VERDICT, due_at=None, breached_at=at("12:00"), left=Millis(-38 * MINUTE)
    )
    context = msgspec.structs.replace(CONTEXT, verdict=over)
    assert comment.fill("{due} {left}", context) == "Mon 16 Nov 13:00 CET -38 min"


def test_words_of_a_ticket_are_never_read_as_placeholders() -> None:
    sly = msgspec.structs.replace(CONTEXT, fields={"priority": "{policy}", "team": "{{due}}"})
    assert comment.fill("{priority} {team}", sly) == "{policy} {{due}}"
