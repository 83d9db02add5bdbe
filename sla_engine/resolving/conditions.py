"""Conditions as written -> conditions as the engine tests them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from sla_engine import conditions as terms
from sla_engine.document import Node
from sla_engine.policy.conditions import Condition, FieldOps
from sla_engine.presets import REQUESTER_REPLIES
from sla_engine.resolving.scope import CASE, PARTY, Asked, Scope, check_field, check_value
from sla_engine.units import Millis

Use = Literal["state", "moment", "match", "acting"]
"""`state`: how a ticket is (match, pause). `moment`: what happens may be asked too (stop).
`match`: the top of a policy's match, which may ask for whole cases. `acting`: what changed lately
may be asked too (if, unless)."""

By = Literal["staff", "customer", "requester", "bot", "ai", "vendor"]
WHO: tuple[str, ...] = get_args(By)


def condition(scope: Scope, written: Condition, node: Node, use: Use) -> terms.Condition:
    """The condition of a map: all of its keys hold."""
    parts = list(_parts(scope, written, node, use))
    return parts[0] if len(parts) == 1 else terms.All(tuple(parts))


def until(scope: Scope, written: Condition | str, node: Node) -> terms.Condition:
    """What ends a pause."""
    if isinstance(written, str):
        return REQUESTER_REPLIES
    return condition(scope, written, node, "moment")


def _parts(scope: Scope, written: Condition, node: Node, use: Use) -> Iterator[terms.Condition]:
    for name, value in written.tests.items():
        if name == CASE:
            if use != "match":
                mend = "write it at the top of a policy's match"
                scope.error(node.key_of(name), "a whole case is asked for here", mend, "SLA135")
        elif name == PARTY:
            yield _party(scope, value, node.at(name))
        else:
            check_field(scope, name, node.key_of(name))
            yield _field(scope, name, value, node.at(name), use)
    within: Use = "state" if use == "match" else use
    for key, several in (("any", written.any), ("all", written.all)):
        if several is not None:
            inner = tuple(
                condition(scope, part, node.at(key, number), within)
                for number, part in enumerate(several)
            )
            yield terms.Some(inner) if key == "any" else terms.All(inner)
    if written.not_ is not None:
        yield terms.Not(condition(scope, written.not_, node.at("not"), within))
    yield from _events(scope, written, node, use)


def _party(scope: Scope, value: str | tuple[str, ...] | FieldOps, node: Node) -> terms.Condition:
    """Who has the ball: what `parties` says of them stands for their names."""
    if isinstance(value, FieldOps):
        if value.not_ is None or len(value.model_fields_set) > 1:
            mend = "write {party: customer} or {party: {not: us}}"
            scope.error(node.where, "a party is asked by its name", mend, "SLA134")
            return terms.NEVER
        return terms.Not(_party(scope, value.not_, node.at("not")))
    names = (value,) if isinstance(value, str) else value
    known = scope.names.parties
    found = [known.get(name) for name in names]
    for number, name in enumerate(names):
        if not known:
            mend = "add parties: {customer: {status: Waiting for customer}}"
            scope.error(node.where_of(number), "no parties are declared", mend, "SLA134")
        elif name not in known:
            scope.unknown("party", name, known, node.where_of(number), "SLA134")
        elif known[name] is None:
            scope.broken = True
    return terms.Some(tuple(one for one in found if one is not None))


def _events(scope: Scope, written: Condition, node: Node, use: Use) -> Iterator[terms.Condition]:
    by = written.by or ()
    for number, who in enumerate(by):
        if who not in WHO:
            scope.unknown("kind of person", who, WHO, node.where_of("by", number), "SLA105")
    if by and written.comment is None:
        mend = "write {comment: public, by: staff}"
        scope.error(node.key_of("by"), '"by" says who comments, but no comment is asked', mend,
                    "SLA124")  # fmt: skip
    if written.comment is not None:
        _is_moment(scope, node, "comment", use)
        visibility = "" if written.comment == "any" else written.comment
        yield terms.EventTest("comment", visibility, by)
    if written.assigned is not None:
        _is_moment(scope, node, "assigned", use)
        yield _turned(terms.EventTest("assigned"), not written.assigned)
    if written.linked is not None:
        _is_moment(scope, node, "linked", use)
        known = (*scope.names.links, "any")
        if written.linked not in known:
            scope.unknown("link", written.linked, known, node.at("linked").where, "SLA135")
        yield terms.EventTest("linked", field="" if written.linked == "any" else written.linked)


def _turned(test: terms.Condition, around: bool) -> terms.Condition:
    return terms.Not(test) if around else test


def _is_moment(scope: Scope, node: Node, key: str, use: Use) -> None:
    if use != "moment":
        what = f'"{key}" is true for one moment only; this asks how a ticket is'
        mend = "ask for a status or another field; start, stop, until, cancel and reset take events"
        scope.error(node.key_of(key), what, mend, "SLA124")


def _field(
    scope: Scope,
    name: str,
    value: str | tuple[str, ...] | FieldOps,
    node: Node,
    use: Use,
    *,
    excluded: bool = False,
) -> terms.Condition:
    if not isinstance(value, FieldOps):
        return _values(scope, name, value, node, excluded)
    parts: list[terms.Condition] = []
    if value.not_ is not None:
        parts.append(_negated(_field(scope, name, value.not_, node.at("not"), use, excluded=True)))
    if value.changed is not None:
        within = _lately(scope, value, node, use)
        parts.append(
            _turned(terms.EventTest("changed", field=name, within=within), not value.changed)
        )
    elif value.within is not None:
        mend = "write {changed: true, within: 5m}"
        scope.error(node.key_of("within"), "within what is not said", mend, "SLA124")
    if {"gte", "gt", "lte", "lt", "set", "matches"} & value.model_fields_set:
        parts.append(_tested(scope, name, value, node))
    return parts[0] if len(parts) == 1 else terms.All(tuple(parts))


def _lately(scope: Scope, value: FieldOps, node: Node, use: Use) -> Millis | None:
    """How long ago the change may be; None where it is asked in the moment itself."""
    if value.within is None:
        _is_moment(scope, node, "changed", use)
        return None
    if use != "acting":
        what = "only a step that acts can look back; a clock sees the change when it happens"
        scope.error(node.key_of("within"), what, "ask it in if: or unless: of a step", "SLA124")
    if value.within.business_days or value.within.months or not value.within.millis:
        scope.error(node.where_of("within"), "that is no fixed time", "write 5m or 4h", "SLA104")
    return value.within.millis


def _tested(scope: Scope, name: str, value: FieldOps, node: Node) -> terms.FieldTest:
    for number, glob in enumerate(value.matches or ()):
        where = node.at("matches").where_of(number)
        scope.names.asked.append(Asked(name, where, glob, glob=True))
    return terms.FieldTest(
        name,
        matches=value.matches or (),
        gte=value.gte,
        gt=value.gt,
        lte=value.lte,
        lt=value.lt,
        is_set=value.set,
    )


def _values(
    scope: Scope, name: str, value: str | tuple[str, ...], node: Node, excluded: bool
) -> terms.Condition:
    values = (value,) if isinstance(value, str) else value
    for number, one in enumerate(values):
        check_value(scope, Asked(name, node.where_of(number), one, excluded=excluded))
    return terms.FieldTest(name, one_of=values)


def _negated(test: terms.Condition) -> terms.Condition:
    if isinstance(test, terms.FieldTest):
        return terms.FieldTest(
            test.field,
            test.one_of,
            test.matches,
            test.gte,
            test.gt,
            test.lte,
            test.lt,
            test.is_set,
            not test.negated,
        )
    return terms.Not(test)


def fields_of(part: terms.Condition) -> Iterator[terms.FieldTest]:
    """Every test of a field within a condition."""
    match part:
        case terms.FieldTest():
            yield part
        case terms.All(parts) | terms.Some(parts):
            for inner in parts:
                yield from fields_of(inner)
        case terms.Not(inner):
            yield from fields_of(inner)
