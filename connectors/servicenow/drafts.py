"""What each change means for the record: columns to set, a note to write, or why it cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from connectors.base import Outcome
from connectors.servicenow.body import impact_and_urgency, stored
from connectors.servicenow.choices import Choices
from connectors.servicenow.columns import Columns
from connectors.servicenow.pages import Rows
from connectors.servicenow.queries import is_plain
from connectors.servicenow.tables import Tables
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.model import Ref
from sla_engine.terms import FieldTerms

_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[Pp]?(\d+)(?: - .*)?")
_WORDS = {"critical": 1, "high": 2, "moderate": 3, "medium": 3, "low": 4, "planning": 5}
_LEVELS = {"high": "1", "medium": "2", "low": "3"}


class Draft(msgspec.Struct):
    """One change: `sets` goes into the body, `expects` must be in the reply. `refused` is why it
    is not sent at all. `on_people` tells that it touches what people own too."""

    sets: dict[str, str] = {}
    expects: dict[str, str] = {}
    comment: AddComment | None = None
    refused: str = ""
    on_people: bool = False


class Drafter:
    """Makes drafts; asks the instance only for teams and people by name, and for what stands in
    the record where a change depends on it."""

    def __init__(
        self,
        tables: Tables,
        table: str,
        columns: Columns,
        choices: Choices,
        fields: Mapping[str, FieldTerms],
    ) -> None:
        self._tables, self._table = tables, table
        self._columns, self._choices, self._fields = columns, choices, fields

    def draft(self, ref: Ref, change: Change) -> Draft:
        """The change in ServiceNow's terms; raises ConnectorError where asking fails."""
        match change:
            case SetFields(fields=fields):
                return _levels({name: stored(value) for name, value in fields})
            case AddComment():
                return Draft(comment=change)
            case Assign(to=to):
                return self._assign(to)
            case SetTicketFields(fields=pairs):
                return self._set(ref, pairs)
            case AddLabels(labels=labels):
                return self._label(ref, labels)
            case Transition(to=to):
                return Draft(refused=f'state is not written ("{to}"): {_OWN_STATES}')
            case Notify():
                return Draft(refused="a ticket system notifies nobody")

    def _assign(self, to: str) -> Draft:
        """To a team by name, else to a person by user name, e-mail or full name."""
        teams = self._named("sys_user_group", ("name",), to)
        if len(teams) == 1:
            # Who had it may not be of that team; ServiceNow then refuses the team.
            return _people({"assignment_group": teams[0], "assigned_to": ""})
        people = [] if teams else self._named("sys_user", ("user_name", "email", "name"), to)
        if len(people) == 1:
            return _people({"assigned_to": people[0]})
        many = "several teams or people are" if teams or people else "no team or person is"
        return Draft(refused=f'{many} called "{to}"')

    def _named(self, table: str, columns: tuple[str, ...], name: str) -> list[str]:
        """The sys_ids of the active records so named, by the first column that finds any."""
        if not is_plain(name):
            return []
        for column in columns:
            query = f"{column}={name}^active=true"
            page = self._tables.get(table, query, ("sys_id", "active", column), 3)
            found = [row["sys_id"] for row in page.rows if _is_so(row, column, name)]
            if found:
                return found
        return []

    def _set(self, ref: Ref, pairs: tuple[tuple[str, str], ...]) -> Draft:
        whole = Draft(on_people=True)
        for name, value in pairs:
            one = self._set_one(ref, name, value)
            if one.refused:
                return one
            whole.sets = whole.sets | one.sets
            whole.expects = whole.expects | one.expects
        return whole

    def _set_one(self, ref: Ref, name: str, value: str) -> Draft:
        column = self._columns.canonical.get(name, "")
        match name:
            case "status" | "status_category":
                return Draft(refused=f'state is not written ("{value}"): {_OWN_STATES}')
            case "priority" if column == "priority":
                return self._prioritise(ref, value)
            case "team" | "assignee" if column in ("assignment_group", "assigned_to"):
                return self._assign(value)
            case "labels":
                return self._label(ref, (value.removeprefix("+"),))
        if not _COLUMN.fullmatch(column):
            return Draft(refused=f'no field "{name}" is mapped to a column of ServiceNow')
        if column in ("impact", "urgency"):
            return _people({column: self._level(name, value)})
        code = self._choices.code(column, self._called(name, value))
        return _people({column: code or value})

    def _level(self, name: str, value: str) -> str:
        """1 to 3, from "1", "1 - High" or "High"."""
        for said in self._called(name, value):
            if match := _CODE.fullmatch(said):
                return match[1]
            if said.lower() in _LEVELS:
                return _LEVELS[said.lower()]
        return value

    def _prioritise(self, ref: Ref, value: str) -> Draft:
        """Priority is worked out by ServiceNow; its impact and urgency are what can be set."""
        code = next(filter(None, map(_priority, self._called("priority", value))), 0)
        if not 1 <= code <= 5:
            return Draft(refused=f'"{value}" is no priority of ServiceNow (1 to 5)')
        now = self._current(ref, "impact")
        impact, urgency = impact_and_urgency(code, int(now) if now in ("1", "2", "3") else 2)
        draft = _people({"impact": impact, "urgency": urgency})
        draft.expects = draft.expects | {"priority": str(code)}
        return draft

    def _called(self, name: str, value: str) -> tuple[str, ...]:
        """A canonical value and what the systems call it."""
        terms = self._fields.get(name)
        return (value, *(terms.values.get(value, ()) if terms else ()))

    def _label(self, ref: Ref, labels: tuple[str, ...]) -> Draft:
        column = self._columns.canonical.get("labels", "")
        if not _COLUMN.fullmatch(column):
            return Draft(refused="ServiceNow has no labels; map `labels` to a column in `fields:`")
        there = [part for part in self._current(ref, column).split(",") if part]
        return _people({column: ",".join(dict.fromkeys((*there, *labels)))})

    def _current(self, ref: Ref, column: str) -> str:
        page = self._tables.get(self._table, f"sys_id={ref.id}", ("sys_id", column), 1)
        rows: Rows = [row for row in page.rows if row.get("sys_id") == ref.id]
        return rows[0].get(column, "") if rows else ""


_OWN_STATES = "its state model and data policies are moved by people"


def refusal(ref: Ref, why: str) -> Outcome:
    """A change that was never sent."""
    return Outcome("rejected", f"{ref.key}: {why}", code="SLA400")


def _levels(values: dict[str, str]) -> Draft:
    for name in values:
        if not _COLUMN.fullmatch(name):
            return Draft(refused=f'"{name}" is no column of ServiceNow')
    return Draft(sets=values, expects=values)


def _people(values: dict[str, str]) -> Draft:
    return Draft(sets=values, expects=values, on_people=True)


def _is_so(row: Mapping[str, str], column: str, name: str) -> bool:
    """Whether the row is what was asked for; a dropped filter must never choose somebody."""
    return row.get(column, "").casefold() == name.casefold() and row.get("active") != "false"


def _priority(said: str) -> int:
    match = _CODE.fullmatch(said)
    return int(match[1]) if match else _WORDS.get(said.lower(), 0)
