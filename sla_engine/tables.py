"""Policies compiled into tables over interned values, so that an event of a ticket is a look-up.

A field's values fall into classes that no condition can tell apart. A ticket's `State` is the tuple
of its fields' classes and what just happened, with what every clock makes of it. States and the
moves between them are worked out when met for the first time, and kept: the tables grow as they
meet values, and what they answer never depends on what they met before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from math import inf

import msgspec

from sla_engine.conditions import EventTest, FieldTest, atoms
from sla_engine.eras import Dates, Eras
from sla_engine.happening import (
    ASSIGNED,
    CUSTOMER_SPOKE,
    DELETED,
    LINK,
    MERGED_INTO,
    OPENING,
    ROLES,
    TOUCH,
    VOICES,
    Token,
    fits,
)
from sla_engine.lanes import Lane, choice_keys, exact, lanes_of, live, tests_of
from sla_engine.model import Actor, Value
from sla_engine.roles import kind_of
from sla_engine.signals import Signals, read_signals
from sla_engine.slots import MOST, Slot
from sla_engine.terms import ActorTerms, Policies
from sla_engine.units import Instant, Millis


class State:
    """The classes of all watched fields, and what happens in this very step.

    `moves` leads on: `moves[field][value]` is the state after that field took that value; what is
    missing there, `Tables.move` works out. `rest` is the state once the step is over. `signals` is
    what each lane makes of it; empty until `Tables.signals` is asked.
    """

    __slots__ = ("classes", "eras", "moves", "rest", "signals", "tokens", "young")

    def __init__(
        self,
        classes: tuple[int, ...],
        eras: tuple[int, int],
        tokens: tuple[Token, ...],
        rest: State | None,
    ) -> None:
        self.classes, self.eras, self.tokens = classes, eras, tokens
        self.moves: dict[str, dict[Value, State]] = {}
        self.young: dict[tuple[str, Value, int, bool], State] = {}
        self.signals: tuple[Signals, ...] = ()
        self.rest: State = rest if rest is not None else self


ALWAYS = frozenset({"assignee", "requester"})
"""Fields that are watched though no condition names them: what people do depends on them."""


class Tables:
    """Everything that evaluation needs to know about policies, compiled."""

    def __init__(self, policies: Policies, *, case: bool = False) -> None:
        self.policies, self.case = policies, case
        self.lanes = tuple(lane for lane in lanes_of(policies) if lane.policy.case is case)
        self.values = {
            name: {raw: value for value, raws in terms.values.items() for raw in raws}
            for name, terms in policies.fields.items()
        }
        self._events = {
            test
            for lane in self.lanes
            for test in (*atoms(lane.policy.match, *live(lane.terms)), *_opening(lane))
            if isinstance(test, EventTest)
        }
        self.dates = Dates(policies)
        if self.dates.openings:
            self._events.add(EventTest(OPENING))
        self.slots: list[Slot] = []
        self.watched: dict[str, tuple[int, ...]] = {}
        self._slot_of: dict[tuple[str, Millis], int] = {}
        self._lay_out()
        self.changing = {test.field for test in self._events if test.kind == "changed"}
        self.assigning = any(fits(test, ASSIGNED) for test in self._events)
        told = (*VOICES.values(), *ALWAYS, LINK, TOUCH, OPENING)
        self.moving = frozenset({*self.watched, *self.changing, *told})
        self.touching = any(test.kind == TOUCH for test in self._events)
        self.settles = tuple(sorted({slot.settle for slot in self.slots} - {Millis(0)}))
        self.effective = self.dates.all
        self.implies = self.touching or bool(self.dates.openings)
        self.customer_starts = any(lane.terms.customer_starts for lane in self.lanes)
        self._starts: dict[tuple[Value, ...], State] = {}
        self.generation = 0  # rises when the tables are emptied: what points into them is void
        self._states: dict[tuple[object, ...], State] = {}
        self._signals: dict[Signals, Signals] = {}
        self._kinds: dict[Actor, str] = {}
        self.known = policies.actors == ActorTerms()  # the source's word for everybody stands

    def start(self, initial: Mapping[str, Value], created_at: Instant) -> State:
        """The state of a ticket as it was created."""
        values = tuple(map(initial.get, self.watched))
        state = self._starts.get(values)
        if state is None or self.effective:
            state = self._starts[values] = self._start(values, self.dates.era(created_at))
        if initial.get("assignee"):
            state = self._state(state.classes, state.eras, (ASSIGNED,))
        return state

    def _start(self, values: tuple[Value, ...], era: int) -> State:
        if len(self._states) > MOST or len(self._starts) > MOST:
            self._states.clear()
            self._starts.clear()
            self.generation += 1
        classes = [0] * len(self.slots)
        for indexes, value in zip(self.watched.values(), values, strict=True):
            for index in indexes:
                classes[index] = self.slots[index].class_of(value)
        return self._state(tuple(classes), (era, era), ())

    def move(self, state: State, field: str, value: Value) -> State:
        """The state after a field took a value, in the same step as what happened before."""
        if field not in self.moving:
            return state  # and nothing is kept: such values may be long texts
        following = self._moved(state, field, value, lambda _: True)
        state.moves.setdefault(field, {})[value] = following
        return following

    def move_early(
        self, state: State, field: str, value: Value, age: Millis, *, settling: bool
    ) -> State:
        """The same for a change `age` after the creation. Classifying fields that are settling
        then take their value from the start: in a pass of its own, with `settling`; the ordinary
        pass leaves them alone."""
        key = (field, value, bisect_left(self.settles, age), settling)
        following = state.young.get(key)
        if following is None:
            following = self._moved(
                state, field, value, lambda slot: (slot.settle >= max(age, 1)) is settling
            )
            if settling:  # only the values count: nothing happens yet
                following = self._state(following.classes, state.eras, state.tokens)
            state.young[key] = following
        return following

    def at_era(self, state: State, at: Instant) -> State:
        """The same state once the policies that are in effect at `at` are."""
        eras = (state.eras[0], self.dates.era(at))
        return state if eras == state.eras else self._state(state.classes, eras, state.tokens)

    def signals(self, state: State) -> tuple[Signals, ...]:
        """What every lane makes of a state."""
        if not state.signals:
            state.signals = self._work_out(state)
        return state.signals

    def kind(self, actor: Actor) -> str:
        """What the policies call this actor, requester or not aside."""
        if self.known:
            return actor.kind
        kind = self._kinds.get(actor)
        if kind is None:
            if len(self._kinds) > MOST:
                self._kinds.clear()
            kind = self._kinds[actor] = kind_of(actor, self.policies.actors)
        return kind

    def _moved(
        self, state: State, field: str, value: Value, applies: Callable[[Slot], bool]
    ) -> State:
        classes = list(state.classes)
        for index in self.watched.get(field, ()):
            if applies(self.slots[index]):
                classes[index] = self.slots[index].class_of(value)
        happened = [t for t in self._happening(field, value) if t not in state.tokens]
        return self._state(tuple(classes), state.eras, (*state.tokens, *happened))

    def _happening(self, field: str, value: Value) -> tuple[Token, ...]:
        """What a change of this field says to conditions about events."""
        told = [("changed", field, "")]
        if field in ROLES:
            told = [("comment", str(value), ROLES[field])]
        elif field == "assignee" and value:
            told.append(ASSIGNED)
        elif field in (TOUCH, LINK, OPENING):
            told = [(field, str(value), "")]
        return tuple(token for token in told if any(fits(test, token) for test in self._events))

    def _state(
        self, classes: tuple[int, ...], eras: tuple[int, int], tokens: tuple[Token, ...]
    ) -> State:
        key = (classes, eras, tokens)
        found = self._states.get(key)
        if found is None:
            rest = self._state(classes, eras, ()) if tokens else None
            found = self._states[key] = State(classes, eras, tokens, rest)
        return found

    def _lay_out(self) -> None:
        tests: dict[tuple[str, Millis], dict[FieldTest, None]] = {}
        keys: dict[tuple[str, Millis], set[str]] = {}
        for lane in self.lanes:
            for settle, test in tests_of(lane):
                tests.setdefault((test.field, settle), {})[test] = None
            for choice in lane.choices():
                for field, values in choice_keys(choice):
                    keys.setdefault((field, lane.settle(field)), set()).update(values)
        telling = frozenset(
            test
            for lane in self.lanes
            if lane.terms.pause
            for test in atoms(lane.terms.pause.when)
            if isinstance(test, FieldTest)
        )
        each = {(field, Millis(0)) for lane in self.lanes for field in exact(lane)}
        each |= {(field, Millis(0)) for field in (DELETED, MERGED_INTO)}
        for slot in {**tests, **dict.fromkeys(keys), **dict.fromkeys(each)}:
            field, settle = slot
            self._slot_of[slot] = index = len(self.slots)
            named = frozenset(keys.get(slot, ()))
            names = self.values.get(field, {})
            told = tuple(tests.get(slot, ()))
            self.slots.append(Slot(told, telling, named, names, settle, each=slot in each))
            self.watched[field] = (*self.watched.get(field, ()), index)

    def _work_out(self, state: State) -> tuple[Signals, ...]:
        examples = [
            slot.examples[number] for slot, number in zip(self.slots, state.classes, strict=True)
        ]

        def fields_for(lane: Lane, *, settled: bool) -> dict[str, Value]:
            return {
                field: examples[index]
                for (field, settle), index in self._slot_of.items()
                if settle == (lane.settle(field) if settled else 0)
            }

        seen = [
            self._of_its_time(
                lane,
                state.eras,
                fields_for(lane, settled=True),
                fields_for(lane, settled=False),
                state.tokens,
            )
            for lane in self.lanes
        ]
        for owner in self._owners(seen, state.eras):
            seen[owner] = msgspec.structs.replace(seen[owner], owned=True)
        return tuple(self._signals.setdefault(signals, signals) for signals in seen)

    def _of_its_time(
        self,
        lane: Lane,
        eras: Eras,
        settled: dict[str, Value],
        live: dict[str, Value],
        tokens: tuple[Token, ...],
    ) -> Signals:
        """What a lane makes of fields under the terms of these eras: one that will take over open
        clocks lives by the terms before it until then, one that is taken over from matches no
        more."""
        early = self.dates.early(lane.policy, eras)
        seen = read_signals(lane, lane.before if early else lane.terms, settled, live, tokens)
        if early:
            return msgspec.structs.replace(seen, target_index=-2 - seen.target_index)
        over = self.dates.over(lane.policy, eras)
        return msgspec.structs.replace(seen, matched=False) if over else seen

    def _owners(self, seen: list[Signals], eras: tuple[int, int]) -> Iterable[int]:
        """For each clock the lane of the matching policy with the lowest rank, of those in force
        at the clock's start; the stricter one where ranks are equal. And all that are additive."""
        owners: dict[str, tuple[tuple[int, float], int]] = {}
        additive = []
        for number, (lane, signals) in enumerate(zip(self.lanes, seen, strict=True)):
            if not signals.matched or not self.dates.in_force(lane, eras):
                continue
            if lane.policy.additive:
                additive.append(number)
                continue
            claim = (lane.policy.rank, inf if signals.limit is None else signals.limit)
            if lane.terms.name not in owners or claim < owners[lane.terms.name][0]:
                owners[lane.terms.name] = (claim, number)
        return [*additive, *(number for _, number in owners.values())]


def _opening(lane: Lane) -> tuple[EventTest, ...]:
    return (CUSTOMER_SPOKE,) if lane.terms.customer_starts else ()
