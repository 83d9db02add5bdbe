"""Which columns are read, and which canonical field each of them feeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connectors.base import Connection
from connectors.servicenow.errors import UnknownFieldError
from connectors.servicenow.names import REFERENCES
from connectors.servicenow.queries import fields_of
from connectors.servicenow.settings import ServiceNowSettings
from sla_engine.problems import did_you_mean

BASE = (
    "sys_id",
    "number",
    "short_description",
    "sys_class_name",
    "sys_created_on",
    "sys_created_by",
    "sys_updated_on",
    "sys_updated_by",
    "sys_mod_count",
)

USUAL = {
    "number": "number",
    "status": "state",
    "priority": "priority",
    "impact": "impact",
    "urgency": "urgency",
    "team": "assignment_group",
    "assignee": "assigned_to",
    "requester": "caller_id",
    "organization": "company",
}
"""Canonical field -> column, where the policies do not say another. Tables that lack one of these
have no such field; what the policies say themselves must be there."""

NOT_LABELLED = frozenset({*BASE, *REFERENCES})
CODED = ("priority", "impact", "urgency")
"""Fields read as they are stored where the policies' `values:` name nothing of them: `1` is `1` on
every instance, `1 - Critical` is not."""

ALWAYS_THERE = ("status", "priority")


class Columns(msgspec.Struct, frozen=True):
    """What one connection reads of each row.

    `canonical` are fields and their columns; `audited` those columns whose changes sys_audit can
    tell (what is dot-walked or declared without history has none); `required` must be readable.
    `labelled` columns are read by the labels of their choices, save the `codes` of a field that
    the policies' `values:` name as codes.
    """

    read: tuple[str, ...]
    canonical: Mapping[str, str]
    audited: tuple[str, ...]
    labelled: tuple[str, ...]
    codes: Mapping[str, frozenset[str]]
    required: tuple[str, ...]
    created: str
    published: Mapping[str, str]  # our column -> what it holds: due, state, ...

    @property
    def derives_category(self) -> bool:
        """Whether the category of a status follows from the code of `state`."""
        return self.canonical.get("status") == "state" and "status_category" not in self.canonical


def columns_of(connection: Connection, settings: ServiceNowSettings) -> Columns:
    """The columns by the policies' `fields:`, our publish columns, and those of the filter."""
    said = {
        name: terms.sources["servicenow"]
        for name, terms in connection.fields.items()
        if terms.sources.get("servicenow") and name != "system"
    }
    own = {name: column for name, column in said.items() if USUAL.get(name) != column}
    canonical = {**USUAL, **said}
    created = canonical.pop("created", "sys_created_on")
    unnamed = {
        canonical[name] for name in CODED if name in canonical and not _names(connection, name)
    }
    timeless = {name for name, terms in connection.fields.items() if not terms.history}
    audited = [
        column
        for name, column in canonical.items()
        if name not in timeless and "." not in column and column not in BASE
    ]
    required = [*own.values(), created, *fields_of(settings.query)]
    required += [canonical[name] for name in ALWAYS_THERE]
    read = (*BASE, created, *canonical.values(), *connection.publish, *fields_of(settings.query))
    return Columns(
        read=tuple(dict.fromkeys(read)),
        canonical=canonical,
        audited=tuple(dict.fromkeys(audited)),
        labelled=tuple(sorted({*canonical.values()} - NOT_LABELLED - unnamed)),
        codes={name: _names(connection, name) for name in connection.fields},
        required=tuple(dict.fromkeys(required)),
        created=created,
        published=connection.publish,
    )


def _names(connection: Connection, field: str) -> frozenset[str]:
    """What the policies say that systems call the values of a field."""
    terms = connection.fields.get(field)
    return (
        frozenset(name for names in terms.values.values() for name in names)
        if terms
        else frozenset()
    )


def lacking(columns: Columns, rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Required columns that stand in no row at all. ServiceNow leaves out what does not exist, and
    what we may not read, without a word."""
    if not rows:
        return ()
    there = frozenset().union(*rows)
    return tuple(column for column in columns.required if column not in there)


def unknown(table: str, names: Sequence[str], known: Sequence[str], user: str) -> UnknownFieldError:
    """The error for columns that are not there."""
    shown = ", ".join(f'"{name}"' for name in names)
    plural = "fields" if len(names) > 1 else "field"
    hint = did_you_mean(names[0], known) or "see the table's dictionary for its columns"
    return UnknownFieldError(
        f"unknown {plural} {shown} in ServiceNow table {table}",
        (
            ("likely", f"the name is misspelt, or {user or 'our account'} may not read it"),
            ("fix", hint),
            ("effect", "its tickets keep their last values"),
        ),
    )
