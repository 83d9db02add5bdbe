"""The same history judged under two sets of policies: what each attains, and which fates differ."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from operator import attrgetter

import msgspec

from sla_engine.attainment import Period, Tally, belongs, entry
from sla_engine.differences import Difference, Pair, altered_calendars, difference, pairs
from sla_engine.evaluate import evaluate, hole
from sla_engine.model import Ref, Ticket
from sla_engine.terms import Policies


class Trial(msgspec.Struct, frozen=True, dict=True):
    """Two sets of policies and the period to hold them against. Everything is judged as of the end
    of the period."""

    before: Policies
    after: Policies
    period: Period

    @cached_property
    def altered(self) -> frozenset[str]:
        """Calendars that both have by one name and that mean something else."""
        return altered_calendars(self.before, self.after)


class Comparison(msgspec.Struct):
    """What came of a trial so far. `holes` are tickets left out because their history has some,
    with what ails it; `failures` those that could not be read or judged, with why."""

    tickets: int = 0
    before: Tally = msgspec.field(default_factory=Tally)
    after: Tally = msgspec.field(default_factory=Tally)
    differences: list[Difference] = msgspec.field(default_factory=list)
    holes: list[tuple[Ref, str]] = msgspec.field(default_factory=list)
    failures: list[tuple[str, str]] = msgspec.field(default_factory=list)

    def add(self, trial: Trial, old: Ticket, new: Ticket) -> None:
        """One ticket, as each set of policies reads it. A ticket created after the period is not
        there yet; one whose history has holes is left out where a policy would judge it."""
        period = trial.period
        if old.created_at >= period.until:
            return
        before = evaluate(trial.before, old, period.until)
        after = evaluate(trial.after, new, period.until)
        self.tickets += 1
        if incomplete := hole(trial.before, old) or hole(trial.after, new):
            if (before or after) and old.updated_at >= period.since:
                self.holes.append((old.ref, incomplete))
            return
        for pair in pairs(before, after):
            self._count(trial, pair)

    def _count(self, trial: Trial, pair: Pair) -> None:
        """One cycle: it belongs to the period on both sides where it does on one, so that the two
        are told of the same promises."""
        period = trial.period
        if not any(verdict and belongs(verdict, period) for verdict in pair):
            return
        for tally, verdict in zip((self.before, self.after), pair, strict=True):
            if verdict is not None:
                tally[entry(verdict, period)] += 1
        if (found := difference(pair, trial.altered)) is not None:
            self.differences.append(found)


def joined(parts: Iterable[Comparison]) -> Comparison:
    """Several shares of the tickets as one, the same whichever way they were shared out."""
    whole = Comparison()
    for part in parts:
        whole.tickets += part.tickets
        whole.before.update(part.before)
        whole.after.update(part.after)
        whole.differences += part.differences
        whole.holes += part.holes
        whole.failures += part.failures
    whole.differences.sort(key=attrgetter("ref", "clock"))
    whole.holes.sort()
    whole.failures = sorted(set(whole.failures))
    return whole
