"""The words of a ticket system: what it is set up with, as a connector reads it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sla_engine.units import Instant


class Vocabulary(msgspec.Struct, frozen=True):
    """The fields a system has, by every name that `fields:` may use for them (none: not told), and
    of those with a list of values that list: source field -> id -> name of today. A field that is
    not in `values` can have any value."""

    fields: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = {}


class Known(msgspec.Struct, frozen=True):
    """The vocabulary of one connection as it was read last. `former` are names that values went
    by before, and the names of the same values now: source field -> old name -> new name."""

    connection: str
    system: str
    read_at: Instant
    vocabulary: Vocabulary
    former: Mapping[str, Mapping[str, str]] = {}


def renewed(before: Known | None, now: Known) -> Known:
    """What is known now, with the renames since what was known before."""
    if before is None:
        return now
    former = {
        source: _renames(
            before.former.get(source, {}), before.vocabulary.values.get(source, {}), values
        )
        for source, values in now.vocabulary.values.items()
    }
    told = {source: renames for source, renames in former.items() if renames}
    return msgspec.structs.replace(now, former=told)


def _renames(
    former: Mapping[str, str], before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """Old name -> new name; a name that is in use again is no old one."""
    fresh = {before[one]: name for one, name in now.items() if before.get(one, name) != name}
    older = {old: fresh.get(name, name) for old, name in former.items()}
    return {old: new for old, new in {**older, **fresh}.items() if old not in now.values()}
