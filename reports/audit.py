"""What became of holding an audit against itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from reports.json_values import JsonValue, iso
from reports.words import count, date_moment, number

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.units import Instant

SHOWN = 20


class Doubt(msgspec.Struct, frozen=True):
    """What is wrong with a line of the audit."""

    number: int
    at: Instant
    kind: str
    key: str
    what: str


class Proof(msgspec.Struct, frozen=True):
    """`head` is the last line's number and seal; `anchored` says whether a seal noted earlier was
    met."""

    of: str
    lines: int
    unsealed: int
    erased: int
    retold: int
    judged: int
    bare: int
    veiled: int
    aged: int
    head: tuple[int, bytes] | None
    anchored: bool
    doubts: Sequence[Doubt]

    @property
    def holds(self) -> bool:
        return self.anchored and not self.doubts


def render_audit(proof: Proof, zone: ZoneInfo) -> str:
    """A few lines, or one for each line in doubt."""
    said = [f"Audit of {proof.of}: {count(proof.lines, 'line')}"]
    said += [_doubt(one, zone) for one in proof.doubts[:SHOWN]]
    if len(proof.doubts) > SHOWN:
        said.append(f"  … and {count(len(proof.doubts) - SHOWN, 'line')} more; all: --json")
    if not proof.anchored:
        said.append(
            "  ✗ the seal you noted is not in it: lines were cut off, or all of it was made anew"
        )
    if proof.holds:
        said.append("  ✓ no line was changed, removed or slipped in")
        said.append(f"  ✓ {count(proof.judged, 'verdict')} judged again, with the same result")
    said += _notes(proof)
    if proof.head:
        said.append(f"  seal of line {number(proof.head[0])}: {proof.head[1].hex()}")
    return "\n".join(said)


def _doubt(one: Doubt, zone: ZoneInfo) -> str:
    when = date_moment(one.at, zone)
    return f"  ✗ line {number(one.number)} ({one.kind} of {one.key}, {when}) {one.what}"


def _notes(proof: Proof) -> list[str]:
    notes = (
        (proof.unsealed, "are older than the chain"),
        (proof.erased, "were erased on purpose: their places hold, their contents are gone"),
        (proof.retold, "bear a pseudonym for a person; later lines attest what they say now"),
        (proof.veiled, "are verdicts by policies that name such a person: not judged again"),
        (proof.aged, "are verdicts whose histories were too old to keep: not judged again"),
        (proof.bare, "are verdicts by policies that came from no files: not judged again"),
    )
    return [f"  {count(lines, 'line')} {what}" for lines, what in notes if lines]


def audit_json(proof: Proof) -> JsonValue:
    """The same for machines."""
    return {
        "schema": 1,
        "holds": proof.holds,
        "lines": proof.lines,
        "unsealed": proof.unsealed,
        "erased": proof.erased,
        "retold": proof.retold,
        "verdicts_judged_again": proof.judged,
        "verdicts_without_files": proof.bare,
        "verdicts_by_policies_with_a_person": proof.veiled,
        "verdicts_without_histories": proof.aged,
        "anchored": proof.anchored,
        "head": {"line": proof.head[0], "seal": proof.head[1].hex()} if proof.head else None,
        "doubts": [
            {
                "line": one.number,
                "at": iso(one.at),
                "kind": one.kind,
                "ticket": one.key,
                "what": one.what,
            }
            for one in proof.doubts
        ],
    }
