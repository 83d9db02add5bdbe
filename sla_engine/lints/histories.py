"""Fields whose past no system tells: policies judge all times by their value of today."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem
from sla_engine.terms import FieldTerms


def fields_without_history(subject: Subject) -> Iterator[Problem]:
    """A note for each field that is asked for and has no history, where it is first asked for."""
    told = set()
    for asked in subject.reading.asked:
        terms = subject.policies.fields.get(asked.field)
        why = _why(terms) if terms and terms.name not in told else ""
        if terms and why:
            told.add(terms.name)
            what = f'"{terms.name}" has no history: {why}'
            mend = "its value of now holds for all of a ticket's past"
            yield found("note", "SLA222", asked.where, what, mend)


def _why(terms: FieldTerms) -> str:
    if not terms.history:
        return "fields: says history: none"
    walked = terms.sources.get("servicenow", "")
    return f"ServiceNow keeps none of {walked}" if "." in walked else ""
