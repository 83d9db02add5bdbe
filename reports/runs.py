"""The runs of the last time: when, what each was, how much it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from reports import screen
from reports.json_values import JsonValue, iso
from reports.words import number

if TYPE_CHECKING:
    from sla_engine.units import Instant


class Run(msgspec.Struct, frozen=True):
    """One run and what of it was confirmed; `cause` is the run that it undid, or a plan's hash."""

    id: str
    kind: str
    began_at: Instant
    policies: str
    cause: str
    tickets: int
    fields: int
    comments: int
    escalations: int


def render_runs(runs: Sequence[Run]) -> RenderableType:
    """Newest first."""
    if not runs:
        return Text("nothing was written yet\nNext  sla plan   shows what would be")
    columns = ("Tickets", "Fields", "Comments", "Escalations")
    table = screen.table(
        ("Run", "left"),
        ("What", "left"),
        *((name, "right") for name in columns),
    )
    for run in runs:
        figures = (run.tickets, run.fields, run.comments, run.escalations)
        table.add_row(run.id, _what(run), *map(number, figures))
    step = Text(f"Next  sla revert {runs[0].id} --dry-run   shows what of it can be undone")
    return Group(screen.indented(table), Text(), step)


def _what(run: Run) -> str:
    if run.kind == "revert":
        return f"revert {run.cause}"
    return f"apply {run.cause[:7]}" if run.kind == "apply" else run.kind


def runs_json(runs: Sequence[Run]) -> JsonValue:
    """The same for machines."""
    return {
        "schema": 1,
        "runs": [
            {
                "run": run.id,
                "kind": run.kind,
                "began_at": iso(run.began_at),
                "policies": run.policies,
                "cause": run.cause or None,
                "tickets": run.tickets,
                "fields": run.fields,
                "comments": run.comments,
                "escalations": run.escalations,
            }
            for run in runs
        ],
    }
