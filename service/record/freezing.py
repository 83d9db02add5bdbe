"""Verdicts of finished cycles stay as they were judged; what changes one goes on record.

A cycle that stopped is judged by the policies of that time. When it would come out otherwise today,
the same question is asked again, of the instant at which it was judged: under those policies, with
today's knowledge of the history, calendars, exclusions and exceptions. If that answers as it did
then, an edit of the policies is all there is to it, and the verdict stands. If not, it is restated,
and the record says why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from service.record.basis import Basis, Numbered, basis, inputs_here
from service.record.causes import causes_of
from service.record.restatements import Figures, Restatement, figures_of
from sla_engine.evaluate import evaluate, hole
from sla_engine.model import Kind, Ref, Ticket, Verdict
from sla_engine.resolving.corrected import corrected
from sla_engine.terms import Policies
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

Cycle = tuple[str, str, str, int]
"""(policy, clock, of, number)."""


class Frozen(msgspec.Struct, frozen=True):
    """A verdict on a finished cycle as it was kept: judged when, under which bases."""

    cycle: Cycle
    figures: Figures
    type: Kind
    judged_at: Instant
    rules: int
    basis: int
    inputs: bytes


class Settled(msgspec.Struct, frozen=True):
    """The verdicts that hold, `standing` of them though they would come out otherwise today; those
    that were restated, and by cycle the basis whose policies judge it on."""

    verdicts: tuple[Verdict, ...]
    standing: int = 0
    restated: tuple[Restatement, ...] = ()
    rules: Mapping[Cycle, Numbered] = {}


def cycle_of(verdict: Verdict) -> Cycle:
    return (verdict.policy, verdict.clock, verdict.of, verdict.cycle)


def is_final(verdict: Verdict) -> bool:
    """Whether it is to be frozen: its cycle is over, and its history was whole."""
    return verdict.phase == "stopped" and verdict.state != "unknown"


class Past(msgspec.Struct, frozen=True):
    """How frozen verdicts are held against today's, for many tickets at one instant."""

    policies: Policies
    now: Instant
    bases: dict[int, Basis] = {}

    def settle(
        self, db: Connection, ticket: Ticket, fresh: Sequence[Verdict], frozen: Sequence[Frozen]
    ) -> Settled:
        """What holds of a ticket whose verdicts come out so today. Nothing is written."""
        today = {cycle_of(verdict): verdict for verdict in fresh}
        differing = [one for one in frozen if not _agrees(today.get(one.cycle), one)]
        if not differing:
            return Settled(tuple(fresh))
        known = {one.cycle for one in frozen}
        standing, restated, rules = 0, [], {}
        for one in differing:
            verdict = today.get(one.cycle)
            holds, restatement = self._holds(db, ticket, one, verdict)
            if restatement is not None:
                restated.append(restatement)
                rules[one.cycle] = (one.rules, self._basis(db, one.rules).inputs.hash)
            elif holds is not verdict and not hole(self.policies, ticket):
                standing += 1
            if holds is None:
                today.pop(one.cycle, None)
                continue
            if verdict is None:
                _withdraw(today, one.cycle, known)
            today[one.cycle] = holds
        return Settled(tuple(today.values()), standing, tuple(restated), rules)

    def _holds(
        self, db: Connection, ticket: Ticket, old: Frozen, fresh: Verdict | None
    ) -> tuple[Verdict | None, Restatement | None]:
        """The verdict that holds where today's is another; the restatement that makes it so."""
        policies = self._policies(db, old.rules)
        torn = hole(self.policies, ticket) or hole(policies, ticket)
        if torn or not _promises(policies, old.cycle):
            return self._kept(db, ticket.ref, old), None
        then, now = (_find(policies, ticket, at, old.cycle) for at in (old.judged_at, self.now))
        if _agrees(then, old):
            return (now if _agrees(now, old) else fresh), None
        told = [verdict for verdict in (then, fresh) if verdict is not None]
        known, known_now = self._basis(db, old.basis).inputs, inputs_here(self.policies)
        causes = causes_of(db, ticket.ref, old.judged_at, known, known_now, told)
        if not causes:
            return self._kept(db, ticket.ref, old), None
        new = None if then is None else figures_of(then)
        said = Restatement(self.now, ticket.ref, *old.cycle, old.figures, new, causes)
        return (now if now is not None and is_final(now) else fresh), said

    def _policies(self, db: Connection, number: int) -> Policies:
        """The policies of a basis with what was put right since, made once for today's policies
        and kept with them."""
        was = self._basis(db, number)
        if not was.files or was.inputs.rules == inputs_here(self.policies).rules:
            return self.policies
        made: dict[str, Policies] = self.policies.__dict__.setdefault("corrected", {})
        if was.inputs.rules not in made:
            then = corrected(was.files, self.policies.files)
            made[was.inputs.rules] = msgspec.structs.replace(then, version=was.inputs.version)
        return made[was.inputs.rules]

    def _basis(self, db: Connection, number: int) -> Basis:
        if number not in self.bases:
            self.bases[number] = basis(db, number)
        return self.bases[number]

    def _kept(self, db: Connection, ref: Ref, old: Frozen) -> Verdict:
        """The verdict as it was kept, without its spans."""
        figures = old.figures
        policy, clock, of, cycle = old.cycle
        version = self._basis(db, old.rules).inputs.version
        left = None if figures.limit is None else Millis(figures.limit - figures.elapsed)
        return Verdict(
            ref, policy, version, clock, cycle, phase="stopped", left=left,
            of=of, type=old.type,
            **msgspec.structs.asdict(figures),
        )  # fmt: skip


def _agrees(verdict: Verdict | None, old: Frozen) -> bool:
    return verdict is not None and figures_of(verdict) == old.figures


def _withdraw(today: dict[Cycle, Verdict], cycle: Cycle, known: Collection[Cycle]) -> None:
    """What another policy says only today of a cycle that was over under its own."""
    late = [
        other
        for other, verdict in today.items()
        if other[1:] == cycle[1:] and other not in known and is_final(verdict)
    ]
    for other in late:
        del today[other]


def _promises(policies: Policies, cycle: Cycle) -> bool:
    named = (policy for policy in policies.policies if policy.name == cycle[0])
    return any(clock.name == cycle[1] for policy in named for clock in policy.clocks)


def _find(policies: Policies, ticket: Ticket, at: Instant, cycle: Cycle) -> Verdict | None:
    verdicts = evaluate(policies, ticket, at)
    return next((verdict for verdict in verdicts if cycle_of(verdict) == cycle), None)
