"""How far a connection has been read, as the text that is kept between pulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connectors.base import PermanentError
from connectors.servicenow.queries import Position
from connectors.servicenow.stamps import read_stamp, write_stamp
from sla_engine.units import Instant, Millis

MOST_SEEN = 5_000

Row = Mapping[str, str]


class Cursor(msgspec.Struct, frozen=True):
    """Everything up to `at` has been read. `seen` tells what the last stretch before it, which is
    read again each time, looked like: sys_id -> its stamp and count of updates."""

    at: str = ""
    seen: dict[str, str] = {}

    def start(self, overlap: Millis) -> Position:
        """Where to begin: some way back, for rows that were committed late."""
        return Position(_earlier(self.at, overlap)) if self.at else Position()

    def is_news(self, row: Row) -> bool:
        """Whether the row is not as it was when it was read last."""
        return self.seen.get(row["sys_id"]) != _look(row)

    def lost(self, met: Mapping[str, str]) -> bool:
        """Whether nothing is met again of what was seen; `met` are stamps by sys_id."""
        return bool(self.seen) and not any(
            met.get(one, "") >= look.rpartition(" ")[0] for one, look in self.seen.items()
        )

    def moved(
        self, at: str, rows: Sequence[Row], overlap: Millis, server_time: Instant | None
    ) -> Cursor:
        """The cursor once these rows are kept. It never passes the server's own clock: a stamp from
        the future must not hide what comes before it. Where no row has told its time yet, it
        stays at the beginning."""
        if server_time is not None:
            at = min(at, write_stamp(server_time))
        at = max(at, self.at)
        if not at:
            return self
        seen = self.seen | {row["sys_id"]: _look(row) for row in rows}
        since = _earlier(at, overlap)
        recent = sorted((look, one) for one, look in seen.items() if look >= since)
        return Cursor(at, {one: look for look, one in recent[-MOST_SEEN:]})

    def rested(self, overlap: Millis, server_time: Instant | None) -> Cursor:
        """The cursor at the end of a pull: a quiet table is not read again and again for the sake
        of one ticket whose history has a hole."""
        if server_time is None or not self.at:
            return self
        return self.moved(write_stamp(Instant(server_time - overlap)), (), overlap, None)


def read_cursor(text: str) -> Cursor:
    """The cursor that a text says; "" is the beginning of time."""
    if not text:
        return Cursor()
    try:
        cursor = msgspec.json.decode(text, type=Cursor)
        read_stamp(cursor.at)
    except (msgspec.DecodeError, ValueError):
        raise PermanentError(f'"{text[:40]}" is no cursor of a ServiceNow connection') from None
    return cursor


def write_cursor(cursor: Cursor) -> str:
    """The text that `read_cursor` reads."""
    return msgspec.json.encode(cursor).decode() if cursor.at else ""


def _look(row: Row) -> str:
    return f"{row['sys_updated_on']} {row.get('sys_mod_count', '')}"


def _earlier(at: str, by: Millis) -> str:
    return write_stamp(Instant(read_stamp(at) - by))
