"""When a ticket is asked for again though no pull tells of it.

A search index may lose a change, and nothing tells of a deletion. So what is open is read again
every day, what was closed lately every week; what cannot be found is looked for after ten minutes,
then after twice as long each time, then daily, and given up after a week.
"""

from __future__ import annotations

from sla_engine.units import DAY, MINUTE, Instant, Millis

OPEN, CLOSED = Millis(DAY), Millis(7 * DAY)
LATELY = Millis(14 * DAY)
FIRST, PATIENCE = Millis(10 * MINUTE), Millis(7 * DAY)


def again(read_at: Instant, updated_at: Instant, *, is_open: bool) -> Instant | None:
    """When a ticket that was just read is to be read again; None where never."""
    if is_open:
        return Instant(read_at + OPEN)
    return Instant(read_at + CLOSED) if read_at - updated_at < LATELY else None


def looked_for(absent_at: Instant, now: Instant) -> Instant:
    """When one that was just not found is to be looked for again."""
    return Instant(now + min(max(now - absent_at, FIRST), OPEN))


def most(open_tickets: int, gap: Millis) -> int:
    """How many to read again in a pass that comes `gap` after the one before: twice what a day's
    share is, so that they are spread over the day and never fall behind."""
    return min(5000, max(100, 2 * open_tickets * gap // DAY))
