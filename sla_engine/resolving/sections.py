"""The sections of all files laid together: every name once, each entry with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sla_engine.document import Node
from sla_engine.document import read as read_document
from sla_engine.policy.reading import not_evaluated, refused
from sla_engine.policy.sections import File
from sla_engine.policy.words import NotEvaluated, NotYet
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.resolving.holidays import is_policy

SCHEMA = "sla/v1"

Sections = dict[str, Node]
"""Each section as one map, whatever file its entries stand in."""

_LISTS = ("exceptions",)
"""Sections whose entries have no names; the place of each stands for one."""

_SINGULAR = {
    "calendars": "calendar",
    "fields": "field",
    "policies": "policy",
    "escalations": "ladder",
    "objectives": "objective",
    "contracts": "contract",
    "exclusions": "exclusion",
    "publish": "system",
}


class _Kind(msgspec.Struct, frozen=True):
    """A section as the models know it."""

    later: bool
    unevaluated: bool


def _kinds() -> Mapping[str, _Kind]:
    return {
        field.alias or name: _Kind(
            any(isinstance(mark, NotYet) for mark in field.metadata),
            any(isinstance(mark, NotEvaluated) for mark in field.metadata),
        )
        for name, field in File.model_fields.items()
    }


KINDS = _kinds()


def together(texts: Mapping[str, str | bytes], draft: str = "") -> tuple[Sections, list[Problem]]:
    """All sections of the files, in the order of the files' names; the first of a name stays, and
    what the file `draft` names stands in for what the others call so."""
    sections: Sections = {}
    problems: list[Problem] = []
    for file in sorted(texts, key=lambda name: (name != draft, name)):
        if not is_policy(file):
            continue
        root, found = read_document(texts[file], file)
        problems += found
        if root is not None:
            if root.entries is not None:
                _check_schema(root, problems)
            for key, node in sections_of(root, problems):
                sections[key] = _joined(key, sections.get(key), node, draft, problems)
    return sections, problems


def sections_of(root: Node, problems: list[Problem]) -> Iterator[tuple[str, Node]]:
    """The sections of one file that are worth reading, whatever its schema."""
    if root.entries is None:
        what = "a policy file is a map of sections"
        problems.append(Problem(root.where, what, "begin with schema: sla/v1", "SLA103"))
        return
    for key, node in root.entries.items():
        where = root.key_of(key)
        if key not in KINDS:
            mend = did_you_mean(key, KINDS) or f"known here: {', '.join(KINDS)}"
            problems.append(Problem(where, f'unknown key "{key}"', mend, "SLA101"))
        elif KINDS[key].later:
            problems.append(refused(f'"{key}"', where))
        elif key not in ("schema", "describe"):
            if KINDS[key].unevaluated:
                problems.append(not_evaluated(key, where))
            yield from _map(key, node, problems)


def _map(key: str, node: Node, problems: list[Problem]) -> Iterator[tuple[str, Node]]:
    if node.entries is not None:
        yield key, node
    elif key in _LISTS and node.items is not None:
        places = {str(item.where): item for item in node.items}
        wheres = {place: item.where for place, item in places.items()}
        yield key, Node(node.where, entries=places, keys=wheres)
    elif not node.empty:  # an empty section is none
        is_list = key in _LISTS
        what = f"{key} is a list" if is_list else f"{key} is a map of names"
        mend = "begin each entry with a dash" if is_list else "write name: …"
        problems.append(Problem(node.where, what, mend, "SLA103"))


def _check_schema(root: Node, problems: list[Problem]) -> None:
    node = root.child("schema")
    if node is None:
        mend = f"begin with schema: {SCHEMA}"
        problems.append(Problem(root.where, "this file does not say its schema", mend, "SLA131"))
    elif node.text != SCHEMA:
        mend = "call it NAME.test.yaml" if node.text == "sla-test/v1" else f"write {SCHEMA}"
        what = f'schema "{node.text}" is not that of a policy file'
        problems.append(Problem(node.where, what, mend, "SLA131"))


def _joined(key: str, before: Node | None, more: Node, draft: str, problems: list[Problem]) -> Node:
    """Two stretches of one section as one; a name that comes again is left out, and told of unless
    it is a draft's."""
    if before is None:
        return more
    entries, keys = dict(before.entries or {}), dict(before.keys)
    for name, node in (more.entries or {}).items():
        if name in entries and keys[name].file == draft:
            continue
        if name in entries and key == "policies":
            blocks = [*blocks_of(entries[name], keys[name]), *blocks_of(node, more.key_of(name))]
            placed = {str(number): place for number, (_, place) in enumerate(blocks)}
            items = tuple(block for block, _ in blocks)
            entries[name] = Node(entries[name].where, items=items, keys=placed)
        elif name in entries:
            what = f'{_SINGULAR.get(key, key)} "{name}" is given twice'
            mend = f"first given in {keys[name].file}:{keys[name].line}"
            problems.append(Problem(more.key_of(name), what, mend, "SLA115"))
        else:
            entries[name], keys[name] = node, more.key_of(name)
    return Node(before.where, entries=entries, keys=keys)


def blocks_of(node: Node, named: Where) -> list[tuple[Node, Where]]:
    """The versions under one name, each with its place: a list of them, or the one block."""
    if node.items is None:
        return [(node, named)]
    return [(item, node.keys.get(str(n), item.where)) for n, item in enumerate(node.items)]


def entries(sections: Sections, key: str) -> Sequence[tuple[str, Node, Where]]:
    """The entries of a section: name, value, and the place of the name."""
    section = sections.get(key)
    if section is None or section.entries is None:
        return ()
    return [(name, node, section.key_of(name)) for name, node in section.entries.items()]
