"""Where a pull goes on: how far it came, and what it saw in the stretch that it will see again."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from sla_engine.units import MINUTE, Instant, Millis

MOST_SEEN = 5000
"""More than so many issues within the overlap are not remembered: they come again, no harm done."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """`at` is the newest change that has been taken over for sure, `seen` the (id, updated) pairs
    of the overlap before it: what still is as it was is not fetched again. `plan` is a digest of
    what was asked for; another plan starts over, since old journals lack what is asked for now.
    `rested`: all of the overlap is older than it is long, so nothing can turn up in it any more.
    """

    at: Instant
    plan: str = ""
    seen: Mapping[str, Instant] = {}
    rested: bool = False

    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def advanced(self, reached: Instant, rows: Mapping[str, Instant], overlap: Millis) -> Cursor:
        """The cursor once these rows are kept and everything up to `reached` has been seen."""
        at = max(self.at, reached)
        near = {
            identity: updated
            for identity, updated in {**self.seen, **rows}.items()
            if updated >= at - overlap
        }
        newest = sorted(near.items(), key=lambda pair: pair[1])[-MOST_SEEN:]
        return Cursor(at, self.plan, dict(newest))

    def start(self, overlap: Millis) -> Instant:
        """Where the next pull begins: a quiet site is asked for its newest change alone."""
        return self.at if self.rested else Instant(self.at - overlap)

    def lost(self, rows: Mapping[str, Instant]) -> bool:
        """Whether nothing is met again of what was seen, though it lies within the overlap."""
        return bool(self.seen) and not any(rows.get(one, 0) >= at for one, at in self.seen.items())

    def rest(self, now: Instant, overlap: Millis) -> Cursor:
        """The cursor once the overlap lies behind `now`; as it is until then."""
        if self.at > now - overlap:
            return self
        newest = {one: updated for one, updated in self.seen.items() if updated >= self.at - MINUTE}
        return Cursor(self.at, self.plan, newest, rested=True)


BEGINNING = Instant(631_152_000_000)  # 1990: before there was a Jira; a number that JQL takes


def read_cursor(text: str, plan: str) -> Cursor:
    """The cursor of this plan; the beginning of time for an empty, foreign or outdated one."""
    try:
        cursor = msgspec.json.decode(text, type=Cursor) if text else None
    except msgspec.DecodeError:
        cursor = None
    return cursor if cursor is not None and cursor.plan == plan else Cursor(BEGINNING, plan)


def digest(*parts: str) -> str:
    """A short name for what a pull asks for."""
    return sha256("\n".join(parts).encode()).hexdigest()[:10]
