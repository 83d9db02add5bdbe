"""One line on the health of the service, as monitoring plugins say it: words, then figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from sla_engine.words import duration

if TYPE_CHECKING:
    from typing import Literal

    from sla_engine.units import Instant, Millis

    Level = Literal["ok", "warning", "critical"]


class Freshness(Protocol):
    """One connection."""

    @property
    def name(self) -> str: ...
    @property
    def error_code(self) -> str: ...
    def age(self, now: Instant) -> Millis | None: ...
    def level(self, now: Instant, limit: Millis) -> Level: ...


class Health(Protocol):
    """All of them."""

    @property
    def now(self) -> Instant: ...
    @property
    def limit(self) -> Millis: ...
    @property
    def store(self) -> str: ...
    @property
    def connections(self) -> Sequence[Freshness]: ...
    @property
    def level(self) -> Level: ...


def health_line(found: Health) -> str:
    """`SLA OK - jira/acme 41 s old | 'jira/acme'=41s;;600`."""
    head = f"SLA {found.level.upper()} - "
    if found.store:
        return head + found.store
    said = ", ".join(connection_text(one, found) for one in found.connections)
    figures = [
        f"'{one.name}'={age // 1000}s;;{found.limit // 1000}"
        for one in found.connections
        if (age := one.age(found.now)) is not None
    ]
    return head + said + (f" | {' '.join(figures)}" if figures else "")


def connection_text(one: Freshness, found: Health) -> str:
    """`jira/acme 41 s old`, `snow/acme 14 min old, at most 10 min (SLA503)`."""
    age = one.age(found.now)
    said = f"{one.name} never read" if age is None else f"{one.name} {duration(age)} old"
    if age is not None and one.level(found.now, found.limit) == "critical":
        said += f", at most {duration(found.limit)}"
    return f"{said} ({one.error_code})" if one.error_code else said
