"""What comes next if nothing happens, for `explain`: when, which step, and what is done then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reports import screen
from reports.explain_view import View
from reports.json_values import JsonValue, iso
from reports.words import value_text
from sla_engine.changes import AddComment, AddLabels, Assign, Deed, Notify, Transition
from sla_engine.outlook import Coming, due_if_resumed
from sla_engine.words import title

if TYPE_CHECKING:
    from sla_engine.model import Verdict


def outlook_parts(
    view: View, verdicts: Sequence[Verdict], coming: Sequence[Coming]
) -> list[RenderableType]:
    """The lines of what is ahead; none where all is decided."""
    rows = [*_resumed(view, verdicts), *(_row(view, one) for one in coming)]
    if not rows:
        return []
    grid = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        grid.add_row(*row)
    head = "If nothing had happened after that" if view.past else "If nothing happens"
    return [Text(), Text(head, style="bold"), screen.indented(grid)]


def _resumed(view: View, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str, str, str]]:
    for verdict in verdicts:
        at = due_if_resumed(verdict, view.calendars, view.now)
        if at is not None:
            words = f"due, if it ran on from {view.now_word}"
            yield view.short(at), title(verdict), words, ""


def _row(view: View, coming: Coming) -> tuple[str, str, str, str]:
    does = dict.fromkeys(map(deed_text, coming.deeds))
    what = ", ".join(coming.what)
    return view.short(coming.at), title(coming.verdict), what, ", ".join(does)


_CALLS = {
    "tell": "message to", "page": "page through", "webhook": "webhook to", "run": "run",
}  # fmt: skip


def deed_text(deed: Deed) -> str:
    """What a deed does, without its text."""
    match deed:
        case AddComment():
            return "internal comment" if deed.internal else "public comment"
        case Notify():
            return f"{_CALLS[deed.way]} {deed.channel}"
        case Assign():
            return f"assigned to {deed.to}"
        case Transition():
            return f"→ {deed.to}"
        case AddLabels():
            return f"label {value_text(deed.labels)}"
        case _:
            return ", ".join(f"{field} = {value}" for field, value in deed.fields)


def coming_json(coming: Coming) -> JsonValue:
    """One entry of `next`."""
    return {
        "at": iso(coming.at),
        "clock": coming.verdict.clock,
        "of": coming.verdict.of or None,
        "cycle": coming.verdict.cycle,
        "what": list(coming.what),
        "does": [deed_text(deed) for deed in coming.deeds],
    }
