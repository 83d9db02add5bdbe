"""S10, S11, S12: what stands in a ticket is text, wherever we put it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import text
from connectors.servicenow.body import note
from reports.rows import write_csv
from reports.screen import harmless
from sla_engine.actions.comment import PLACEHOLDER, fill
from sla_engine.changes import AddComment, Why
from sla_engine.evaluate import evaluate
from tests.security.payloads import EVERY, FORMULAS, PLACED, SERVICENOW
from tests.service.desks import policies, ticket

ADF_NODES = {"doc", "panel", "paragraph", "text", "expand", "codeBlock"}
KEY = "SUP-1:resolution#1:breach"


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("content", ()):
        yield from nodes(child)


# Jira Cloud


@pytest.mark.parametrize("payload", PLACED)
def test_a_document_holds_text_and_nothing_else(payload: str) -> None:
    made = text.comment([payload, "[Breached] x"], [payload], KEY)
    assert {node["type"] for node in nodes(made)} <= ADF_NODES
    marks = [mark for node in nodes(made) for mark in node.get("marks", ())]
    assert marks == [{"type": "code"}]  # of our own line at the end
    assert text.mark_of(made) == KEY
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e]", msgspec.json.encode(made).decode())


def test_there_are_at_least_three_hundred_payloads() -> None:
    assert len(PLACED) >= 300


# Jira Data Center


def unescaped(said: str, signs: str) -> list[str]:
    """The signs that no backslash takes the meaning from."""
    left, at = [], 0
    while at < len(said):
        if said[at] == "\\":
            at += 2
            continue
        left += [said[at]] if said[at] in signs else []
        at += 1
    return left


@pytest.mark.parametrize("payload", PLACED)
def test_wiki_markup_of_a_ticket_means_nothing(payload: str) -> None:
    made = text.escaped(payload)
    assert unescaped(made, "[]{}!") == []
    assert not re.search(r"https?://|^\s*(h[1-6]\.|bq\.|[|#])", made, re.MULTILINE)
    whole = text.wiki_comment([payload], [], KEY)
    assert text.mark_of(whole) == KEY


@given(st.text(alphabet="{}[]!~|\\*_-^+#hbq1.: \n/ax@"))
def test_no_text_opens_a_macro_a_link_or_an_image(payload: str) -> None:
    assert unescaped(text.escaped(payload), "[]{}!") == []


@pytest.mark.parametrize("payload", [p for p in EVERY if "noformat" in p.lower()])
def test_the_box_of_details_cannot_be_left(payload: str) -> None:
    made = text.wiki_comment(["x"], [payload, "after"], KEY)
    assert len(re.findall(r"\{\s*noformat", made.replace("{ ", "( "), re.IGNORECASE)) == 2


# ServiceNow


def seen(said: str) -> str:
    """As a careless reader of tags sees it: without blanks and unseen characters, in small."""
    kept = [c for c in said if unicodedata.category(c) not in ("Cc", "Cf", "Zs", "Zl", "Zp")]
    return "".join(kept).casefold()


@pytest.mark.parametrize("payload", [*SERVICENOW, *PLACED])
def test_a_journal_renders_no_html_and_no_mark_of_others(payload: str) -> None:
    made = note([AddComment(ticket(1).ref, KEY, (payload,), Why("x"), detail=(payload,))])
    assert "[code]" not in seen(made)
    assert "[/code]" not in seen(made)
    assert seen(made).count("[sla:") == 1
    assert made.endswith(f"[sla:{KEY}]")


@given(st.text(alphabet="[]/ codeCODEsla:\u200b\u00ad\t"))
def test_no_text_becomes_a_tag(payload: str) -> None:
    made = seen(note([AddComment(ticket(1).ref, KEY, (payload,), Why("x"))]))
    assert not re.search(r"\[/?code\]", made)


# Placeholders


@pytest.mark.parametrize("payload", EVERY)
def test_a_value_is_put_in_once_and_never_read(payload: str) -> None:
    context = a_context(payload)
    filled = fill("<{team}|{key}|{7*7}|{{7*7}}|{0.x}|${key}|%(key)s>", context)
    assert filled.startswith("<")
    assert "|SUP-1|{7*7}|{{7*7}}|{0.x}|$SUP-1|%(key)s>" in filled
    inside = filled[1 : filled.index("|SUP-1|")]
    assert PLACEHOLDER.findall(inside) == PLACEHOLDER.findall(payload)
    assert not re.search(r"@\w|<[!@]|[\x00-\x1f\x7f-\x9f\u202a-\u202e]", inside)


def a_context(team: str) -> Any:
    from types import SimpleNamespace

    (verdict,) = evaluate(policies(), ticket(1), ticket(1).created_at)
    return SimpleNamespace(
        verdict=verdict,
        ref=ticket(1).ref,
        fields={"team": team, "priority": "P1"},
        policy=policies().policies[0],
        zone=None,
    )


# Spreadsheets


def rows_of(payload: str) -> list[list[str]]:
    one = ticket(1)
    one = msgspec.structs.replace(one, ref=msgspec.structs.replace(one.ref, key=payload))
    out = io.StringIO()
    (verdict,) = evaluate(policies(), one, one.created_at)
    write_csv([(one, msgspec.structs.replace(verdict, policy=payload, of=payload))], out)
    return list(csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True))


@pytest.mark.parametrize("payload", [*FORMULAS, *EVERY])
def test_no_cell_is_a_formula(payload: str) -> None:
    head, row = rows_of(payload)
    assert len(row) == len(head)
    for cell in row:
        assert not cell.startswith(tuple("=+-@\t\r\n\0＝＋－＠"))
    assert payload.lstrip("'") in row[0] or "\0" in payload


# Terminals


@given(st.text())
def test_nothing_on_a_screen_steers_it(words: str) -> None:
    left = harmless(words).replace("\n", "")
    assert not [c for c in left if unicodedata.category(c) == "Cc"]
    assert not set(left) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
