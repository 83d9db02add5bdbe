"""How reports say what the engine knows: symbols with words, short instants, people, fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sla_engine.evaluate import compiled
from sla_engine.fold import fields_at
from sla_engine.model import At, FieldValue, Value, Verdict
from sla_engine.units import DAY, Instant, Millis, to_datetime
from sla_engine.words import duration, is_at_risk, is_missed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.model import Actor, Ticket
    from sla_engine.terms import Policies

NOTHING = "—"


class State(NamedTuple):
    """The state of a clock as a screen shows it: never a colour or a symbol without its word."""

    symbol: str
    word: str
    style: str

    def __str__(self) -> str:
        return f"{self.symbol} {self.word}"


_STATES = {
    "met": State("✓", "met", "green"),
    "tolerated": State("✓", "met, over the aim", "green"),
    "cancelled": State("–", "cancelled", "dim"),
    "excused": State("–", "excused", "dim"),
    "none": State("–", "measured, nothing promised", "dim"),
    "no_target": State("–", "no target", "dim"),
    "unknown": State("?", "unknown", "yellow"),
}


def state_of(verdict: Verdict, closed: Callable[[Verdict], bool] = lambda _: False) -> State:
    """`breached` is open and over, `missed` finished over; `closed` tells of closed hours now."""
    if verdict.state == "breached":
        return State("✗", "missed" if is_missed(verdict) else "breached", "bold red")
    if verdict.state == "paused":
        reason = verdict.spans[-1].reason if verdict.spans else ""
        return State("‖", f"paused: {reason}" if reason else "paused", "cyan")
    if verdict.state != "running":
        return _STATES[verdict.state]
    if is_at_risk(verdict):
        return State("!", "at risk", "bold yellow")
    return State("‖", "closed hours", "cyan") if closed(verdict) else State("●", "running", "")


def moment(at: Instant, zone: ZoneInfo, near: Instant) -> str:
    """`Fri 15:22` within six days of `near`, `Fri 20 Nov 15:22` within its year, else with year."""
    local = to_datetime(at, zone)
    if abs(at - near) < 6 * DAY:
        return f"{local:%a %H:%M}"
    year = "" if local.year == to_datetime(near, zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def date_moment(at: Instant, zone: ZoneInfo) -> str:
    """`Fri 20 Nov 15:22`: for texts that are read on another day."""
    local = to_datetime(at, zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def cell(length: Millis) -> str:
    """A length for a column, where minutes stand below minutes: `3 h 05`, `38 min`, `0`."""
    said = duration(length)
    if said == "0 min":
        return "0"
    hours, _, rest = said.partition(" h")
    return said if not rest and not said.endswith("h") else f"{hours} h {rest[1:3] or '00'}"


def full_cell(length: Millis) -> str:
    """`3 h 05 min`, `6 h 00 min`, `-38 min`: for a column of lengths that end alike."""
    said = duration(length)
    return f"{said} 00 min" if said.endswith(" h") else said


def number(count: int) -> str:
    """`1 914`: thousands apart."""
    return f"{count:,}".replace(",", " ")


def count(number_of: int, word: str, plural: str = "") -> str:
    """`1 comment`, `2 comments`, `3 entries`."""
    return f"{number(number_of)} {word if number_of == 1 else plural or word + 's'}"


def value_text(value: Value) -> str:
    """A canonical field's value, "" where there is none."""
    return value if isinstance(value, str) else ", ".join(value or ())


def field_text(value: FieldValue, zone: ZoneInfo, near: Instant) -> str:
    """What stands in a field of ours, `—` where it is empty."""
    if isinstance(value, At):
        return moment(value.at, zone, near)
    return value_text(value) or NOTHING


def person(actor: Actor) -> str:
    """The shortest name that tells who it was."""
    return actor.name or actor.id.partition("@")[0] or "somebody"


def standing(fields: Mapping[str, Value]) -> str:
    """`gold · P1 · Payments · Ada Lovelake`: what a lead asks first; what is unset is left out."""
    said = [value_text(fields.get(name)) for name in ("tier", "priority", "team", "assignee")]
    return " · ".join(word for word in said if word)


def fields_of(policies: Policies, ticket: Ticket, at: Instant) -> dict[str, Value]:
    """Every canonical field as of an instant, in the policies' vocabulary."""
    return fields_at(compiled(policies)[0], ticket, at)


def names_of(ticket: Ticket) -> dict[str, str]:
    """The people in a ticket's history, by id."""
    return {event.actor.id: event.actor.name for event in ticket.journal if event.actor.name}


def named(fields: Mapping[str, Value], ticket: Ticket) -> dict[str, Value]:
    """The fields with the assignee by name, where the ticket's history knows one for the id."""
    assignee = fields.get("assignee")
    names = names_of(ticket)
    if isinstance(assignee, str) and assignee in names:
        return {**fields, "assignee": names[assignee]}
    return dict(fields)
