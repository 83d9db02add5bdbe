"""The clocks of all policies side by side: a lane is one clock of one policy."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import Condition, FieldTest, atoms
from sla_engine.terms import Choice, ClockTerms, Policies, Policy, Retarget, Target
from sla_engine.units import Duration, Millis


class Lane(msgspec.Struct, frozen=True):
    """One clock of one policy, and its rivals: policies that promise the same clock."""

    policy: Policy
    terms: ClockTerms
    settled: frozenset[str]
    cap: Duration | None
    by_resolution: bool  # a stop by the state alone is worth a mark
    retarget: Retarget

    def settle(self, field: str) -> Millis:
        """How long after the creation a classifying field may still be set as if at once."""
        return self.policy.settle if field in self.settled else Millis(0)


def lanes_of(policies: Policies) -> Iterator[Lane]:
    """All lanes, in the order of policies and their clocks."""
    for policy in policies.policies:
        for terms in policy.clocks:
            choices = (terms.targets, terms.calendar)
            classifying = {field for choice in choices for field, _ in choice_keys(choice)}
            classifying |= {t.field for t in atoms(policy.match) if isinstance(t, FieldTest)}
            moving = {t.field for t in atoms(*live(terms)) if isinstance(t, FieldTest)}
            moving.add(terms.by)
            settled = frozenset(classifying - moving) if policy.settle else frozenset()
            cap = terms.pause.cap if terms.pause else None
            by_resolution = terms.preset in ("first_response", "next_response")
            retarget = policy.on_target_change
            yield Lane(policy, terms, settled, cap, by_resolution, retarget)


def tests_of(lane: Lane) -> Iterator[tuple[Millis, FieldTest]]:
    """Every test of a field, with the settling time under which it reads the field."""
    for test in atoms(lane.policy.match):
        if isinstance(test, FieldTest):
            yield lane.settle(test.field), test
    matches = (exclusion.match for exclusion in lane.policy.exclusions)
    for test in atoms(*live(lane.terms), *matches):
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
