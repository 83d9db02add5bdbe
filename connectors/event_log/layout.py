"""Which cell of a row is what: the settings and the policies' `fields:` met with the header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connectors.event_log.settings import EventLogSettings
from sla_engine.terms import FieldTerms

NOT_THERE = -1


class Layout(msgspec.Struct, frozen=True):
    """Columns to read, and the place of each meaning among them (NOT_THERE where unsaid).

    `names` are the canonical fields, `places` their cells; those in `timeless` have no history.
    """

    columns: tuple[str, ...]
    ticket: int
    at: int
    created: int
    created_by: int
    actor: int
    title: int
    sequence: int
    names: tuple[str, ...]
    places: tuple[int, ...]
    timeless: frozenset[str]


def lay_out(
    settings: EventLogSettings, fields: Mapping[str, FieldTerms], header: Sequence[str]
) -> Layout:
    """A canonical field is in the column the policies name, else in one of its own name.

    `created` may be mapped by the policies too; then that column is the ticket's creation.
    """
    said = settings.columns
    sources = _sources(fields, header)
    created = sources.pop("created", "") or said.created
    fixed = (said.ticket, said.at, created, said.created_by, said.actor, said.title, said.sequence)
    columns = tuple(dict.fromkeys(name for name in (*fixed, *sources.values()) if name))
    ticket, at, born, by, actor, title, sequence = (
        columns.index(name) if name else NOT_THERE for name in fixed
    )
    return Layout(
        columns=columns,
        ticket=ticket,
        at=at,
        created=born,
        created_by=by,
        actor=actor,
        title=title,
        sequence=sequence,
        names=tuple(sources),
        places=tuple(columns.index(column) for column in sources.values()),
        timeless=frozenset(name for name in sources if not fields[name].history),
    )


def _sources(fields: Mapping[str, FieldTerms], header: Sequence[str]) -> dict[str, str]:
    found = {
        name: terms.sources.get("event_log") or (name if name in header else "")
        for name, terms in fields.items()
        if name != "system"
    }
    return {name: column for name, column in found.items() if column}
