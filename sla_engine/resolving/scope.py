"""What a policy may refer to, and what is found wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.calendars.exceptions import Given
from sla_engine.conditions import Condition
from sla_engine.document import Node
from sla_engine.policy.ladders import Step
from sla_engine.presets import CONNECTED, FIELDS, VALUES
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.terms import Exclusion, FieldTerms

CASE = "case"
PARTY, US = "party", "us"
"""The field that parties make, and its value where none of them has the ball."""


class Rungs(msgspec.Struct, frozen=True):
    """The steps of a ladder as read, and the list they stand in."""

    steps: tuple[Step, ...]
    node: Node


class Asked(msgspec.Struct, frozen=True):
    """A field that is asked for; `value` is what it is compared with ("" where no value is), a
    glob where `glob` says so. A `row` of a table has others beside it and perhaps a default. What
    is `excluded` may never come."""

    field: str
    where: Where
    value: str = ""
    row: bool = False
    glob: bool = False
    excluded: bool = False


class Names(msgspec.Struct, frozen=True):
    """Everything with a name. None: it is there, but something is wrong with it. `asked` collects
    what is asked of tickets."""

    calendars: Mapping[str, Calendar | None] = {}
    ladders: Mapping[str, Rungs | None] = {}
    fields: Mapping[str, FieldTerms] = {}
    holidays: Given | None = None
    asked: list[Asked] = []
    parties: Mapping[str, Condition | None] = {}
    links: Collection[str] = ()
    exclusions: Mapping[str, Exclusion | None] = {}


class Scope(msgspec.Struct):
    """The names, and what the reading of one entry has found wrong so far.

    `broken` notes that it refers to something whose own mistakes are told elsewhere.
    """

    names: Names
    problems: list[Problem] = []
    broken: bool = False

    @property
    def sound(self) -> bool:
        """Whether what was read can be used."""
        return not self.broken and all(p.severity != "error" for p in self.problems)

    def error(self, where: Where, what: str, mend: str, code: str) -> None:
        """Note a mistake; the entry will be left out."""
        self._add(Problem(where, what, mend, code))

    def warn(self, where: Where, what: str, mend: str, code: str) -> None:
        """Note something that may not be meant."""
        self._add(Problem(where, what, mend, code, "warning"))

    def unknown(self, kind: str, name: str, known: Iterable[str], where: Where, code: str) -> None:
        """Note that something is named that is not there."""
        there = list(known)
        mend = did_you_mean(name, there) or f"there are: {', '.join(there) or 'none'}"
        self.error(where, f'there is no {kind} "{name}"', mend, code)

    def _add(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def check_field(scope: Scope, name: str, where: Where) -> None:
    """Note that a field is asked for, and where it is not known or is kept by no system."""
    scope.names.asked.append(Asked(name, where))
    known = scope.names.fields
    if name == PARTY:
        what, mend = "a party is for conditions, it chooses nothing", "write {party: customer}"
        scope.error(where, what, mend, "SLA134")
    elif name not in known:
        _undeclared(scope, name, where)
    elif not known[name].sources and name not in CONNECTED:
        scope.warn(where, f'no system is told where it keeps "{name}"', _declare(name), "SLA201")


def _undeclared(scope: Scope, name: str, where: Where) -> None:
    close = get_close_matches(name.lower(), scope.names.fields, n=1, cutoff=0.8)
    if close:
        what, mend = f'there is no field "{name}"', f'did you mean "{close[0]}"?'
        scope.error(where, what, mend, "SLA107")
    else:
        what = f'no system is told where it keeps "{name}"'
        scope.warn(where, what, _declare(name), "SLA201")


def _declare(name: str) -> str:
    return f"add fields: {{{name}: {{jira: …, servicenow: …}}}}"


def check_value(scope: Scope, asked: Asked) -> None:
    """Note a value that a field with known values cannot have, or is not known to have."""
    field, value, where = asked.field, asked.value, asked.where
    scope.names.asked.append(asked)
    declared = scope.names.fields.get(field, FIELDS.get(field))
    canonical = VALUES.get(field) or tuple(declared.values if declared else ())
    if not canonical or value in canonical:
        return
    for name, called in declared.values.items() if declared else ():
        if value in called:
            what = f'{field} "{value}" is called "{name}" here'
            scope.error(where, what, f'did you mean "{name}"?', "SLA110")
            return
    _unheard_of(scope, field, value, canonical, where)


def _unheard_of(
    scope: Scope, field: str, value: str, canonical: Sequence[str], where: Where
) -> None:
    near = [name for name in canonical if name.lower() == value.lower()]
    near = near or get_close_matches(value, canonical, n=1, cutoff=0.75)
    what = f'{field} "{value}" is not one of {", ".join(canonical)}'
    if near or field in VALUES:
        mend = f'did you mean "{near[0]}"?' if near else f"write one of {', '.join(canonical)}"
        scope.error(where, what, mend, "SLA110")
    else:
        scope.warn(where, what, f"add it under fields: {{{field}: {{values: …}}}}", "SLA202")
