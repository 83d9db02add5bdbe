"""Policies compiled into tables over interned values, so that an event of a ticket is a look-up.

A field's values fall into classes that no condition can tell apart. A ticket's `State` is the tuple
of its fields' classes and what just happened, with what every clock makes of it. States and the
moves between them are worked out when met for the first time, and kept: the tables grow as they
meet values, and what they answer never depends on what they met before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import (
    All,
    Condition,
    EventTest,
    FieldTest,
    Not,
    Some,
    holds,
    passes,
)
from sla_engine.model import Actor, Value
from sla_engine.roles import kind_of
from sla_engine.terms import ActorTerms, Choice, ClockTerms, Policies, Policy, Target
from sla_engine.units import Duration, Instant, Millis

Token = tuple[str, str, str]
"""Something that happened in a step: ("comment", "public", "staff"), ("changed", "team", "")."""

PEOPLE = frozenset({"staff", "customer", "requester", "vendor"})
ASSIGNED: Token = ("assigned", "", "")
CUSTOMER_SPOKE = EventTest("comment", "public", ("customer",))
VOICES: dict[str, str] = {
    role: f"comment by {role}"
    for role in ("staff", "customer", "requester", "vendor", "bot", "ai", "self", "unknown")
}
"""What a comment is called as a move: it depends on whose it is."""
ROUND_THE_CLOCK = Calendar.from_mapping("24x7")
_ROLES = {field: role for role, field in VOICES.items()}
_MOST_STATES = 65_536


class Signals(msgspec.Struct, frozen=True, gc=False):
    """What one clock makes of one moment. `*_rest` is the same without the moment's events: it
    holds on afterwards."""

    clock: str
    matched: bool
    owned: bool
    start: bool
    start_rest: bool
    stop: bool
    stop_rest: bool
    cancel: bool
    reset: bool
    reset_rest: bool
    pause: bool
    pause_reason: str
    until: bool
    spoke: bool
    promised: bool
    limit: Millis | None
    aim: Millis | None
    calendar: Calendar
    target_index: int


class Lane(msgspec.Struct, frozen=True):
    """One clock of one policy, and its rivals: policies that promise the same clock."""

    policy: Policy
    terms: ClockTerms
    settled: frozenset[str]
    cap: Duration | None
    by_resolution: bool  # a stop by the state alone is worth a mark
    latest: bool  # the newest target judges all that was

    def settle(self, field: str) -> Millis:
        """How long after the creation a classifying field may still be set as if at once."""
        return self.policy.settle if field in self.settled else Millis(0)


class Slot:
    """One watched field (for one settling time): its value classes and one value of each. What
    passes a test in `telling` is told to people, so that values of one class read alike there."""

    __slots__ = (
        "_by_outcome", "_canonical", "_classes", "_keys", "_telling", "_tests", "examples", "settle"
    )  # fmt: skip

    def __init__(
        self,
        tests: tuple[FieldTest, ...],
        telling: frozenset[FieldTest],
        keys: frozenset[str],
        canonical: Mapping[str, str],
        settle: Millis,
    ) -> None:
        self.settle = settle
        self._classes: dict[Value, int] = {}
        self.examples: list[Value] = []
        self._by_outcome: dict[tuple[object, ...], int] = {}
        self._tests = tests
        self._telling = tuple(test for test in tests if test in telling)
        self._keys = keys
        self._canonical = canonical

    def class_of(self, value: Value) -> int:
        """The number of the class to which a value belongs."""
        number = self._classes.get(value)
        if number is None:
            if len(self._classes) > _MOST_STATES:
                self._classes.clear()
            number = self._classes[value] = self._classify(canonical(value, self._canonical))
        return number

    def _classify(self, value: Value) -> int:
        key = value if isinstance(value, str) and value in self._keys else None
        words = tuple(_words(test, value) for test in self._telling)
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


class Tables:
    """Everything that evaluation needs to know about policies, compiled."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self.lanes = tuple(_lanes(policies))
        self.values = {
            name: {raw: value for value, raws in terms.values.items() for raw in raws}
            for name, terms in policies.fields.items()
        }
        self._events = {
            test
            for lane in self.lanes
            for test in (*_atoms(lane.policy.match, *_live(lane.terms)), *_opening(lane))
            if isinstance(test, EventTest)
        }
        self.slots: list[Slot] = []
        self.watched: dict[str, tuple[int, ...]] = {}
        self._slot_of: dict[tuple[str, Millis], int] = {}
        self._lay_out()
        changing = {test.field for test in self._events if test.kind == "changed"}
        self.moving = frozenset({*self.watched, *changing, "assignee", *VOICES.values()})
        self.settles = tuple(sorted({slot.settle for slot in self.slots} - {Millis(0)}))
        dates = {p.effective for p in policies.policies if p.effective is not None}
        self.effective = tuple(sorted(dates))
        self.customer_starts = any(lane.terms.customer_starts for lane in self.lanes)
        self._starts: dict[tuple[Value, ...], State] = {}
        self.generation = 0  # rises when the tables are emptied: what points into them is void
        self._states: dict[tuple[object, ...], State] = {}
        self._signals: dict[Signals, Signals] = {}
        self._kinds: dict[Actor, str] = {}
        self.known = policies.actors == ActorTerms()  # the source's word for everybody stands

    def start(self, initial: Mapping[str, Value], created_at: Instant) -> State:
        """The state of a ticket as it was created."""
        values = tuple([initial.get(field) for field in self.watched])
        state = self._starts.get(values)
        if state is None or self.effective:
            state = self._starts[values] = self._start(values, self.era(created_at))
        if initial.get("assignee"):
            state = self._state(state.classes, state.eras, (ASSIGNED,))
        return state

    def _start(self, values: tuple[Value, ...], era: int) -> State:
        if len(self._states) > _MOST_STATES or len(self._starts) > _MOST_STATES:
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
        eras = (state.eras[0], self.era(at))
        return state if eras == state.eras else self._state(state.classes, eras, state.tokens)

    def signals(self, state: State) -> tuple[Signals, ...]:
        """What every lane makes of a state."""
        if not state.signals:
            state.signals = self._work_out(state)
        return state.signals

    def era(self, at: Instant) -> int:
        """How many effective dates have come by `at`."""
        return sum(date <= at for date in self.effective) if self.effective else 0

    def kind(self, actor: Actor) -> str:
        """What the policies call this actor, requester or not aside."""
        if self.known:
            return actor.kind
        kind = self._kinds.get(actor)
        if kind is None:
            if len(self._kinds) > _MOST_STATES:
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
        if field in _ROLES:
            told = [("comment", str(value), _ROLES[field])]
        elif field == "assignee" and value:
            told.append(ASSIGNED)
        return tuple(token for token in told if any(_fits(test, token) for test in self._events))

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
            for settle, test in _tests(lane):
                tests.setdefault((test.field, settle), {})[test] = None
            for choice in (lane.terms.targets, lane.terms.calendar):
                for field, values in _choice_keys(choice):
                    keys.setdefault((field, lane.settle(field)), set()).update(values)
        telling = frozenset(
            test
            for lane in self.lanes
            if lane.terms.pause
            for test in _atoms(lane.terms.pause.when)
            if isinstance(test, FieldTest)
        )
        for slot in {**tests, **dict.fromkeys(keys)}:
            field, settle = slot
            self._slot_of[slot] = index = len(self.slots)
            named = frozenset(keys.get(slot, ()))
            names = self.values.get(field, {})
            self.slots.append(Slot(tuple(tests.get(slot, ())), telling, named, names, settle))
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

        matched = [holds(lane.policy.match, fields_for(lane, settled=True)) for lane in self.lanes]
        owners = self._owners(matched, state.eras)
        return tuple(
            self._read(
                lane,
                fields_for(lane, settled=True),
                fields_for(lane, settled=False),
                state.tokens,
                matched=matched[number],
                owned=owners.get(lane.terms.name) == number,
            )
            for number, lane in enumerate(self.lanes)
        )

    def _owners(self, matched: list[bool], eras: tuple[int, int]) -> dict[str, int]:
        """For each clock the lane of the matching policy with the lowest rank, of those in force
        at the clock's start."""
        owners: dict[str, int] = {}
        for number, lane in enumerate(self.lanes):
            effective = lane.policy.effective
            era = eras[0] if lane.terms.start is None else eras[1]
            in_force = effective is None or self.effective.index(effective) < era
            if not matched[number] or not in_force:
                continue
            rival = owners.get(lane.terms.name)
            if rival is None or lane.policy.rank < self.lanes[rival].policy.rank:
                owners[lane.terms.name] = number
        return owners

    def _read(
        self,
        lane: Lane,
        settled: dict[str, Value],
        live: dict[str, Value],
        tokens: tuple[Token, ...],
        *,
        matched: bool,
        owned: bool,
    ) -> Signals:
        terms = lane.terms
        both = {**settled, **live}
        happened = _happened(tokens)

        def now(condition: Condition | None) -> bool:
            return condition is not None and holds(condition, both, happened)

        def rest(condition: Condition | None) -> bool:
            return condition is not None and holds(condition, both)

        pause = terms.pause
        paused = pause is not None and holds(pause.when, both)
        calendar = terms.calendar.pick(settled) or ROUND_THE_CLOCK
        target = terms.targets.pick(settled)
        spoke = terms.customer_starts and happened(CUSTOMER_SPOKE)
        signals = Signals(
            clock=terms.name,
            matched=matched,
            owned=owned,
            start=now(terms.start),
            start_rest=rest(terms.start),
            stop=now(terms.stop),
            stop_rest=rest(terms.stop),
            cancel=now(terms.cancel),
            reset=now(terms.reset),
            reset_rest=rest(terms.reset),
            pause=paused,
            pause_reason=_reason(pause.when, both) if pause and paused else "",
            until=now(pause.until) if pause else False,
            spoke=spoke,
            promised=target is not None,
            limit=target.limit.on(calendar.day) if target and target.limit else None,
            aim=target.aim.on(calendar.day) if target and target.aim else None,
            calendar=calendar,
            target_index=_index(terms.targets, target),
        )
        return self._signals.setdefault(signals, signals)


