"""Why a frozen verdict comes out otherwise: the ticket's history, or what corrects the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from service.record.restatements import Cause, CauseKind
from service.state import knowledge

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sla_engine.inputs import Hashes, Inputs
    from sla_engine.model import Ref, Verdict
    from sla_engine.units import Instant


def causes_of(
    db: Connection, ref: Ref, judged_at: Instant, old: Inputs, new: Inputs, told: Iterable[Verdict]
) -> tuple[Cause, ...]:
    """What became known since a verdict was frozen; `told` are the verdicts of today, by whose
    calendars it is limited. Empty where nothing may change it: policies were edited."""
    calendars = {span.calendar for verdict in told for span in verdict.spans}
    return (
        *_history(db, ref, judged_at),
        *_differing("calendar", old.calendars, new.calendars, calendars),
        *_differing("exclusion", old.exclusions, new.exclusions),
        *_differing("exception", old.exceptions, new.exceptions, {ref.key}),
        *_updated("tzdata", "time zone data", old.data.tzdata, new.data.tzdata),
        *_updated("holidays", "public holidays", old.data.holidays, new.data.holidays),
    )


def _history(db: Connection, ref: Ref, judged_at: Instant) -> Iterator[Cause]:
    steps: dict[tuple[str, Instant, Instant], list[str]] = {}
    for event, known_at in knowledge.late(db, ref, judged_at):
        steps.setdefault((event.source_id, event.at, known_at), []).append(event.field)
    for (source_id, at, known_at), fields in steps.items():
        yield Cause("history", f"{source_id}: {', '.join(fields)}", at, known_at)
    since = knowledge.rewritten(db, ref, judged_at)
    if since is not None:
        yield Cause("history", "the source tells another history than before", known_at=since)


def _differing(
    kind: CauseKind, old: Hashes, new: Hashes, concerned: set[str] | None = None
) -> Iterator[Cause]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name) and (concerned is None or name in concerned):
            what = "added" if name not in old else "withdrawn" if name not in new else "corrected"
            yield Cause(kind, f"{kind} {name} {what}")


def _updated(kind: CauseKind, what: str, old: str, new: str) -> Iterator[Cause]:
    if old != new:
        yield Cause(kind, f"{what} {old} → {new}")
