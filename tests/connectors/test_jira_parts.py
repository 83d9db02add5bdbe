"""The parts of the Jira connector by themselves: texts, times, stories, cursors, settings."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.jira import text
from connectors.jira.cursor import BEGINNING, MOST_SEEN, Cursor, read_cursor
from connectors.jira.fields import Field, FieldSchema, Plan, UnknownFieldError, find, make_plan
from connectors.jira.journal import Teller, Whole
from connectors.jira.metadata import Status
from connectors.jira.reading import Rows, comments_of, search_jql
from connectors.jira.settings import JiraSettings
from connectors.jira.wire import CommentPage, History, Issue, UnreadableError, instant
from sandbox.jira.adf import is_document
from sla_engine.model import Ticket
from sla_engine.presets import FIELDS
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant, Millis, parse_iso

# Times


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("2026-11-21T10:52:00.123+0100", "2026-11-21T09:52:00.123Z"),
        ("2026-11-21T04:52:00.123-0500", "2026-11-21T09:52:00.123Z"),
        ("2026-11-21T09:52:00Z", "2026-11-21T09:52:00Z"),
        (1_795_254_720_123, "2026-11-21T09:52:00.123Z"),
        (1_795_254_720, "2026-11-21T09:52:00Z"),
        (1_795_254_720.5, "2026-11-21T09:52:00.500Z"),
        ("1795254720123", "2026-11-21T09:52:00.123Z"),
    ],
    ids=["offset", "behind", "utc", "ms", "seconds", "fraction", "digits"],
)
def test_a_time_in_every_form(said: str | int | float, iso: str) -> None:
    assert instant(said) == parse_iso(iso)


@pytest.mark.parametrize(
    "said", ["", "yesterday", "2026-11-21T09:52:00", -5, 1e300, "9" * 400, float("inf")], ids=str
)
def test_what_is_no_time_is_unreadable(said: str | int | float) -> None:
    with pytest.raises(UnreadableError):
        instant(said)


# Texts

LINES = st.lists(st.text(max_size=60), max_size=5)
KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30)
ATTACKS = [
    "[~accountid:5b10ac8d82e05b22cc7d4ef5]",
    "[~admin]",
    "!http://evil.example/x.png!",
    "{html}<script>alert(1)</script>{html}",
    "{code}rm -rf{code}",
    "[click|javascript:alert(1)]",
    "https://evil.example/phish",
    "h1. Huge",
    "bq. quoted",
    "# list",
    "||head||",
    "*bold* _it_ -gone- +new+ ^up^ ~down~ ??cite??",
    "{{mono}}",
    "\\[~admin]",
    "{noformat}",
    "\x00\x07\u202egnp.exe",
]


@given(LINES, LINES, KEYS)
def test_every_comment_is_a_document_that_cloud_takes(
    lines: list[str], detail: list[str], key: str
) -> None:
    made = text.comment(lines, detail, key)
    assert is_document(made)
    assert text.mark_of(made) == key.strip() or not key.strip()


@given(LINES, LINES, KEYS)
def test_a_mark_is_found_again_in_wiki_markup(
    lines: list[str], detail: list[str], key: str
) -> None:
    assert text.mark_of(text.wiki_comment(lines, detail, key)) == key


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_in_a_document_is_text_alone(attack: str) -> None:
    made = text.comment([attack], [attack], "k")
    kinds = {node["type"] for node in _nodes(made)}
    assert kinds <= {"doc", "panel", "paragraph", "expand", "codeBlock", "text"}
    marked = [node for node in _nodes(made) if node.get("marks")]
    assert [node["text"] for node in marked] == ["sla:k"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_in_wiki_markup_is_inert(attack: str) -> None:
    line = text.escaped(attack)
    bare = line.replace("\\\\", "").split("\\")
    opened = "".join([bare[0], *(part[1:] for part in bare[1:])])
    assert not set("{}[]!") & set(opened)
    assert "//" not in line
    assert not line.startswith(("h1.", "bq.", "#", "|"))
    assert not any(ord(one) < 32 or "\u202a" <= one <= "\u202e" for one in line)


def test_the_detail_cannot_leave_its_box() -> None:
    made = text.wiki_comment(["a"], ["{noformat}", "[~admin]"], "k")
    assert made.count("{noformat}") == 2


def test_ordinary_words_are_not_disfigured() -> None:
    said = "Resolution due Sat 21 Nov 11:30 CET · 2026-11-21 · 79 % of 3 h, sla-bot, 3-4 h (late)"
    assert text.escaped(said) == said


@pytest.mark.parametrize(
    ("line", "panel"),
    [("[Breached] x", "error"), ("[At risk] x", "warning"), ("Deadline moved", "info")],
)
def test_a_panel_has_the_colour_of_its_first_word(line: str, panel: str) -> None:
    node = _nodes(text.comment([line], [], "k"))[1]
    assert node["attrs"] == {"panelType": panel}


def test_a_long_comment_is_cut_and_keeps_its_mark() -> None:
    made = text.comment(["x" * 100_000], ["y" * 100_000], "k")
    assert len(text.plain(made)) < 32_767
    assert "(cut)" in text.plain(made)
    assert text.mark_of(made) == "k"


def _paragraph(*words: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(words)}


def _said(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def test_a_comment_is_a_panel_what_is_folded_away_and_its_mark() -> None:
    panel: dict[str, Any] = {"type": "panel", "attrs": {"panelType": "success"}}
    panel |= {"content": [_paragraph(_said("[Met] a")), _paragraph(), _paragraph(_said("b"))]}
    code = {"type": "codeBlock", "content": [_said("c\nd")]}
    folded = {"type": "expand", "attrs": {"title": "Details"}, "content": [code]}
    mark = _paragraph({**_said("sla:k"), "marks": [{"type": "code"}]})
    whole = {"type": "doc", "version": 1, "content": [panel, folded, mark]}
    assert text.comment(["[Met] a", "", "b"], ["c", "d"], "k") == whole
    assert text.comment(["[Met] a", "", "b"], [], "k") == {**whole, "content": [panel, mark]}


def test_a_document_is_never_empty() -> None:
    assert text.document(["a"])["content"] == [_paragraph(_said("a"))]
    assert text.document([]) == {"type": "doc", "version": 1, "content": [_paragraph()]}


def test_wiki_markup_boxes_details_where_there_are_any() -> None:
    assert text.wiki_comment(["a"], [], "k") == "a\n{{sla:k}}"
    assert text.wiki_comment(["a"], ["b", "c"], "k") == (
        "a\n{noformat}\nb\nc\n{noformat}\n{{sla:k}}"
    )


def test_a_comment_takes_so_many_characters_and_no_more() -> None:
    room = text.LONGEST // 2
    assert room == 15_000
    assert text.cut(["x" * room]) == ["x" * room]
    assert text.cut(["x" * (room + 1)]) == ["x" * room + "… (cut)"]
    fits = ["x" * 10_000, "y" * 4_999]
    assert text.cut(fits) == fits
    assert text.cut(["x" * 10_000, "y" * 5_000, "z"]) == [fits[0], fits[1] + "… (cut)"]


def test_the_text_of_a_document_has_a_line_for_each_block() -> None:
    line = _paragraph(_said("a"), _said("b"), {"type": "hardBreak"}, _said("c"))
    mention = _paragraph({"type": "mention", "text": "@ada"}, "stray")  # type: ignore[arg-type]  # what no site sends
    assert text.plain({"type": "doc", "content": [line, mention, _paragraph(_said("d"))]}) == (
        "ab\nc\n\nd"
    )


@pytest.mark.parametrize("body", [None, "", "text", {}, {"type": "doc"}, 7, "sla:", ["x"]], ids=str)
def test_what_bears_no_mark_has_none(body: object) -> None:
    assert text.mark_of(body) == ""


def _nodes(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = [found for child in node.get("content", ()) for found in _nodes(child)]
    return [node, *inner]


# Fields

FIELDS_OF_SITE = (
    *(Field(name, name.title()) for name in ("summary", "created", "updated", "creator")),
    Field("project", "Project", schema=FieldSchema("project")),
    Field("issuetype", "Issue Type", schema=FieldSchema("issuetype")),
    Field("status", "Status", schema=FieldSchema("status")),
    Field("priority", "Priority", schema=FieldSchema("priority")),
    Field("assignee", "Assignee", schema=FieldSchema("user")),
    Field("reporter", "Reporter", schema=FieldSchema("user")),
    Field("labels", "Labels", schema=FieldSchema("array", "string")),
    Field("components", "Components", schema=FieldSchema("array", "component")),
    Field("resolution", "Resolution", schema=FieldSchema("resolution")),
    Field("customfield_1", "Tier", True, FieldSchema("option")),
    Field("customfield_2", "SLA due", True, FieldSchema("datetime")),
    Field("customfield_3", "SLA missed", True, FieldSchema("array", "string")),
    Field("customfield_4", "Notes", True, FieldSchema("string", custom="x:textarea")),
)


@pytest.mark.parametrize("said", ["customfield_1", "cf[1]", "Tier", "tier"])
def test_a_field_is_found_by_id_number_or_name(said: str) -> None:
    assert find(FIELDS_OF_SITE, said).id == "customfield_1"


def plan(**sources: str) -> Plan:
    terms = {name: FieldTerms(name, {"jira": source}) for name, source in sources.items()}
    return make_plan(FIELDS_OF_SITE, {**FIELDS, **terms}, ["SLA due", "SLA missed"])


def test_a_plan_asks_for_what_it_needs_and_no_more() -> None:
    made = plan(tier="Tier")
    assert "customfield_4" not in made.asked
    assert {"summary", "status", "customfield_1", "customfield_2"} <= set(made.asked)
    assert len(made.asked) == len(set(made.asked))
    assert len(made.history_ids) <= 10


def test_a_site_may_lack_what_only_a_preset_names() -> None:
    site = [field for field in FIELDS_OF_SITE if field.id != "components"]
    assert "components" not in make_plan(site, FIELDS, []).canonical
    mine = {"components": FieldTerms("components", {"jira": "Parts"})}
    with pytest.raises(UnknownFieldError, match="field components of the policies"):
        make_plan(site, mine, [])


# Stories


class Site:
    """Two statuses, ourselves, and a project that was left."""

    own_id = "bot"
    statuses: Mapping[str, Status] = {  # a constant of the test
        "1": Status("1", "Open", "new"),
        "3": Status("3", "In Progress", "in_progress"),
        "5": Status("5", "Resolved", "done"),
    }

    def project_key(self, identity: str) -> str | None:
        return {"100": "OPS"}.get(identity)


def item(field: str, old: str | None, new: str | None, **more: str | None) -> dict[str, object]:
    return {"field": field, "fieldId": field, "fromString": old, "toString": new, **more}


def history(number: int, at: int, *items: dict[str, object]) -> dict[str, object]:
    author = {"accountId": "ada", "displayName": "Ada Lovelake", "accountType": "atlassian"}
    return {"id": str(number), "created": at, "author": author, "items": list(items)}


FIRST = 1_790_000_000_000
ISSUE: dict[str, Any] = {
    "id": "10001",
    "key": "SUP-1",
    "fields": {
        "summary": "Checkout is slow",
        "created": "2026-09-21T14:13:20.000+0000",
        "updated": "2026-11-21T10:52:00.000+0100",
        "project": {"id": "101", "key": "SUP", "name": "Support"},
        "issuetype": {"id": "7", "name": "Incident"},
        "status": {"id": "5", "name": "Resolved", "statusCategory": {"key": "done"}},
        "priority": {"id": "2", "name": "High"},
        "assignee": {"accountId": "ada", "displayName": "Ada Lovelake"},
        "reporter": {"accountId": "carla", "accountType": "customer"},
        "creator": {"accountId": "carla", "accountType": "customer"},
        "labels": ["eu"],
        "components": [{"id": "1", "name": "web"}, {"id": "2", "name": "api"}],
        "resolution": {"id": "1", "name": "Done"},
        "customfield_1": {"id": "11", "value": "gold"},
        "customfield_2": None,
        "customfield_3": None,
        "comment": {
            "total": 1,
            "comments": [
                {
                    "id": "400",
                    "created": "2026-09-21T14:20:00.000+0000",
                    "author": {"accountId": "carla"},
                    "jsdPublic": True,
                    "body": {"type": "doc", "version": 1, "content": []},
                }
            ],
        },
    },
}
HISTORIES = [
    history(1, FIRST + 1000, item("status", "Open", "In Progress", **{"from": "1", "to": "3"})),
    history(
        2,
        FIRST + 2000,
        item("components", None, "api", to="2"),
        item("components", "db", None, **{"from": "3"}),
        item("priority", "Low", "High", **{"from": "4", "to": "2"}),
    ),
    history(3, FIRST + 2000, item("assignee", None, "Ada Lovelake", to="ada")),
    history(4, FIRST + 3000, item("labels", "web eu", "eu")),
    history(
        5,
        FIRST + 4000,
        item("project", "Operations", "Support", **{"from": "100", "to": "101"}),
        {"field": "Key", "fromString": "OPS-9", "toString": "SUP-1"},
    ),
    history(
        6,
        FIRST + 5000,
        item("status", "In Progress", "Resolved", **{"from": "3", "to": "5"}),
        item("resolution", None, "Done", to="1"),
        item("Rank", "", "Ranked higher"),
    ),
]
TELLER = Teller("jira/acme", "https://acme.example", plan(tier="Tier"), Site())


def whole(issue: object = ISSUE, histories: object = HISTORIES) -> Whole:
    parsed = msgspec.json.decode(msgspec.json.encode(issue), type=Issue)
    told = msgspec.convert(histories, tuple[History, ...])
    return Whole(parsed, told, comments_of(parsed).comments)


def told(ticket: Ticket) -> list[tuple[str, object, object]]:
    return [(event.field, event.old, event.new) for event in ticket.journal]


def test_a_story_is_told_in_canonical_words() -> None:
    ticket = TELLER.ticket(whole())
    assert told(ticket) == [
        ("status", "Open", "In Progress"),
        ("status_category", "new", "in_progress"),
        ("priority", "Low", "High"),
        ("components", ("web", "db"), ("web", "api")),
        ("assignee", None, "ada"),
        ("labels", ("web", "eu"), ("eu",)),
        ("project", "OPS", "SUP"),
        ("status", "In Progress", "Resolved"),
        ("status_category", "in_progress", "done"),
        ("resolution", None, "Done"),
        ("comment", None, "public"),
    ]
    assert ticket.initial["components"] == ("web", "db")
    assert ticket.initial["project"] == "OPS"
    assert ticket.initial["status_category"] == "new"
    assert ticket.initial["tier"] == "gold"
    assert not ticket.incomplete


@given(st.randoms(use_true_random=False))
def test_the_order_of_arrival_leaves_no_trace(order: random.Random) -> None:
    shuffled = list(HISTORIES)
    order.shuffle(shuffled)
    assert TELLER.ticket(whole(histories=shuffled)) == TELLER.ticket(whole())


def test_histories_of_one_millisecond_follow_their_numbers() -> None:
    there = item("labels", "eu", "eu x")
    back = item("labels", "eu x", "eu")
    log = [history(10, FIRST + 9000, back), history(9, FIRST + 9000, there)]
    ticket = TELLER.ticket(whole(histories=[*HISTORIES, *log]))
    assert [event.new for event in ticket.journal if event.field == "labels"][-2:] == [
        ("eu", "x"),
        ("eu",),
    ]
    alone = TELLER.ticket(whole(histories=log))
    assert alone.initial["labels"] == ("eu",)


@pytest.mark.parametrize(
    ("more", "visibility"),
    [
        ({"jsdPublic": True}, "public"),
        ({"jsdPublic": False}, "internal"),
        ({"jsdPublic": True, "visibility": {"type": "role", "value": "Staff"}}, "public"),
        ({"visibility": {"type": "role", "value": "Staff"}}, "internal"),
        ({"visibility": None}, "public"),
        ({}, "public"),
    ],
    ids=str,
)
def test_who_sees_a_comment(more: dict[str, object], visibility: str) -> None:
    said = {"id": "7", "created": FIRST + 1, "author": {"accountId": "ada"}, **more}
    fields = ISSUE["fields"] | {"comment": {"comments": [said]}}
    ticket = TELLER.ticket(whole(ISSUE | {"fields": fields}, histories=()))
    assert [event.new for event in ticket.journal] == [visibility]


@pytest.mark.parametrize(
    "left_out",
    [("from",), ("fromString",), ("fieldId",), ("author",), ("from", "fromString")],
    ids=str,
)
def test_missing_parts_of_histories_are_borne(left_out: tuple[str, ...]) -> None:
    bare = [
        {
            **{name: value for name, value in one.items() if name not in left_out},
            "items": [
                {name: value for name, value in part.items() if name not in left_out}
                for part in one["items"]  # type: ignore[attr-defined]  # items of the test's own
            ],
        }
        for one in HISTORIES
    ]
    ticket = TELLER.ticket(whole(histories=bare))
    assert [event.new for event in ticket.journal if event.field == "status"] == [
        "In Progress",
        "Resolved",
    ]
    assert not ticket.incomplete


def test_a_history_that_ends_elsewhere_is_a_hole() -> None:
    torn = TELLER.ticket(whole(histories=HISTORIES[:-1]))
    assert [gap.field for gap in torn.gaps] == ["status", "status_category"]
    assert not TELLER.ticket(whole(histories=())).gaps


# Whatever a server may send


def _broken(value: Any, rng: random.Random) -> Any:
    """The value with one part of it deleted, retyped, or gone mad."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(sorted(value))
        if rng.random() < 0.2:
            return {key: inner for key, inner in value.items() if key != name}
        return {**value, name: _broken(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        return [_broken(one, rng) if n == place else one for n, one in enumerate(value)]
    return rng.choice(
        [None, "", "x", 0, -1, 1.5, 2**63, 2**64, True, [], {}, [None], {"id": []}, "\x00",
         "9" * 5000, "ſ" * 9, [[[]]], {"displayName": {}}, "2026-99-99T00:00:00Z", "1" * 25]
    )  # fmt: skip


@settings(max_examples=400)
@given(st.randoms(use_true_random=False), st.booleans())
def test_no_payload_does_more_than_make_its_own_ticket_unreadable(
    rng: random.Random, in_histories: bool
) -> None:
    issue = ISSUE if in_histories else _broken(ISSUE, rng)
    histories = _broken(HISTORIES, rng) if in_histories else HISTORIES
    rows = Rows()
    raw = msgspec.json.encode(issue)
    rows.add(
        [msgspec.Raw(raw), msgspec.Raw(msgspec.json.encode(ISSUE | {"id": "2", "key": "B-2"}))]
    )
    rows.updated()
    assert "2" in rows.issues
    for one in rows.issues.values():
        try:
            log = msgspec.convert(histories, tuple[History, ...])
            comments: CommentPage = comments_of(one)
            TELLER.ticket(Whole(one, log, comments.comments))
        except (UnreadableError, msgspec.ValidationError):
            continue


# Cursors

TIMES = st.integers(0, 2_000_000).map(lambda n: Instant(BEGINNING + n))
ROWS = st.dictionaries(st.integers(1, 50).map(str), TIMES, max_size=20)


@given(st.lists(st.tuples(TIMES, ROWS), max_size=6))
def test_a_cursor_only_goes_forward_and_remembers_its_overlap(
    steps: list[tuple[Instant, dict[str, Instant]]],
) -> None:
    overlap = Millis(300_000)
    cursor = Cursor(BEGINNING, "plan")
    for reached, rows in steps:
        after = cursor.advanced(reached, rows, overlap)
        assert after.at >= cursor.at
        assert all(at >= after.at - overlap for at in after.seen.values())
        near = {one for one, at in rows.items() if at >= after.at - overlap}
        assert near <= set(after.seen)
        assert read_cursor(after.text(), "plan") == after
        assert read_cursor(after.text(), "another plan") == Cursor(BEGINNING, "another plan")
        cursor = after


def test_a_cursor_does_not_grow_for_ever() -> None:
    rows = {str(n): Instant(BEGINNING + n) for n in range(MOST_SEEN * 2)}
    cursor = Cursor(BEGINNING, "plan").advanced(BEGINNING, rows, Millis(300_000))
    assert len(cursor.seen) == MOST_SEEN
    assert str(MOST_SEEN * 2 - 1) in cursor.seen


# Settings and JQL


def test_the_jql_of_a_pull_has_a_lower_bound_in_milliseconds_and_no_upper_one() -> None:
    scope = JiraSettings(url="https://a.example", projects=("SUP", "OPS"), jql="a = b OR c = d")
    assert search_jql(scope.scope, Instant(17)) == (
        'project in ("SUP", "OPS") AND (a = b OR c = d) AND updated >= 17 '
        "ORDER BY updated ASC, key ASC"
    )
    assert search_jql("", Instant(17)) == "updated >= 17 ORDER BY updated ASC, key ASC"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://acme.example"}, "https"),
        ({"url": "acme.example"}, "no address"),
        ({"url": "https://a.example", "projects": ["sup"]}, "pattern"),
        ({"url": "https://a.example", "projects": ['SUP") OR (1=1']}, "pattern"),
        ({"url": "https://a.example", "jql": "x = 1 order  by y"}, "ORDER BY"),
        ({"url": "https://a.example", "overlap": "5 minutes"}, "5m"),
        ({"url": "https://a.example", "overlap": "1bd"}, "5m"),
        ({"url": "https://a.example", "token": "x"}, "Extra"),
        ({"url": "https://a.example", "deployment": "server"}, "data_center"),
        ({}, "required"),
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        JiraSettings.model_validate(wrong)