def _lanes(policies: Policies) -> Iterator[Lane]:
    for policy in policies.policies:
        for terms in policy.clocks:
            choices = (terms.targets, terms.calendar)
            classifying = {field for choice in choices for field, _ in _choice_keys(choice)}
            classifying |= {t.field for t in _atoms(policy.match) if isinstance(t, FieldTest)}
            live = {t.field for t in _atoms(*_live(terms)) if isinstance(t, FieldTest)}
            settled = frozenset(classifying - live) if policy.settle else frozenset()
            cap = terms.pause.cap if terms.pause else None
            by_resolution = terms.preset in ("first_response", "next_response")
            latest = policy.on_target_change == "latest"
            yield Lane(policy, terms, settled, cap, by_resolution, latest)


def _tests(lane: Lane) -> Iterator[tuple[Millis, FieldTest]]:
    """Every test of a field, with the settling time under which it reads the field."""
    for test in _atoms(lane.policy.match):
        if isinstance(test, FieldTest):
            yield lane.settle(test.field), test
    for test in _atoms(*_live(lane.terms)):
        if isinstance(test, FieldTest):
            yield Millis(0), test


def _opening(lane: Lane) -> tuple[EventTest, ...]:
    return (CUSTOMER_SPOKE,) if lane.terms.customer_starts else ()


