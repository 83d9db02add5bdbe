"""Words that the systems do not have: values, and fields, by what was last read of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sla_engine.document import Node
from sla_engine.lints.subject import Subject, found, tickets
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.terms import FieldTerms
from sla_engine.units import DAY, HOUR, MINUTE, Millis
from sla_engine.vocabulary import Known

_UNITS = (("day", DAY), ("hour", HOUR), ("minute", MINUTE))


class Lists(msgspec.Struct, frozen=True):
    """The values that a field can have, in every connection that has the field."""

    known: Sequence[Known]
    names: frozenset[str]
    labels: tuple[str, ...]
    former: Mapping[str, str]


def unknown_values(subject: Subject) -> Iterator[Problem]:
    """A problem for each value that no connection has: an error, or a warning where tickets had it
    once, or where it was renamed."""
    for asked in subject.reading.asked:
        terms = subject.policies.fields.get(asked.field)
        if terms and asked.value and not asked.glob and asked.value not in terms.values:
            yield from _unknown(subject, terms, asked.value, asked.where)


def unknown_names(subject: Subject) -> Iterator[Problem]:
    """The same for what `fields:` says that the systems call a value."""
    for name, node, _ in subject.entries("fields"):
        values, terms = node.child("values"), subject.policies.fields.get(name)
        for entry in (values.entries or {}).values() if values and terms else ():
            for called in entry.items or (entry,):
                if terms and called.text:
                    yield from _unknown(subject, terms, called.text, called.where)


def _unknown(subject: Subject, terms: FieldTerms, value: str, where: Where) -> Iterator[Problem]:
    lists = lists_of(subject, terms)
    if lists is None or value in lists.names:
        return
    seen = subject.seen.values.get(terms.name) if subject.seen else None
    had = seen[value] if seen else 0
    asked = _asked(lists.known, subject)
    called = f'{terms.name} "{value}"'
    if value in lists.former:
        new = lists.former[value]
        named = f"{{{terms.name}: {{values: {{{value}: [{new}]}}}}}}"
        mend = f'write "{new}", or keep your word: fields: {named}'
        yield found("warning", "SLA226", where, f'{called} is called "{new}" now', mend)
    elif had:
        what = f"{called} exists no more; {tickets(had)} had it once"
        yield found("warning", "SLA225", where, what, f"no ticket can get it any more; {asked}")
    else:
        connections = " or ".join(known.connection for known in lists.known)
        close = did_you_mean(value, lists.labels) or f"there are {', '.join(lists.labels[:6])}"
        what = f"{called} does not exist in {connections}"
        yield found("error", "SLA110", where, what, f"{close}; {asked}")


def unknown_fields(subject: Subject) -> Iterator[Problem]:
    """An error for each field of a system that it does not have."""
    for name, node, _ in subject.entries("fields"):
        for known in subject.known:
            source = node.child(known.system)
            if source is not None and source.text:
                yield from _lacking(subject, known, source, source.text, name)


def _lacking(
    subject: Subject, known: Known, node: Node, source: str, name: str
) -> Iterator[Problem]:
    fields = known.vocabulary.fields
    own = source.partition(".")[0] if known.system == "servicenow" else source
    if fields and own not in fields:
        what = f'{known.connection} has no field "{own}" for {name}'
        names = [field for field in fields if not field.startswith("customfield_")]
        close = did_you_mean(own, names) or "perhaps our account may not read it"
        mend = f"{close}; {_asked([known], subject)}"
        yield found("error", "SLA139", node.where, what, mend)


def lists_of(subject: Subject, terms: FieldTerms) -> Lists | None:
    """What a field can be; None where some connection that has it tells no list of its values."""
    having = [known for known in subject.known if known.system in terms.sources]
    lists = [known.vocabulary.values.get(terms.sources[known.system]) for known in having]
    told = [values for values in lists if values]
    if not told or len(told) < len(lists):
        return None
    former = {
        old: new
        for known in having
        for old, new in known.former.get(terms.sources[known.system], {}).items()
    }
    labels = tuple(dict.fromkeys(label for values in told for label in values.values()))
    return Lists(having, frozenset({*labels, *(id_ for v in told for id_ in v)}), labels, former)


def _asked(known: Sequence[Known], subject: Subject) -> str:
    oldest = min(known, key=lambda one: one.read_at)
    ago = Millis(max(0, subject.now - oldest.read_at))
    if ago < MINUTE:
        return f"read from {oldest.connection} just now"
    unit, size = next((unit, size) for unit, size in _UNITS if ago >= size)
    number = ago // size
    age = f"{number} {unit}{'s' * (number > 1)}"
    return f"read from {oldest.connection} {age} ago; refresh: sla check --online"
