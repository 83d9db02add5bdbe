"""What a pass did, as values: for the screen, for the exit code, for tests."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import msgspec

from connectors.base import Allowance, AuthError, ConnectorError, ForbiddenError, UnreachableError
from service.state.failure import Failure
from sla_engine.changes import AddComment, Change, Notify, SetFields
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.delivery.items import Done, Item

Kind = Literal["fields", "comments", "escalations"]


class Writes(msgspec.Struct, frozen=True):
    """How much was written, or would be: single fields, comments, and deeds that reach further."""

    tickets: int = 0
    fields: int = 0
    comments: int = 0
    escalations: int = 0

    def __add__(self, other: Writes) -> Writes:
        pairs = zip(*map(msgspec.structs.astuple, (self, other)), strict=True)
        return Writes(*(one + more for one, more in pairs))


class SourceReport(msgspec.Struct, frozen=True):
    """One connection in one pass. `error` is why it was left alone, wholly or from then on;
    `refused` why nothing was written though something was planned; where a person's word can change
    that, `held` is the name of the plan that waits for it. `clock_fault` is why nothing may be
    written by a clock that cannot be trusted, `skew` ours less the system's, `allowance` what it
    still grants us.
    `braked`: what is too much for now, `broken`: what is refused or undone again and again,
    `barred`: which fields are not written, and each for how many tickets. `behind`: nothing was
    written for the store was brought back at that instant, and its tickets are read anew first.
    `missed` tickets were found by counting alone; the keys in `absent` are not to be found, of
    those in `rewritten` the system took back what it had told."""

    name: str
    system: str
    mode: Literal["observe", "write"]
    error: ConnectorError | None = None
    refused: str = ""
    held: str = ""
    clock_fault: str = ""
    behind: Instant | None = None
    skew: Millis | None = None
    allowance: Allowance | None = None
    first: bool = False
    since: Instant | None = None
    changed: int = 0
    missed: int = 0
    absent: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    pull_requests: int = 0
    pull_seconds: float = 0.0
    judged: int = 0
    clocks: int = 0
    moved: int = 0
    restated: int = 0
    standing: int = 0
    judge_seconds: float = 0.0
    items: tuple[Item, ...] = ()
    planned: Writes = Writes()
    written: Writes = Writes()
    write_requests: int = 0
    write_seconds: float = 0.0
    waiting: int = 0
    left: int = 0
    failures: tuple[Failure, ...] = ()
    braked: tuple[tuple[str, int], ...] = ()
    broken: tuple[tuple[str, int], ...] = ()
    barred: tuple[tuple[str, int], ...] = ()

    @property
    def withheld(self) -> bool:
        """Whether some of what was planned has to wait."""
        return bool(self.braked or self.broken or any(tickets for _, tickets in self.barred))


class PassReport(msgspec.Struct, frozen=True):
    """One pass over all connections. `run` is the name under which its writes are kept; "" where
    nothing was to be written. `reminded` of reviews of policies that were due; `halted`: why
    somebody said that nothing may be written."""

    now: Instant
    sources: tuple[SourceReport, ...]
    seconds: float = 0.0
    run: str = ""
    reminded: tuple[Notify, ...] = ()
    halted: str = ""

    @property
    def writes(self) -> int:
        """Changes that were confirmed."""
        return sum(
            s.written.fields + s.written.comments + s.written.escalations for s in self.sources
        )

    def exit_code(self) -> int:
        """As docs/operations.md lists them: 0 done, 3 in part, 4 and 5 nothing for want of
        permission or reach, 6 refused."""
        if self.halted or any(s.refused or (s.clock_fault and s.items) for s in self.sources):
            return 6
        errors = [source.error for source in self.sources if source.error]
        if errors and len(errors) == len(self.sources):
            return exit_code(errors)
        return 3 if errors or any(_fell_short(one) for one in self.sources) else 0


def _fell_short(source: SourceReport) -> bool:
    """Whether something was left undone that a person should know of."""
    return bool(source.failures) or source.withheld


def exit_code(errors: Iterable[ConnectorError]) -> int:
    """Of a command that could do nothing at all for these reasons."""
    kinds = tuple(errors)
    if any(isinstance(error, AuthError | ForbiddenError) for error in kinds):
        return 4
    return 5 if any(isinstance(error, UnreachableError) for error in kinds) else 3


def kind(change: Change) -> Kind:
    """What a change counts as: every deed but a comment reaches further."""
    if isinstance(change, SetFields):
        return "fields"
    return "comments" if isinstance(change, AddComment) else "escalations"


def size(change: Change) -> int:
    """How many single things a change writes."""
    return len(change.fields) if isinstance(change, SetFields) else 1


def writes_of(items: Iterable[Item]) -> Writes:
    """What these would write."""
    return writes(item.changes for item in items)


def writes_done(done: Iterable[Done]) -> Writes:
    """What of it was confirmed."""
    return writes([c for c, o in one.results if o.kind == "confirmed"] for one in done)


def writes(tickets: Iterable[Sequence[Change]]) -> Writes:
    """What these changes come to, given ticket by ticket."""
    count: Counter[Kind] = Counter()
    touched = 0
    for changes in tickets:
        touched += bool(changes)
        for change in changes:
            count[kind(change)] += size(change)
    return Writes(touched, count["fields"], count["comments"], count["escalations"])
