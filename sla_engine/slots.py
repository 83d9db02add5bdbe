"""One watched field: its values in classes that no condition can tell apart."""

from __future__ import annotations

from collections.abc import Mapping

from sla_engine.conditions import FieldTest, passes
from sla_engine.model import Value
from sla_engine.units import Millis

MOST = 65_536
"""Values, states and people that are remembered before all are forgotten and met anew."""


class Slot:
    """One watched field (for one settling time): its value classes and one value of each. What
    passes a test in `telling` is told to people, so that values of one class read alike there. With
    `each`, every value is a class of its own."""

    __slots__ = (
        "_by_outcome", "_canonical", "_classes", "_each", "_keys", "_telling", "_tests", "examples",
        "settle",
    )  # fmt: skip

    def __init__(
        self,
        tests: tuple[FieldTest, ...],
        telling: frozenset[FieldTest],
        keys: frozenset[str],
        canonical: Mapping[str, str],
        settle: Millis,
        *,
        each: bool = False,
    ) -> None:
        self.settle = settle
        self._classes: dict[Value, int] = {}
        self.examples: list[Value] = []
        self._by_outcome: dict[tuple[object, ...], int] = {}
        self._tests = tests
        self._telling = tuple(test for test in tests if test in telling)
        self._keys = keys
        self._each = each
        self._canonical = canonical

    def class_of(self, value: Value) -> int:
        """The number of the class to which a value belongs."""
        number = self._classes.get(value)
        if number is None:
            if len(self._classes) > MOST:
                self._classes.clear()
            number = self._classes[value] = self._classify(canonical(value, self._canonical))
        return number

    def _classify(self, value: Value) -> int:
        values = (value,) if isinstance(value, str) else value or ()
        key = value if self._each else next((v for v in values if v in self._keys), None)
        words = tuple(words_of(test, value) for test in self._telling)
        outcome = (key, words, *(passes(test, value) for test in self._tests))
        number = self._by_outcome.setdefault(outcome, len(self.examples))
        if number == len(self.examples):
            self.examples.append(value)
        return number


def canonical(value: Value, names: Mapping[str, str]) -> Value:
    """A source's value in the policies' vocabulary; what has no other name stays as it is."""
    if isinstance(value, str):
        return names.get(value, value)
    return tuple(names.get(part, part) for part in value) if value else None


def words_of(test: FieldTest, value: Value) -> tuple[str, ...]:
    """What a value says where it passes the test: of several (labels) those that count; nothing
    where the test is about numbers, or about having a value at all."""
    if not (test.one_of or test.matches):
        return ()
    if isinstance(value, str):
        return (value,) if passes(test, value) else ()
    passing = [part for part in value or () if not test.negated and passes(test, part)]
    return (", ".join(passing),) if passing else ()
