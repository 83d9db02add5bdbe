"""Policies as they stand in the files -> one entry a version, laid over what it inherits.

Several blocks of one name are its versions, told apart by `effective`: each judges the clocks that
start while it is the newest in effect. `extends` lays another policy under one: maps are merged,
whatever else is given replaces what was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sla_engine.document import Node, plain
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.resolving.sections import blocks_of
from sla_engine.terms import Policy

Entry = tuple[str, Node, Where]

_FORMS = (frozenset(("while", "until", "max")), frozenset(("aim", "limit", "due")))
_OWN = ("effective", "until", "applies_to", "extends", "describe")
"""What a policy does not inherit by `extends`."""


def versions(stated: Sequence[Entry], problems: list[Problem]) -> Iterator[Entry]:
    """Every version of every policy, in the order of their dates, with all that it inherits."""
    single = [
        (name, block, place)
        for name, node, named in stated
        for block, place in blocks_of(node, named)
    ]
    known: dict[str, dict[str, Entry]] = {}
    for name, node, named in single:
        days = known.setdefault(name, {})
        if (day := _day(node)) in days:
            first = days[day][2]
            what = f'policy "{name}" is given twice' + (f" for {day}" if day else "")
            mend = f"first given in {first.file}:{first.line}"
            problems.append(Problem(named, what, mend, "SLA115"))
        else:
            days[day] = (name, node, named)
    for days in known.values():
        for _, (name, node, named) in sorted(days.items()):
            yield name, _whole(name, node, known, (), problems), named


def _day(node: Node) -> str:
    """The first day as written, "" where there is none: such dates are in order as texts."""
    effective = node.child("effective")
    return (effective.text or "") if effective is not None else ""


def _whole(
    name: str,
    node: Node,
    known: dict[str, dict[str, Entry]],
    trail: tuple[tuple[str, str], ...],
    problems: list[Problem],
) -> Node:
    """The policy with what it inherits; what cannot be found is told, once."""
    extends = node.child("extends")
    if extends is None or extends.text is None:
        return node
    here = (name, _day(node))
    if here in trail:
        around = " -> ".join([*(one for one, _ in trail[trail.index(here) :]), name])
        what = f"policies extend each other in a circle: {around}"
        problems.append(Problem(extends.where, what, "let one stand alone", "SLA128"))
        return msgspec.structs.replace(node, flawed=True)
    base = _base(name, _day(node), extends, known, problems)
    if base is None:
        return msgspec.structs.replace(node, flawed=True)
    return _merged(_bare(_whole(base[0], base[1], known, (*trail, here), problems)), node)


def _base(
    name: str,
    day: str,
    extends: Node,
    known: dict[str, dict[str, Entry]],
    problems: list[Problem],
) -> Entry | None:
    """The version that is extended: of the policy itself the one before, of another the one in
    effect on the first day of this one, or its first."""
    wanted = extends.text or ""
    days = known.get(wanted, {})
    before = [other for other in sorted(days) if other < day or (other == day and wanted != name)]
    if wanted == name and not before:
        what, mend = f'nothing comes before this version of "{name}"', "name another policy"
    elif not days:
        mend = did_you_mean(wanted, known) or f"there are: {', '.join(known)}"
        what = f'there is no policy "{wanted}"'
    else:
        return days[before[-1] if before else min(days)]
    problems.append(Problem(extends.where, what, mend, "SLA128"))
    return None


def _bare(node: Node) -> Node:
    entries = {key: value for key, value in (node.entries or {}).items() if key not in _OWN}
    return msgspec.structs.replace(node, entries=entries)


def _merged(base: Node, own: Node) -> Node:
    """The keys of both, maps of one kind merged in turn; each keeps its own place."""
    entries, keys = dict(base.entries or {}), dict(base.keys)
    for key, node in (own.entries or {}).items():
        before = entries.get(key)
        alike = before is not None and _alike(before, node)
        entries[key] = _merged(before, node) if before is not None and alike else node
        keys[key] = own.key_of(key)
    return Node(own.where, entries=entries, keys=keys, flawed=base.flawed or own.flawed)


def _alike(one: Node, other: Node) -> bool:
    """Whether two maps are of one form, so that their keys mean the same."""
    if one.entries is None or other.entries is None:
        return False
    if any(bool(form & set(one.entries)) != bool(form & set(other.entries)) for form in _FORMS):
        return False
    chosen = [node.child("by") for node in (one, other)]
    return chosen[1] is None or (chosen[0] is not None and plain(chosen[0]) == plain(chosen[1]))


def in_turn(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """The same policies, each version ending where the next of its name begins: for clocks that
    start later, or for all clocks (`ends`) where that next one `applies_to: open`."""
    return tuple(_until_next(policy, policies) for policy in policies)


def _until_next(policy: Policy, policies: Sequence[Policy]) -> Policy:
    later = [
        (other.effective, other.applies_to == "open")
        for other in policies
        if other.name == policy.name
        and other.effective is not None
        and (policy.effective is None or other.effective > policy.effective)
    ]
    if not later:
        return policy
    following, takes_over = min(later)
    until = following if policy.until is None else min(policy.until, following)
    return msgspec.structs.replace(policy, until=until, ends=following if takes_over else None)
