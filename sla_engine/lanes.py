"""The clocks of all policies side by side: a lane is one clock of one policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import Condition, FieldTest, atoms
from sla_engine.terms import Choice, ClockTerms, Policies, Policy, Retarget, Target
from sla_engine.units import Duration, Millis

REQUESTER_TZ = "requester_tz"
"""The field with the time zone of the requester, by its IANA name."""


class Lane(msgspec.Struct, frozen=True):
    """One clock of one policy, and its rivals: policies that promise the same clock."""

    policy: Policy
    terms: ClockTerms
    before: ClockTerms  # what holds until the policy takes over open clocks
    settled: frozenset[str]
    cap: Duration | None
    by_resolution: bool  # a stop by the state alone is worth a mark
    retarget: Retarget
    held: Mapping[str, Calendar]  # steps that wait for hours before they act

    def choices(self) -> tuple[Choice[Target] | Choice[Calendar], ...]:
        """Every choice that the values of fields make in this lane."""
        now, then = self.terms, self.before
        return (now.targets, now.calendar, then.targets, then.calendar)

    def settle(self, field: str) -> Millis:
        """How long after the creation a classifying field may still be set as if at once."""
        return self.policy.settle if field in self.settled else Millis(0)


def lanes_of(policies: Policies) -> Iterator[Lane]:
    """All lanes, in the order of policies and their clocks."""
    for policy in policies.policies:
        for terms in policy.clocks:
            before = _before(policies, policy, terms)
            choices = (terms.targets, terms.calendar, before.targets, before.calendar)
            classifying = {field for choice in choices for field, _ in choice_keys(choice)}
            classifying |= {t.field for t in atoms(policy.match) if isinstance(t, FieldTest)}
            tests = atoms(*live(terms), *live(before))
            moving = {test.field for test in tests if isinstance(test, FieldTest)}
            moving.add(terms.by)
            settled = frozenset(classifying - moving) if policy.settle else frozenset()
            cap = terms.pause.cap if terms.pause else None
            by_resolution = terms.preset in ("first_response", "next_response")
            retarget = policy.on_target_change
            held = {step.name: step.hours for step in policy.steps if step.hours is not None}
            yield Lane(policy, terms, before, settled, cap, by_resolution, retarget, held)


def _before(policies: Policies, policy: Policy, terms: ClockTerms) -> ClockTerms:
    """The clock as the version before has it, of one that takes over open clocks; without such a
    clock nothing was promised. Where nothing is taken over, the clock itself."""
    if policy.applies_to != "open":
        return terms
    for other in policies.policies:
        if other.name == policy.name and other.ends == policy.effective:
            for clock in other.clocks:
                if clock.name == terms.name:
                    return msgspec.structs.replace(
                        terms, targets=clock.targets, calendar=clock.calendar, pause=clock.pause
                    )
    return msgspec.structs.replace(terms, targets=Choice(default=Target(None)))


def exact(lane: Lane) -> Iterator[str]:
    """The fields of which every value counts: what splits a clock, dates, the time zone."""
    if lane.terms.by:
        yield lane.terms.by
    if lane.policy.local:
        yield REQUESTER_TZ
    yield from (t.due.field for t in lane.terms.targets.leaves() if t.due and t.due.field)


def tests_of(lane: Lane) -> Iterator[tuple[Millis, FieldTest]]:
    """Every test of a field, with the settling time under which it reads the field."""
    for test in atoms(lane.policy.match):
        if isinstance(test, FieldTest):
            yield lane.settle(test.field), test
    matches = (exclusion.match for exclusion in lane.policy.exclusions)
    for test in atoms(*live(lane.terms), *live(lane.before), *matches):
        if isinstance(test, FieldTest):
            yield Millis(0), test


def live(terms: ClockTerms) -> tuple[Condition, ...]:
    """The conditions that start, stop and pause a clock: what settles does not wait for them."""
    pause = (terms.pause.when, terms.pause.until) if terms.pause else ()
    conditions = (terms.start, terms.stop, terms.cancel, terms.reset, *pause)
    return tuple(condition for condition in conditions if condition is not None)


def choice_keys(choice: Choice[Target] | Choice[Calendar]) -> Iterator[tuple[str, set[str]]]:
    """The fields by which a choice is made, each with the values that have a row."""
    if choice.by:
        yield choice.by[0], set(choice.rows)
    for row in choice.rows.values():
        yield from choice_keys(row)
