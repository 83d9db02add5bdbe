"""Evidence held against itself: the chain of lines, and every verdict judged again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from service.record.audit import BEFORE_ALL, Line, attested, digest_of, gone, seal_of
from service.record.evidence import VERDICT, History, Judgement, Record, Terms, versions_at
from service.record.restatements import figures_of
from service.state.journals import unpack
from sla_engine.evaluate import evaluate
from sla_engine.inputs import inputs_hash, inputs_of
from sla_engine.model import Ref, Ticket
from sla_engine.policy_files import load_texts
from sla_engine.resolving.corrected import corrected

if TYPE_CHECKING:
    from sla_engine.terms import Policies
    from sla_engine.units import Instant


class Doubt(msgspec.Struct, frozen=True):
    """What is wrong with a line."""

    number: int
    at: Instant
    kind: str
    key: str
    what: str


class Audited(msgspec.Struct):
    """`unsealed` lines are older than the chain, `erased` ones have no contents any more, `retold`
    ones bear a pseudonym for a person. `bare` verdicts were judged by policies that were not read
    from files, `veiled` ones by policies that name such a person, and the histories of `aged` ones
    were let go: none can be judged again."""

    lines: int = 0
    unsealed: int = 0
    erased: int = 0
    retold: int = 0
    judged: int = 0
    bare: int = 0
    veiled: int = 0
    aged: int = 0
    head: tuple[int, bytes] | None = None
    anchored: bool = False
    doubts: list[Doubt] = []


def audited(evidence: Iterable[Record], *, anchor: bytes | None = None) -> Audited:
    """Everything held against itself. `anchor` is a seal that was noted down earlier: it must be
    among the lines."""
    bench = _Bench(anchor)
    for one in evidence:
        if isinstance(one, Terms):
            bench.terms[one.hash] = one
        elif isinstance(one, History):
            bench.history = one
        else:
            bench.take(one)
    return bench.ended()


class _Otherwise(msgspec.Struct, frozen=True):
    """A line that says something else than it once did, which is fine where a later line attests
    its digest of now. `broken` is what is wrong with it beside that."""

    line: Line
    digest: bytes
    broken: str


class _Bench:
    def __init__(self, anchor: bytes | None) -> None:
        self.found = Audited(anchored=anchor is None)
        self.terms: dict[str, Terms] = {}
        self.history: History | None = None
        self._anchor = anchor
        self._made: dict[tuple[str, str], Policies | str] = {}
        self._otherwise: dict[int, _Otherwise] = {}
        self._lost: dict[tuple[str, str], list[Doubt]] = {}

    def ended(self) -> Audited:
        """What was found, after the last line."""
        changed = (one.line for one in self._otherwise.values())
        self.found.doubts.extend(
            _doubt(line, "was changed after it was written") for line in changed
        )
        for lost in self._lost.values():
            self.found.doubts.extend(lost)
        self.found.doubts.sort(key=lambda one: one.number)
        return self.found

    def take(self, line: Line) -> None:
        found = self.found
        found.lines += 1
        broken = self._chained(line)
        if line.salt is None and line.digest is not None:
            found.erased += 1
        elif line.kind == VERDICT and not broken:
            broken = self._judged_again(line)
        digest = line.salt and digest_of(msgspec.structs.asdict(line), line.salt)
        if digest and digest != line.digest:
            self._otherwise[line.number] = _Otherwise(line, digest, broken)
        elif broken:
            found.doubts.append(_doubt(line, broken))
        else:
            self._hear(line)

    def _hear(self, line: Line) -> None:
        """What a sound line attests of those before it."""
        for number, digest in attested(line).items():
            if number in self._otherwise and self._otherwise[number].digest == digest:
                told = self._otherwise.pop(number)
                self.found.retold += 1
                if told.broken:
                    self.found.doubts.append(_doubt(told.line, told.broken))
        for ticket in gone(line):
            self.found.aged += len(self._lost.pop(ticket, ()))

    def _chained(self, line: Line) -> str:
        """What breaks the chain at a line; "" where it holds."""
        found, before = self.found, self.found.head
        if line.seal is None or line.digest is None:
            found.unsealed += 1
            return "lost its seal" if before else ""
        expected = line.number if before is None else before[0] + 1
        after = BEFORE_ALL if before is None else before[1]
        found.head = (line.number, line.seal)
        found.anchored = found.anchored or line.seal == self._anchor
        if line.number != expected:
            gone = (
                f"line {expected} is"
                if line.number - expected == 1
                else f"lines {expected} to {line.number - 1} are"
            )
            return f"follows on others: {gone} missing"
        if seal_of(after, line.number, line.digest) != line.seal:
            return "does not follow on the line before it: one of them was exchanged"
        return ""

    def _judged_again(self, line: Line) -> str:
        """Why a verdict does not come out as it was written down; "" where it does."""
        try:
            told = msgspec.json.decode(line.change, type=Judgement)
        except msgspec.MsgspecError:
            return "does not say what was judged"
        if not told.inputs:
            self.found.veiled += 1
            return ""
        ticket = self._ticket(line)
        if ticket is None:
            lost = self._lost.setdefault((line.connection, line.ticket), [])
            lost.append(_doubt(line, "tells of a ticket whose history is not there"))
            return ""
        policies = self._policies(told)
        if isinstance(policies, str):
            if not policies:
                self.found.bare += 1
            return policies
        judged = _as_judged(ticket, line.at, told)
        if judged is None:
            return "was judged by another history than the one that is kept"
        verdicts = evaluate(policies, judged, line.at)
        cycle = (told.policy, told.clock, told.cycle)
        again = [
            v for v in verdicts if (v.policy, v.clock, v.cycle) == cycle and told.of in (None, v.of)
        ]
        self.found.judged += 1
        if not again:
            return "does not come out any more: there is no such clock"
        return (
            "" if figures_of(again[0]) == told.figures else "comes out otherwise when judged again"
        )

    def _ticket(self, line: Line) -> Ticket | None:
        held = self.history
        if held is None or (held.ref, held.at) != (
            Ref(line.connection, line.key, line.ticket),
            line.at,
        ):
            return None
        members = tuple(unpack(one) for one in held.members)
        return msgspec.structs.replace(unpack(held.ticket), members=members, skew=held.skew)

    def _policies(self, told: Judgement) -> Policies | str:
        """The policies of a verdict; else why there are none, "" where they had no files."""
        pair = (told.rules, told.basis)
        if pair not in self._made:
            self._made[pair] = self._read(*pair)
        return self._made[pair]

    def _read(self, rules: str, basis: str) -> Policies | str:
        if rules not in self.terms or basis not in self.terms:
            return "was judged under policies that are not there"
        was, then = self.terms[rules].basis, self.terms[basis].basis
        if not was.files or not then.files:
            return ""
        for hash_, one in ((rules, was), (basis, then)):
            policies, _ = load_texts(one.files)
            if inputs_of(policies, one.inputs.data).hash != hash_:
                return "was judged under policies, calendars or zones that read otherwise here"
        if was.inputs.rules == then.inputs.rules:
            return load_texts(then.files)[0]
        return corrected(was.files, then.files)


def _doubt(line: Line, what: str) -> Doubt:
    return Doubt(line.number, line.at, line.kind, line.key, what)


def _as_judged(ticket: Ticket, at: Instant, told: Judgement) -> Ticket | None:
    """The ticket with the history whose hash the verdict bears."""
    for known in versions_at(ticket, at):
        if inputs_hash(known, at, told.rules, told.basis) == told.inputs:
            return known
    return None
