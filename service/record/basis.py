"""What verdicts were judged under, kept once for all of them: the policies' texts and the rest."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from importlib.metadata import version as installed
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, insert, select

from service.record.zone_data import tzdata_version
from service.setup.version import version
from service.state.schema import BASES
from sla_engine.inputs import Data, Inputs, inputs_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from sla_engine.terms import Policies
    from sla_engine.units import Instant


_NUMBER = select(BASES.c.number).where(BASES.c.hash == bindparam("hash"))

Numbered = tuple[int, str]
"""A basis by its number in the store, and the hash of its inputs."""


class Basis(msgspec.Struct, frozen=True):
    """Inputs that verdicts were judged with, and the texts that its policies were read from."""

    inputs: Inputs
    files: Mapping[str, str]


def inputs_here(policies: Policies) -> Inputs:
    """The inputs of these policies on this machine, made once and kept with them."""
    found: Inputs | None = policies.__dict__.get("inputs")
    if found is None:
        data = Data(tzdata_version(), installed("holidays"), version())
        found = policies.__dict__["inputs"] = inputs_of(policies, data)
    return found


def note(db: Connection, policies: Policies, now: Instant) -> Numbered:
    """These policies, on this machine, as a basis; kept where they were not."""
    inputs = inputs_here(policies)
    held = db.execute(_NUMBER, {"hash": inputs.hash}).scalar()
    if held is not None:
        return int(held), inputs.hash
    row = {
        "hash": inputs.hash,
        "inputs": msgspec.json.encode(inputs).decode(),
        "files": zlib.compress(json.dumps(dict(policies.files)).encode()),
        "since": now,
    }
    made = db.execute(insert(BASES).values(row).returning(BASES.c.number)).scalar_one()
    return int(made), inputs.hash


def basis(db: Connection, number: int) -> Basis:
    """A basis by its number."""
    return _basis(db.execute(select(BASES).where(BASES.c.number == number)).one())


def by_hash(db: Connection, hash_: str) -> Basis | None:
    """A basis by the hash of its inputs; None where it is not kept."""
    row = db.execute(select(BASES).where(BASES.c.hash == hash_)).first()
    return None if row is None else _basis(row)


def by_version(db: Connection, version: str) -> Basis | None:
    """The newest basis of policies of a version; None where none is kept."""
    newest = select(BASES.c.number, BASES.c.inputs).order_by(BASES.c.number.desc())
    for number, inputs in db.execute(newest):
        if msgspec.json.decode(inputs, type=Inputs).version == version:
            return basis(db, number)
    return None


def every(db: Connection) -> dict[int, Basis]:
    """All that are kept, by their numbers."""
    return {row.number: _basis(row) for row in db.execute(select(BASES))}


def _basis(row: Row[tuple[object, ...]]) -> Basis:
    inputs = msgspec.json.decode(row.inputs, type=Inputs)
    return Basis(inputs, json.loads(zlib.decompress(row.files)))
