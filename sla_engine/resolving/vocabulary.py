"""Fields, actors and publish: the words of the systems, and what is shown in them."""

from __future__ import annotations

from collections.abc import Sequence

from sla_engine.document import Node
from sla_engine.policy.reading import read, refused
from sla_engine.policy.sections import Actors, FieldEntry, Group, Publish
from sla_engine.presets import FIELDS, PUBLISH, SYSTEMS
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.terms import ActorTerms, FieldTerms, PublishTerms

Entries = Sequence[tuple[str, Node, Where]]


def fields(entries: Entries, problems: list[Problem]) -> dict[str, FieldTerms]:
    """The canonical fields: those that are always there, changed and joined by those stated."""
    known = dict(FIELDS)
    for name, node, named in entries:
        entry, found = read(FieldEntry, node, named)
        problems += found
        if entry is not None:
            known[name] = _field(known.get(name, FieldTerms(name)), entry)
            problems += _ambiguous(entry, node)
    return known


def _field(before: FieldTerms, entry: FieldEntry) -> FieldTerms:
    stated = {system: getattr(entry, system) for system in SYSTEMS}
    return FieldTerms(
        before.name,
        {**before.sources, **{system: source for system, source in stated.items() if source}},
        before.values if entry.values is None else entry.values,
        before.history if entry.history is None else entry.history == "full",
    )


def _ambiguous(entry: FieldEntry, node: Node) -> list[Problem]:
    """A problem for each value of a source that would mean two things."""
    means: dict[str, str] = {}
    problems = []
    for name, called in (entry.values or {}).items():
        for number, value in enumerate(called):
            if means.setdefault(value, name) != name:
                what = f'"{value}" means both {means[value]} and {name}'
                where = node.where_of("values", name, number)
                problems.append(Problem(where, what, "leave one out", "SLA133"))
    return problems


def actors(node: Node | None, problems: list[Problem]) -> ActorTerms:
    """Who is who."""
    if node is None:
        return ActorTerms()
    entry, found = read(Actors, node, node.where)
    problems += found
    if entry is None:
        return ActorTerms()
    staff, vendor = _group(entry.staff), _group(entry.vendor)
    if staff.domain:
        problems.append(refused('"domain" of staff', node.at("staff").key_of("domain")))
    return ActorTerms(
        staff_groups=staff.group or (),
        staff=staff.names or (),
        bots=entry.bots or (),
        ai=entry.ai or (),
        vendor_domains=vendor.domain or (),
        vendor_groups=vendor.group or (),
        vendor=vendor.names or (),
    )


def _group(whom: str | tuple[str, ...] | Group | None) -> Group:
    if isinstance(whom, Group):
        return whom
    return Group(names=(whom,) if isinstance(whom, str) else whom)


def glossary(entries: Entries, problems: list[Problem]) -> dict[str, str]:
    """Words and what they mean."""
    found = {}
    for word, node, named in entries:
        text, mistakes = read(str, node, named)
        problems += mistakes
        if text is not None:
            found[word] = text
    return found


def publish(entries: Entries, problems: list[Problem]) -> dict[str, PublishTerms]:
    """What each system's tickets show; a stated `fields` replaces the usual ones."""
    shown = dict(PUBLISH)
    for system, node, named in entries:
        entry, found = read(Publish, node, named)
        problems += found
        if system not in SYSTEMS:
            mend = did_you_mean(system, SYSTEMS) or f"there are: {', '.join(SYSTEMS)}"
            problems.append(Problem(named, f'there is no system "{system}"', mend, "SLA130"))
        elif entry is not None:
            usual = shown[system]
            comments = usual.comments if entry.comments is None else entry.comments == "internal"
            fields = usual.fields if entry.fields is None else entry.fields
            shown[system] = PublishTerms(fields, comments)
    return shown
