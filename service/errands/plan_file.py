"""A plan as a file: exactly what shall be written, and what it was judged on, sealed by a hash."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from service.setup import files, private
from sla_engine.changes import Change
from sla_engine.model import FieldValue, Ref
from sla_engine.units import Instant

if TYPE_CHECKING:
    from pathlib import Path

    from sla_engine.model import Ticket

FORMAT = "sla-plan/1"


class PlanFileError(Exception):
    """The file is no plan that may be applied; the text says why and what to do."""


class PlannedTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The changes to one ticket. They were judged on what `judged` is the hash of and hold until
    `holds_until`, when a clock moves on by itself; `before` is what the fields they set said.
    `says` is for people alone."""

    ref: Ref
    judged: str
    before: dict[str, FieldValue]
    changes: tuple[Change, ...]
    holds_until: Instant | None = None
    says: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one look at all tickets came to. `now` is the instant it was judged at, in words for
    people in `made`; `policies` the version it was judged by."""

    made: str
    by: str
    now: Instant
    policies: str
    tickets: tuple[PlannedTicket, ...]
    format: str = FORMAT
    sha256: str = ""


def judged_on(ticket: Ticket) -> str:
    """The hash of all that verdicts rest on, save for what we did ourselves: a plan that was half
    applied is not outdated by its own first half."""
    journal = [
        (event.at, event.field, event.old, event.new, event.actor.id, event.source_id)
        for event in ticket.journal
        if event.actor.kind != "self"
    ]
    made = (ticket.system, ticket.created_at, ticket.created_by.id, ticket.initial)
    holes = (ticket.incomplete, *ticket.gaps)
    said = msgspec.json.encode((made, journal, *holes), order="deterministic")
    return sha256(said).hexdigest()[:16]


def save(plan: Plan, path: Path) -> Plan:
    """Write the file, for its owner alone; the plan with its hash. FileError where it cannot be."""
    plain = msgspec.to_builtins(plan)
    sealed = plain | {"sha256": _seal(plain)}
    text = json.dumps(sealed, indent=1, ensure_ascii=False) + "\n"
    files.write(path, text, private.FILE)
    return msgspec.structs.replace(plan, sha256=str(sealed["sha256"]))


def load(path: Path) -> Plan:
    """The plan of a file as `save` wrote it; PlanFileError for anything else."""
    try:
        plain = json.loads(path.read_bytes())
    except OSError as error:
        raise PlanFileError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise PlanFileError(f"{path} is no plan; sla plan --out {path} makes one") from None
    said = plain.get("format") if isinstance(plain, dict) else None
    if said != FORMAT:
        raise PlanFileError(f"{path} is no plan of format {FORMAT}; make it anew: sla plan --out")
    if plain.get("sha256") != _seal(plain):
        raise PlanFileError(
            f"{path} was changed after sla plan wrote it; make it anew: sla plan --out {path}"
        )
    try:
        return msgspec.convert(plain, Plan)
    except msgspec.ValidationError as error:
        raise PlanFileError(f"{path} is no plan that we know: {error}") from None


def _seal(plain: dict[str, object]) -> str:
    """The hash of everything else in the file, however it is laid out."""
    rest = {name: value for name, value in plain.items() if name != "sha256"}
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
