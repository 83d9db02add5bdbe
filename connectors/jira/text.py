"""Comments as Jira wants them: documents (ADF) on Cloud, wiki markup on Data Center.

Whatever stands in a line is text and nothing else: no mention, no link, no macro comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

LONGEST = 30_000
"""Characters of text in one comment; Jira takes 32,767 with markup and all."""
_MARK = re.compile(r"sla:(.+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_WIKI = re.compile(
    r"[\\{}\[\]!]"  # macros, links, images
    r"|(?<!\w)[*_+^~-](?=\S)"  # what would open bold, italics, ...
    r"|\?\?|(?<=:)//"  # citations, addresses
    r"|^\s*[#|]",  # lists, tables
    re.MULTILINE,
)
_END = re.compile(r"\{(?=\s*noformat)", re.IGNORECASE)
_WIKI_START = re.compile(r"^(\s*)(h[1-6]\.|bq\.)", re.MULTILINE)
_PANELS = (("[Breached]", "error"), ("[At risk]", "warning"), ("[Met]", "success"))
_BLOCKS = ("paragraph", "heading", "codeBlock", "listItem", "rule", "tableRow")

Node = dict[str, object]


def comment(lines: Sequence[str], detail: Sequence[str], key: str) -> Node:
    """A document: the lines in a panel, the detail folded away, the mark as code at the end."""
    lines, detail = cut(lines), cut(detail)
    content: list[Node] = [
        {"type": "panel", "attrs": {"panelType": _panel(lines)}, "content": _paragraphs(lines)}
    ]
    if detail:
        block: Node = {"type": "codeBlock", "content": _text("\n".join(detail))}
        content.append({"type": "expand", "attrs": {"title": "Details"}, "content": [block]})
    mark = {"type": "text", "text": f"sla:{key}", "marks": [{"type": "code"}]}
    content.append({"type": "paragraph", "content": [mark]})
    return {"type": "doc", "version": 1, "content": content}


def document(lines: Sequence[str]) -> Node:
    """A document of plain paragraphs, for a long text field."""
    return {"type": "doc", "version": 1, "content": _paragraphs(cut(lines))}


def wiki_comment(lines: Sequence[str], detail: Sequence[str], key: str) -> str:
    """The same in wiki markup; the detail stands in a box, since nothing folds there."""
    parts = [escaped(line) for line in cut(lines)]
    if detail:
        inside = _END.sub("{ ", "\n".join(cut(detail)))
        parts.append(f"{{noformat}}\n{inside}\n{{noformat}}")
    return "\n".join([*parts, f"{{{{{escaped(f'sla:{key}')}}}}}"])


def escaped(said: str) -> str:
    """Text that wiki markup shows as it is."""
    safe = _WIKI.sub(lambda found: "".join(f"\\{one}" for one in found[0]), clean(said))
    return _WIKI_START.sub("\\1\u200b\\2", safe)


def clean(said: str) -> str:
    """Without control characters, which no document may hold, and without hidden direction."""
    return _CONTROL.sub("", said)


def cut(lines: Sequence[str]) -> list[str]:
    """As many lines as one comment takes, the last one shortened; tells where it was cut."""
    kept: list[str] = []
    room = LONGEST // 2
    for line in (clean(line) for line in lines):
        if len(line) > room:
            return [*kept, line[:room] + "… (cut)"]
        kept.append(line)
        room -= len(line) + 1
    return kept


def mark_of(body: object) -> str:
    """The key that a comment of ours bears in its last line; "" where it bears none."""
    said = plain(body) if isinstance(body, Mapping) else _unescaped(str(body or ""))
    last = said.strip().rpartition("\n")[2].strip().removeprefix("{{").removesuffix("}}")
    found = _MARK.fullmatch(last)
    return found[1] if found else ""


def _unescaped(wiki: str) -> str:
    return re.sub(r"\\(.)", r"\1", wiki)


def plain(node: Mapping[str, object]) -> str:
    """The text of a document, a line for each block."""
    return "".join(_pieces(node)).strip("\n")


def _pieces(node: Mapping[str, object]) -> Iterator[str]:
    if node.get("type") == "text":
        yield str(node.get("text", ""))
    elif node.get("type") == "hardBreak":
        yield "\n"
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        if isinstance(child, Mapping):
            yield from _pieces(child)
    if node.get("type") in _BLOCKS:
        yield "\n"


def _panel(lines: Sequence[str]) -> str:
    first = lines[0] if lines else ""
    return next((panel for word, panel in _PANELS if first.startswith(word)), "info")


def _paragraphs(lines: Sequence[str]) -> list[Node]:
    return [{"type": "paragraph", "content": _text(line)} for line in lines or ("",)]


def _text(said: str) -> list[Node]:
    """A text node; none for no text, since an empty one makes a document invalid."""
    return [{"type": "text", "text": said}] if said else []
