"""Documents: what Cloud takes, and what text they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.jira.adf import from_text, is_document, to_text
from sandbox.jira.html import to_html
from tests.sandbox.jira_site import Json


def text(words: str, *marks: str) -> Json:
    node: Json = {"type": "text", "text": words}
    return node | ({"marks": [{"type": mark} for mark in marks]} if marks else {})


def block(kind: str, *content: Json, **attributes: object) -> Json:
    node: Json = {"type": kind, "content": list(content)}
    return node | ({"attrs": attributes} if attributes else {})


def doc(*content: Json) -> Json:
    return {"type": "doc", "version": 1, "content": list(content)}


PARAGRAPH = block("paragraph", text("x"))
COMMENT = doc(
    block("panel", block("paragraph", text("late", "strong"), text(" by 1 h")), panelType="error"),
    block("expand", block("table", block("tableRow", block("tableCell", PARAGRAPH))), title="Why"),
    block("paragraph", text("sla:r#1:breach", "code")),
)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        pytest.param(doc(), True, id="empty"),
        pytest.param(COMMENT, True, id="panel, expand, code"),
        pytest.param(doc(block("bulletList", block("listItem", PARAGRAPH))), True, id="list"),
        pytest.param(doc(block("heading", text("x"), level=2)), True, id="heading"),
        pytest.param(doc(block("paragraph", {"type": "hardBreak"})), True, id="break"),
        pytest.param(
            doc(block("paragraph", {"type": "mention", "attrs": {"id": "7"}})), True, id="mention"
        ),
        pytest.param("text", False, id="text"),
        pytest.param({"type": "doc", "content": []}, False, id="no version"),
        pytest.param(doc() | {"more": 1}, False, id="more"),
        pytest.param(doc(text("x")), False, id="words outside of a block"),
        pytest.param(doc(block("paragraph", PARAGRAPH)), False, id="block in a paragraph"),
        pytest.param(doc(block("blink", text("x"))), False, id="unknown block"),
        pytest.param(doc(block("paragraph", text("x", "blink"))), False, id="unknown mark"),
        pytest.param(doc(block("paragraph", text(""))), False, id="no words"),
        pytest.param(doc(block("panel", PARAGRAPH)), False, id="panel of no kind"),
        pytest.param(doc(block("panel", PARAGRAPH, panelType="loud")), False, id="wrong panel"),
        pytest.param(doc(block("expand", block("expand", PARAGRAPH))), False, id="nested expand"),
        pytest.param(doc({"type": "paragraph", "content": "x"}), False, id="content no list"),
    ],
)
def test_cloud_takes(said: object, taken: bool) -> None:
    assert is_document(said) is taken


def test_its_text_has_a_line_for_each_block() -> None:
    lines = [line.strip() for line in to_text(COMMENT).split("\n") if line.strip()]
    assert lines == ["late by 1 h", "Why", "x", "sla:r#1:breach"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1))
def test_a_line_survives_the_way_there_and_back(line: str) -> None:
    document = from_text(line)
    assert is_document(document)
    assert to_text(document) == line


def test_it_is_shown_as_html_with_a_fold() -> None:
    shown = str(to_html(COMMENT))
    assert '<div class="panel error"><p><b>late</b> by 1 h</p></div>' in shown
    assert "<details><summary>Why</summary><table><tr><td><p>x</p>" in shown
    assert shown.endswith("<p><code>sla:r#1:breach</code></p>")


@given(st.text(st.sampled_from("<>&\"'x")))
def test_words_are_never_markup(words: str) -> None:
    for body in (words, doc(block("expand", block("paragraph", text(words)), title=words))):
        shown = str(to_html(body))
        for tag in ("p", "details", "summary"):
            shown = shown.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
        assert "<" not in shown
        assert ">" not in shown
