"""A rich text as HTML, every word escaped: enough of the document format to read a comment."""

from __future__ import annotations

from markupsafe import Markup, escape

from sandbox.jira.adf import Node

_TAGS = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
    "codeBlock": "pre",
    "table": "table",
    "tableRow": "tr",
    "tableCell": "td",
    "tableHeader": "th",
}
_MARKS = {"strong": "b", "em": "i", "code": "code", "strike": "s", "underline": "u"}


def to_html(body: str | Node | None) -> Markup:
    """Paragraphs for a text; for a document its blocks, an `expand` folded."""
    if isinstance(body, dict):
        return _children(body)
    return Markup("").join(Markup("<p>{}</p>").format(line) for line in (body or "").split("\n"))


def _children(node: Node) -> Markup:
    return Markup("").join(_node(child) for child in node.get("content", []))


def _node(node: Node) -> Markup:
    kind = node["type"]
    if kind == "text":
        return _text(node)
    if kind in _TAGS:
        return _wrapped(_TAGS[kind], _children(node))
    if kind == "heading":
        return _wrapped("b", _children(node))
    return _special(kind, node.get("attrs", {}), node)


def _special(kind: str, attributes: Node, node: Node) -> Markup:
    if kind == "panel":
        return Markup('<div class="panel {}">{}</div>').format(
            attributes.get("panelType", ""), _children(node)
        )
    if kind in ("expand", "nestedExpand"):
        return Markup("<details><summary>{}</summary>{}</details>").format(
            attributes.get("title") or "More", _children(node)
        )
    if kind == "hardBreak":
        return Markup("<br>")
    if kind == "rule":
        return Markup("<hr>")
    return escape(attributes.get("text") or attributes.get("url") or "") + _children(node)


def _text(node: Node) -> Markup:
    words = escape(node["text"])
    for mark in node.get("marks", []):
        tag = _MARKS.get(mark["type"])
        words = _wrapped(tag, words) if tag else words
    return words


def _wrapped(tag: str, inside: Markup) -> Markup:
    return Markup("<{}>{}</{}>").format(Markup(tag), inside, Markup(tag))  # noqa: S704  # our tags
