"""One edit of an issue: all fields that several changes want, as one request's body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from connectors.jira.fields import Field, Plan, UnknownFieldError, find
from connectors.jira.metadata import Metadata
from connectors.jira.values import check_fits, to_json, written_value
from connectors.jira.wire import Issue
from sla_engine.changes import AddLabels, Assign, Change, SetFields, SetTicketFields
from sla_engine.model import At, FieldValue
from sla_engine.terms import FieldTerms
from sla_engine.units import MINUTE


class Edit:
    """Collects what changes want, each known by its number; `refused` says what cannot be sent,
    `fields` which of our fields that is about."""

    def __init__(self, plan: Plan, site: Metadata, terms: Mapping[str, FieldTerms], wiki: bool):
        self._plan, self._site, self._terms, self._wiki = plan, site, terms, wiki
        self._fields: dict[str, object] = {}
        self._update: dict[str, list[dict[str, str]]] = {}
        self._owners: dict[str, set[int]] = {}
        self._wanted: dict[str, tuple[Field, FieldValue]] = {}
        self._names: dict[str, str] = {}
        self.refused: dict[int, str] = {}
        self.fields: dict[int, set[str]] = {}
        self._published: dict[str, str] = {}
        self.numbers: list[int] = []

    def take(self, number: int, change: Change) -> bool:
        """Whether the change is one of fields, and then what it wants is in the edit."""
        match change:
            case SetFields(fields=fields):
                for name, value in fields:
                    self._guarded(number, partial(self._publish, number, name, value))
            case AddLabels(labels=labels):
                self._guarded(number, partial(self._label, number, labels))
            case SetTicketFields(fields=pairs):
                for name, said in pairs:
                    self._guarded(number, partial(self._set, number, name, said))
            case Assign(to=to) if self._is_team(to):
                self._guarded(number, partial(self._set, number, "team", to))
            case _:
                return False
        self.numbers.append(number)
        return True

    @property
    def body(self) -> dict[str, object]:
        """The request; empty where nothing is left to be sent."""
        fields = dict(self._fields)
        update = {}
        for identity, moves in self._update.items():
            if identity in fields:  # Jira takes a field in one of the two only
                fields[identity] = _moved(fields[identity], moves)
            else:
                update[identity] = moves
        parts = {"fields": fields, "update": update}
        return {name: part for name, part in parts.items() if part}

    def drop(self, errors: Mapping[str, str]) -> bool:
        """Leaves out fields that Jira will not take, and remembers why; whether any was ours."""
        dropped = [identity for identity in errors if identity in self._owners]
        for identity in dropped:
            self._fields.pop(identity, None)
            self._update.pop(identity, None)
            self._wanted.pop(identity, None)
            for number in self._owners.pop(identity):
                self._refuse(number, f"{self._names[identity]}: {errors[identity]}")
                if identity in self._published:
                    self.fields.setdefault(number, set()).add(self._published[identity])
        return bool(dropped)

    def is_stored(self, issue: Issue) -> bool:
        """Whether at least one of our values stands in the issue as it came back."""
        if not self._wanted:
            return True
        return any(
            _same(written_value(_plain(issue, field), field), value)
            for field, value in self._wanted.values()
        )

    def _is_team(self, to: str) -> bool:
        return "team" in self._plan.canonical and "@" not in to and ":" not in to

    def _guarded(self, number: int, act: Callable[[], None]) -> None:
        try:
            act()
        except (ValueError, UnknownFieldError) as error:
            self._refuse(number, str(error))

    def _refuse(self, number: int, why: str) -> None:
        before = self.refused.get(number)
        self.refused[number] = f"{before}; {why}" if before else why

    def _publish(self, number: int, name: str, value: FieldValue) -> None:
        field = self._plan.published.get(name)
        if field is None:
            why = self._plan.missing.get(name, f'"{name}" is not among the fields of publish:')
            self._refuse(number, why)
            self.fields.setdefault(number, set()).add(name)
            return
        self._published[field.id] = name
        check_fits(value, field)
        self._put(number, field, to_json(value, field, self._wiki))
        self._wanted[field.id] = (field, value)

    def _set(self, number: int, name: str, said: str) -> None:
        field = self._field(name)
        if field.id == "status":
            raise ValueError("a status is reached by a transition and cannot be set")
        if field.schema.items == "string" and said[:1] in ("+", "-"):
            self._add(number, field, tuple(said.replace(",", " ").split()))
        else:
            value = to_json(self._source_value(name, field, said), field, self._wiki)
            self._put(number, field, value)

    def _field(self, name: str) -> Field:
        return self._plan.canonical.get(name) or find(self._site.fields, name)

    def _source_value(self, name: str, field: Field, said: str) -> str:
        """What Jira calls a canonical value (P1): of several names the one that this site has."""
        names = self._terms[name].values.get(said, ()) if name in self._terms else ()
        if field.id == "priority" and names:
            return next((one for one in names if one in self._site.priorities), names[0])
        return names[0] if names else said

    def _label(self, number: int, labels: tuple[str, ...]) -> None:
        self._add(number, self._field("labels"), labels)

    def _add(self, number: int, field: Field, labels: tuple[str, ...]) -> None:
        moves = self._update.setdefault(field.id, [])
        for label in labels:
            verb = "remove" if label.startswith("-") else "add"
            move = {verb: label[1:] if label[:1] in "+-" else label}
            if move not in moves:
                moves.append(move)
        self._own(number, field)

    def _put(self, number: int, field: Field, value: object) -> None:
        self._fields[field.id] = value
        self._own(number, field)

    def _own(self, number: int, field: Field) -> None:
        self._owners.setdefault(field.id, set()).add(number)
        self._names[field.id] = field.name or field.id


def _plain(issue: Issue, field: Field) -> object:
    raw = issue.fields.get(field.id)
    return None if raw is None else msgspec.json.decode(raw)


def _same(found: FieldValue, wanted: FieldValue) -> bool:
    """Whether a stored value is the one that was sent, as far as a field may round or cut it."""
    if isinstance(found, At) and isinstance(wanted, At):
        return abs(found.at - wanted.at) < MINUTE
    if isinstance(found, str) and isinstance(wanted, str):
        return found.strip() == wanted.strip() or wanted.startswith(found.rstrip("…"))
    return (found or None) == (wanted or None)


def _moved(value: object, moves: list[dict[str, str]]) -> list[object]:
    values = list(value) if isinstance(value, list) else []
    gone = [move["remove"] for move in moves if "remove" in move]
    come = [move["add"] for move in moves if "add" in move and move["add"] not in values]
    return [*(one for one in values if one not in gone), *come]
