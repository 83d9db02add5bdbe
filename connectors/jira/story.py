"""What histories tell: events of canonical fields, their first values, and whether it is all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from connectors.jira.fields import Field, Plan
from connectors.jira.present import Present, Site
from connectors.jira.values import comes_singly, identities_of, item_values
from connectors.jira.wire import History, Item
from sla_engine.model import Event, Gap, Value

_EXPLAINED = (
    *("status", "priority", "resolution", "issuetype", "project", "user", "option"),
    "string",
)
"""Types of fields whose last history must lead to the present value; dates and numbers are told
there in the words of somebody's language."""


_CATEGORY = "status_category"


class Change(msgspec.Struct, frozen=True):
    """One field's change, read from one item or from several of one history."""

    field: str
    old: Value
    new: Value
    from_id: str | None = None
    to_id: str | None = None


class Story:
    """Histories in their order. `first` are the values before the first changes, once told."""

    def __init__(self, histories: Sequence[History], now: Present, plan: Plan, site: Site) -> None:
        self._histories = sorted(histories, key=lambda history: (history.at, int(history.id)))
        self._now, self._plan, self._site = now, plan, site
        self.first: dict[str, Value] = {}
        self._last: dict[str, Change] = {}
        self._gaps: dict[Gap, None] = {}
        self._lists = {
            name: self._first_list(name)
            for name, field in plan.canonical.items()
            if comes_singly(field)
        }

    def events(self) -> Iterator[Event]:
        """One event for each change of a canonical field; the category's beside its status's."""
        for history in self._histories:
            actor = self._now.actor(history.author)
            for change in self._changes(history):
                self.first.setdefault(change.field, change.old)
                self._link(change)
                self._last[change.field] = change
                if change.old != change.new:
                    yield Event(
                        history.at,
                        int(history.id),
                        change.field,
                        change.old,
                        change.new,
                        actor,
                        f"history {history.id}",
                    )

    def _link(self, change: Change) -> None:
        """Each change begins where the one before it ended, or one between them is missing."""
        last = self._last.get(change.field)
        if last is None or not self._is_explained(change.field):
            return
        if last.to_id and change.from_id and last.to_id != change.from_id:
            self._note(change.field, last.new, change.old)

    def gaps(self) -> tuple[Gap, ...]:
        """Where the histories, all told, do not lead from one to the next, or a field's last one
        not to its present value: an admin replaced the value, an import rewrote it, or Jira holds
        something back. Empty where they may be all, which is as much as Jira lets us know."""
        for last in self._last.values():
            if not self._explains(last):
                self._note(last.field, last.new, self._now.values[last.field])
        return tuple(self._gaps)

    def _note(self, field: str, before: Value, after: Value) -> None:
        if before != after:
            self._gaps[Gap(field, before, after)] = None

    def _is_explained(self, name: str) -> bool:
        field = self._plan.canonical.get(name)
        known = field is not None and field.schema.type in _EXPLAINED and not field.is_long_text
        return known or name == _CATEGORY

    def _explains(self, last: Change) -> bool:
        if not self._is_explained(last.field):
            return True
        source = "status" if last.field == _CATEGORY else self._plan.canonical[last.field].id
        ids = identities_of(self._now.raw(source))
        if ids and last.to_id:
            return last.to_id in ids
        return last.new == self._now.values[last.field]

    def _changes(self, history: History) -> Iterator[Change]:
        moved = next((item for item in history.items if item.field.lower() == "key"), None)
        for item in history.items:
            for name in self._names(item):
                field = self._plan.canonical[name]
                if not comes_singly(field):
                    yield self._change(name, field, item, moved)
            if (item.field_id or item.field.lower()) == "status":
                yield self._category_change(item)
        yield from self._list_changes(history)

    def _names(self, item: Item) -> tuple[str, ...]:
        watched = self._plan.watched
        return watched.get(item.field_id or "") or watched.get(item.field.lower(), ())

    def _change(self, name: str, field: Field, item: Item, moved: Item | None) -> Change:
        old, new = item_values(item, field)
        if field.id == "status":
            old, new = self._status_name(item.from_, old), self._status_name(item.to, new)
        elif field.id == "project":
            old, new = self._project(item.from_, old), self._project(item.to, new)
            if moved is not None:
                old, new = _prefix(moved.from_string) or old, _prefix(moved.to_string) or new
        elif item.to and item.to in identities_of(self._now.raw(field.id)):
            new = self._now.values[name]  # by its name of today, should it have been renamed
        return Change(name, old, new, item.from_ or None, item.to or None)

    def _status_name(self, identity: str | None, said: Value) -> Value:
        """The status's name of today, by which policies call it, whatever it was called then."""
        status = self._site.statuses.get(identity or "")
        return status.name if status else said

    def _project(self, identity: str | None, said: Value) -> Value:
        if identity and identity in identities_of(self._now.raw("project")):
            return self._now.values["project"]
        return (self._site.project_key(identity) if identity else None) or said

    def _category_change(self, item: Item) -> Change:
        return Change(
            _CATEGORY,
            self._category(item.from_, item.from_string),
            self._category(item.to, item.to_string),
            item.from_ or None,
            item.to or None,
        )

    def _category(self, identity: str | None, name: str | None) -> str | None:
        """By id, else by the name if all statuses of that name agree; a deleted status has none."""
        statuses = self._site.statuses
        if identity and identity in statuses:
            return statuses[identity].category
        named = {status.category for status in statuses.values() if status.name == name}
        return named.pop() if len(named) == 1 else None

    # Lists of which a history tells one value at a time

    def _pairs(self, history: History, name: str) -> list[tuple[Value, Value]]:
        field = self._plan.canonical[name]
        return [item_values(item, field) for item in history.items if name in self._names(item)]

    def _first_list(self, name: str) -> tuple[str, ...]:
        """The list before all histories, walked back from the present one."""
        present = self._now.values[name]
        values = list(present) if isinstance(present, tuple) else []
        for history in reversed(self._histories):
            for old, new in self._pairs(history, name):
                values = [value for value in values if value != new]
                values += [old] if isinstance(old, str) else []
        return tuple(values)

    def _list_changes(self, history: History) -> Iterator[Change]:
        for name, before in self._lists.items():
            pairs = self._pairs(history, name)
            if pairs:
                gone = [old for old, _ in pairs]
                come = [new for _, new in pairs if isinstance(new, str)]
                kept = [value for value in before if value not in gone and value not in come]
                self._lists[name] = (*kept, *come)
                yield Change(name, before, self._lists[name])


def _prefix(key: str | None) -> str:
    """The project of an issue's key: `OPS` of `OPS-77`."""
    return (key or "").rpartition("-")[0]
