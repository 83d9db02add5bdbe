"""Atlassian Document Format: checked as Cloud checks it, turned to text and back."""

from __future__ import annotations

from typing import Any

LIMIT = 32_767
Node = dict[str, Any]
"""Any: a document is whatever JSON was sent until it is checked."""

_BLOCKS = {
    "paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "rule",
    "panel", "table", "expand", "mediaSingle", "mediaGroup", "taskList", "decisionList",
    "blockCard",
}  # fmt: skip
_INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"}
_CHILDREN: dict[str, set[str]] = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": {"text"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle"},
    "blockquote": {"paragraph", "bulletList", "orderedList", "codeBlock"},
    "panel": {"paragraph", "heading", "bulletList", "orderedList", "codeBlock", "rule"},
    "expand": _BLOCKS - {"expand"} | {"nestedExpand"},
    "nestedExpand": {"paragraph", "heading", "bulletList", "orderedList", "codeBlock", "panel"},
    "table": {"tableRow"},
    "tableRow": {"tableCell", "tableHeader"},
    "tableCell": _BLOCKS - {"table", "expand"} | {"nestedExpand"},
    "tableHeader": _BLOCKS - {"table", "expand"} | {"nestedExpand"},
}
_MARKS = {
    "strong", "em", "code", "strike", "underline", "link", "textColor", "subsup",
    "backgroundColor", "annotation",
}  # fmt: skip
_MUST_HAVE: dict[str, tuple[str, set[Any] | None]] = {
    "panel": ("panelType", {"info", "note", "tip", "warning", "error", "success", "custom"}),
    "heading": ("level", {1, 2, 3, 4, 5, 6}),
    "mention": ("id", None),
    "status": ("text", None),
}
_STARTS_LINE = {"paragraph", "heading", "codeBlock", "listItem", "tableRow", "rule", "expand"}


def is_document(said: object) -> bool:
    """Whether Cloud would take it: nodes, their nesting, marks and needed attributes are known."""
    if not isinstance(said, dict) or said.get("type") != "doc" or said.get("version") != 1:
        return False
    return set(said) <= {"type", "version", "content"} and _sound(said)


def _sound(node: Node) -> bool:
    kind = str(node.get("type"))
    if kind == "text":
        return _sound_text(node)
    if kind in _MUST_HAVE and not _has_attribute(node, *_MUST_HAVE[kind]):
        return False
    content = node.get("content", [])
    if not isinstance(content, list):
        return False
    allowed = _CHILDREN.get(kind, set())
    return all(
        isinstance(child, dict) and child.get("type") in allowed and _sound(child)
        for child in content
    )


def _has_attribute(node: Node, name: str, values: set[Any] | None) -> bool:
    attributes = node.get("attrs", {})
    return name in attributes and (values is None or attributes[name] in values)


def _sound_text(node: Node) -> bool:
    text = node.get("text")
    marks = node.get("marks", [])
    return isinstance(text, str) and text != "" and all(m.get("type") in _MARKS for m in marks)


def to_text(node: Node) -> str:
    """The words of a document, a line for each block; what v2 and the pages show."""
    return "".join(_pieces(node)).strip("\n")


def _pieces(node: Node) -> list[str]:
    kind = node.get("type")
    attributes = node.get("attrs", {})
    if kind == "text":
        return [node["text"]]
    if kind in ("mention", "status", "emoji"):
        return [str(attributes.get("text") or attributes.get("id") or "")]
    pieces = ["\n"] if kind in _STARTS_LINE | {"hardBreak"} else []
    if kind == "expand" and attributes.get("title"):
        pieces.append(str(attributes["title"]))
    for child in node.get("content", []):
        pieces += _pieces(child)
        if child.get("type") in ("tableCell", "tableHeader"):
            pieces.append("\t")
    return pieces


def from_text(text: str) -> Node:
    """A document of plain paragraphs, one a line."""
    lines = [{"type": "text", "text": line} for line in text.split("\n") if line]
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [line]} for line in lines],
    }