def _live(terms: ClockTerms) -> tuple[Condition, ...]:
    pause = (terms.pause.when, terms.pause.until) if terms.pause else ()
    conditions = (terms.start, terms.stop, terms.cancel, terms.reset, *pause)
    return tuple(condition for condition in conditions if condition is not None)


def _atoms(*conditions: Condition) -> Iterator[FieldTest | EventTest]:
    for condition in conditions:
        match condition:
            case All(parts) | Some(parts):
                yield from _atoms(*parts)
            case Not(part):
                yield from _atoms(part)
            case _:
                yield condition


def _choice_keys(choice: Choice[Target] | Choice[Calendar]) -> Iterator[tuple[str, set[str]]]:
    if choice.by:
        yield choice.by[0], set(choice.rows)
    for row in choice.rows.values():
        yield from _choice_keys(row)


def _index(choice: Choice[Target], leaf: object) -> int:
    return next((i for i, other in enumerate(choice.leaves()) if other is leaf), -1)


def _happened(tokens: tuple[Token, ...]) -> Callable[[EventTest], bool]:
    return lambda test: any(_fits(test, token) for token in tokens)


def _fits(test: EventTest, token: Token) -> bool:
    kind, detail, role = token
    if kind != test.kind:
        return False
    if kind == "comment":
        who = test.by or PEOPLE
        by = role in who or (role == "requester" and "customer" in who)
        return by and test.visibility in ("", detail)
    return kind == "assigned" or test.field == detail


def _reason(condition: Condition, fields: Mapping[str, Value]) -> str:
    """The values that make a pause true, in words: "Waiting for customer". What is merely not
    excluded is told for want of others, and where no value tells anything the field is named."""
    passing = [
        (test, fields[test.field])
        for test in _atoms(condition)
        if isinstance(test, FieldTest) and fields.get(test.field)
        if passes(test, fields[test.field])
    ]
    for words in (
        [word for test, value in passing if not test.negated for word in _words(test, value)],
        [word for test, value in passing if test.negated for word in _words(test, value)],
        [test.field for test, _ in passing],
    ):
        if words:
            return " · ".join(dict.fromkeys(words))
    return ""


def _words(test: FieldTest, value: Value) -> tuple[str, ...]:
    """What a value says where it passes the test: of several (labels) those that count; nothing
    where the test is about numbers, or about having a value at all."""
    if not (test.one_of or test.matches):
        return ()
    if isinstance(value, str):
        return (value,) if passes(test, value) else ()
    passing = [part for part in value or () if not test.negated and passes(test, part)]
    return (", ".join(passing),) if passing else ()
