"""What policies ask for and no ticket ever had: misspelt, renamed, or long gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from sla_engine.lints.seen import Seen
from sla_engine.lints.subject import Subject, found, tickets
from sla_engine.lints.words import lists_of
from sla_engine.presets import VALUES
from sla_engine.problems import Problem, did_you_mean
from sla_engine.resolving.scope import Asked
from sla_engine.terms import FieldTerms

SHOWN = 6
"""Values that are named where none is close."""


def values_never_seen(subject: Subject) -> Iterator[Problem]:
    """A warning for each value of a condition that no kept ticket ever had; for labels, rows of
    tables, and what conditions exclude, which may all wait for their first ticket, only where
    something much like it was seen."""
    seen = subject.seen
    if seen is None or not seen.tickets:
        return
    for asked in subject.reading.asked:
        values = seen.values.get(asked.field, Counter())
        if not values or not asked.value or _known(subject, asked, values):
            continue
        if _hidden(seen, subject.policies.fields.get(asked.field)) or _listed_there(subject, asked):
            continue
        close = did_you_mean(asked.value, values)
        if close or not (asked.row or asked.excluded or asked.field == "labels"):
            what = f'{asked.field} "{asked.value}" was never seen in {tickets(seen.tickets)}'
            yield found("warning", "SLA221", asked.where, what, close or _listed(values))


def fields_never_seen(subject: Subject) -> Iterator[Problem]:
    """A warning for each field that is asked for, is kept somewhere, and is empty everywhere."""
    seen = subject.seen
    if seen is None or not seen.tickets:
        return
    told = set()
    for asked in subject.reading.asked:
        terms = subject.policies.fields.get(asked.field)
        if terms is None or not terms.sources or _hidden(seen, terms) or terms.name in told:
            continue
        told.add(terms.name)
        if not seen.values.get(asked.field):
            kept = ", ".join(f"{system}: {source}" for system, source in terms.sources.items())
            what = f'"{asked.field}" has no value in any of {tickets(seen.tickets)}'
            yield found("warning", "SLA221", asked.where, what, f"it is read from {{{kept}}}")


def values_without_name(subject: Subject) -> Iterator[Problem]:
    """A warning for each value of the source that a table's field has and `fields:` does not name:
    such tickets get the default row, or none."""
    seen = subject.seen
    rows: dict[str, list[Asked]] = {}
    for asked in subject.reading.asked:
        if asked.row:
            rows.setdefault(asked.field, []).append(asked)
    for field, asked_rows in rows.items() if seen is not None else ():
        terms = subject.policies.fields.get(field)
        named = set(terms.values if terms else ()) | {asked.value for asked in asked_rows}
        if seen is not None and terms and terms.values:
            yield from _without_name(seen, field, named, asked_rows[0])


def _without_name(seen: Seen, field: str, named: set[str], first: Asked) -> Iterator[Problem]:
    for value, count in seen.values.get(field, Counter()).items():
        if value not in named:
            such = f"such as {seen.examples[field, value]},"
            what = f'{tickets(count)}, {such} had {field} "{value}", which has no row'
            mend = f"name it under fields: {{{field}: {{values: …}}}}, or the default row holds"
            yield found("warning", "SLA224", first.where, what, mend)


def _hidden(seen: Seen, terms: FieldTerms | None) -> bool:
    """Whether tickets that could have the field are missing, so that nothing follows."""
    return bool(seen.blind & terms.sources.keys() if terms and terms.sources else seen.blind)


def _listed_there(subject: Subject, asked: Asked) -> bool:
    """Whether the systems themselves say what the field can be: then theirs is the word."""
    terms = subject.policies.fields.get(asked.field)
    return terms is not None and not asked.glob and lists_of(subject, terms) is not None


def _known(subject: Subject, asked: Asked, values: Counter[str]) -> bool:
    if asked.glob:
        return any(fnmatchcase(value, asked.value) for value in values)
    terms = subject.policies.fields.get(asked.field)
    declared = terms is not None and asked.value in terms.values
    return asked.value in values or declared or asked.field in VALUES


def _listed(values: Counter[str]) -> str:
    named = ", ".join(value for value, _ in values.most_common(SHOWN))
    return f"seen were {named}" + (" and others" if len(values) > SHOWN else "")
