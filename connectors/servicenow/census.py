"""Which tickets there are, and what became of those that are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.base import Fate, ForbiddenError
from connectors.envelope import StatusError
from connectors.servicenow.bulk import Ask, of_ids
from connectors.servicenow.pages import Rows
from connectors.servicenow.queries import Position, joined
from connectors.servicenow.settings import ServiceNowSettings
from connectors.servicenow.stamps import read_stamp, write_stamp
from connectors.servicenow.tables import Tables
from sla_engine.model import Actor
from sla_engine.units import Instant

PAGE = 10_000
_FIELDS = ("sys_id", "sys_updated_on")


def census(
    tables: Tables, settings: ServiceNowSettings, since: Instant, *, by_state: bool
) -> Iterator[Sequence[str]]:
    """The sys_ids of what is not done, or changed since; of everything where `state` does not tell
    what is done. In the order of change: who moves on meanwhile comes again."""
    done = ",".join(settings.done_codes)
    still = f"stateNOT IN{done}^ORsys_updated_on>={write_stamp(since)}" if by_state else ""
    query = joined(settings.query, still)
    for page, _ in tables.sweep(settings.table, query, _FIELDS, Position(), PAGE):
        yield [row["sys_id"] for row in page.rows]


def fates(tables: Tables, table: str, ids: Sequence[str]) -> dict[str, Fate]:
    """Those that are there after all, and those of which sys_audit_delete tells, where we may read
    it: it is closed to most accounts."""
    rows = of_ids(tables, Ask(table, "sys_id", ("sys_id",)), ids).rows
    found = {row["sys_id"]: Fate("there") for row in rows}
    for row in _deletions(tables, [one for one in ids if one not in found]):
        by = Actor(row.get("user", ""))
        found[row["documentkey"]] = Fate("deleted", read_stamp(row["sys_created_on"]), by)
    return found


def _deletions(tables: Tables, ids: Sequence[str]) -> Rows:
    fields = ("sys_id", "documentkey", "user", "sys_created_on")
    try:
        return of_ids(tables, Ask("sys_audit_delete", "documentkey", fields), ids).rows
    except (ForbiddenError, StatusError):
        return []
