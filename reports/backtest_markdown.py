"""A replay under two sets of policies as markdown, to be posted on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from reports.backtest import (
    Backtest,
    by_weight,
    headline,
    left_out,
    moved,
    over,
    percent,
    points,
    rows,
)
from reports.backtest_weeks import Weeks, weeks_of
from reports.backtest_words import because, change_text, kinds, promise_of, used
from reports.words import count, number

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from reports.backtest import Row
    from sla_engine.differences import Difference

_MEANT = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>()#|~"} | {"\n": " "})


def backtest_markdown(told: Backtest, *, zone: ZoneInfo, most: int | None = None) -> str:
    """The whole comment; of the changes at most `most` are listed, folded away."""
    found = told.found
    table = rows(found)
    lines = [
        f"### SLA policies: {_plain(told.before)} → {_plain(told.after)}",
        "",
        f"**{headline(found)}**",
        "",
        *_promises(table),
        *(_weeks(weeks) if (weeks := weeks_of(table)) else ()),
        *_changes(by_weight(found), most),
        *([f"Left out: {', '.join(left)}.", ""] if (left := left_out(found)) else []),
        f"{over(told, zone)} · policies `{told.versions[0]}` → `{told.versions[1]}`",
    ]
    return "\n".join(lines) + "\n"


def _promises(table: Sequence[Row]) -> Iterator[str]:
    if not table:
        return
    yield "| promise | decided | met before | met after | Δ | breached |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in table:
        before, after = row.before, row.after
        yield _row(
            (
                _plain(row.name),
                moved(before.decided, after.decided),
                percent(before),
                percent(after),
                points(before, after),
                moved(before.breached, after.breached),
            )
        )
    yield ""


def _weeks(weeks: Weeks) -> Iterator[str]:
    """In a block of its own, where every character is as wide as the others."""
    names, sides, _ = (max(map(len, column)) for column in zip(*weeks.lines, strict=True))
    yield from (weeks.caption, "", "```")
    for name, side, bars in weeks.lines:
        yield f"{name:<{names}}  {side:<{sides}}  {bars}"
    yield from ("```", "")


def _changes(found: Sequence[Difference], most: int | None) -> Iterator[str]:
    if not found:
        return
    for times, change, why in kinds(found):
        yield f"- {number(times)} × {change}" + (f": {_plain(why)}" if why else "")
    tickets = count(len({one.ref for one in found}), "ticket")
    yield from ("", f"<details><summary>{tickets} with another verdict</summary>", "")
    yield "| ticket | promise | verdict | used | because |"
    yield "|---|---|---|---|---|"
    for one in found[:most]:
        names = map(_plain, (one.ref.key, promise_of(one)))
        yield _row((*names, change_text(one), used(one), _plain(because(one))))
    if most is not None and len(found) > most:
        yield from ("", f"… and {number(len(found) - most)} more.")
    yield from ("", "</details>", "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(words: str) -> str:
    """Nothing in a name is taken for markup."""
    return words.translate(_MEANT)
