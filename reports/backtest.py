"""What a change of policies would have done: the figures and words that its text, markdown and JSON
share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from reports.words import count, number
from sla_engine.attainment import (
    DECIDED,
    WEEK,
    Attainment,
    Period,
    Promise,
    attained,
    by_promise,
    by_week,
    overall,
)
from sla_engine.comparison import Comparison, Trial
from sla_engine.differences import Difference
from sla_engine.model import State
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

NONE = Attainment()

LEFT_OUT: dict[State, str] = {
    "running": "still running",
    "paused": "paused",
    "cancelled": "cancelled",
    "excused": "excused",
    "none": "measured only",
    "no_target": "without a target",
}


class Backtest(msgspec.Struct, frozen=True):
    """What was compared, under which names, and what came of it."""

    before: str
    after: str
    trial: Trial
    found: Comparison

    @property
    def versions(self) -> tuple[str, str]:
        return self.trial.before.version, self.trial.after.version

    @property
    def period(self) -> Period:
        return self.trial.period


class Row(msgspec.Struct, frozen=True):
    """One promise under both policies; `weeks` without a gap, from the first with a decision to
    the last of all promises."""

    promise: Promise
    before: Attainment
    after: Attainment
    weeks: tuple[tuple[Instant, Attainment, Attainment], ...]

    @property
    def name(self) -> str:
        return ".".join(self.promise)


def rows(found: Comparison) -> list[Row]:
    """Every promise of either side, by name."""
    old, new = by_promise(found.before), by_promise(found.after)
    weeks = list(_weeks(found))
    return [_row(found, promise, old, new, weeks) for promise in sorted(old.keys() | new.keys())]


def _row(
    found: Comparison,
    promise: Promise,
    old: Mapping[Promise, Attainment],
    new: Mapping[Promise, Attainment],
    weeks: Sequence[Instant],
) -> Row:
    before, after = by_week(found.before, promise), by_week(found.after, promise)
    told = tuple((week, before.get(week, NONE), after.get(week, NONE)) for week in weeks)
    return Row(promise, old.get(promise, NONE), new.get(promise, NONE), told)


def _weeks(found: Comparison) -> Iterator[Instant]:
    keys = chain(found.before, found.after)
    decided = [week for _, week, state in keys if week is not None and state in DECIDED]
    if decided:
        yield from map(Instant, range(min(decided), max(decided) + 1, WEEK))


def totals(found: Comparison) -> tuple[Attainment, Attainment]:
    """All promises together, before and after."""
    return attained(overall(found.before)), attained(overall(found.after))


def percent(attainment: Attainment) -> str:
    """`96.4 %`; neither 100 nor 0 unless it is all or nothing, and no figure for nothing."""
    tenths = _tenths(attainment)
    return "—" if tenths is None else f"{tenths / 10:.1f} %"


def points(before: Attainment, after: Attainment) -> str:
    """`-7.2 pt`: the difference of the two percentages as they are shown."""
    old, new = _tenths(before), _tenths(after)
    if old is None or new is None:
        return "—"
    return "0.0 pt" if old == new else f"{(new - old) / 10:+.1f} pt"


def _tenths(attainment: Attainment) -> int | None:
    share = attainment.share
    if share is None or share in (0, 1):
        return None if share is None else int(share * 1000)
    return min(999, max(1, round(share * 1000)))


def moved(before: int, after: int) -> str:
    """`24 918`, or `24 918 → 24 900`."""
    return number(before) if before == after else f"{number(before)} → {number(after)}"


def over(told: Backtest, zone: ZoneInfo) -> str:
    """`24 918 tickets since 1 Aug 2026`, `240 tickets with all their history`."""
    tickets = count(told.found.tickets, "ticket")
    if told.period.since <= 0:
        return f"{tickets}, whole history"
    local = to_datetime(told.period.since, zone)
    return f"{tickets} since {local.day} {local:%b %Y}"


def headline(found: Comparison) -> str:
    """What the change would do, in one line."""
    before, after = totals(found)
    if not before.decided and not after.decided:
        return "Nothing was decided in this time."
    met = f"{percent(before)} → {percent(after)}" if before != after else percent(after)
    if not found.differences:
        return f"Met {met}: no verdict changes."
    weights = Counter(map(_weight, found.differences))
    said = [count(weights[0], "new breach", "new breaches"), f"{number(weights[1])} gone"]
    said += [f"{number(weights[2])} no longer promised"] if weights[2] else []
    said += [count(weights[3], "other change")] if weights[3] else []
    return f"Met {met} ({points(before, after)}): {', '.join(said)}."


def _weight(one: Difference) -> int:
    """New breaches come first, then those that are gone, then promises that are gone."""
    before, after = (side.fate if side else "unpromised" for side in (one.before, one.after))
    if after == "breached":
        return 0
    if after == "unpromised":
        return 2
    return 1 if before == "breached" else 3


def by_weight(found: Comparison) -> list[Difference]:
    """What weighs most first; each by ticket."""
    return sorted(found.differences, key=_weight)


def left_out(found: Comparison) -> list[str]:
    """What has no part in the percentages, in words."""
    said = []
    old, new = overall(found.before), overall(found.after)
    for state, words in LEFT_OUT.items():
        if old[state] or new[state]:
            said.append(f"{moved(old[state], new[state])} {words}")
    if found.holes:
        said.append(f"{count(len(found.holes), 'ticket')} without full history")
    return said
