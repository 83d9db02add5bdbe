"""A cycle that fares otherwise under other policies, in words: what became of it, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sla_engine.differences import Difference, Fate, Side, Why
from sla_engine.units import Millis
from sla_engine.words import duration

FATES: dict[Fate, str] = {
    "met": "met",
    "tolerated": "met, over the aim",
    "breached": "breached",
    "open": "open",
    "cancelled": "cancelled",
    "excused": "excused",
    "unpromised": "no promise",
}


def change_text(one: Difference) -> str:
    """`met → missed`."""
    return f"{side_word(one.before)} → {side_word(one.after)}"


def side_word(side: Side | None) -> str:
    """What became of it; *missed* is finished over the limit, *breached* open and over."""
    if side is None:
        return FATES["unpromised"]
    return "missed" if side.fate == "breached" and side.stopped else FATES[side.fate]


def because(one: Difference) -> str:
    """`limit 62 h → 48 h`, `policy standard → gold`; several joined by commas."""
    return ", ".join(_because(one, why) for why in one.because)


def _because(one: Difference, why: Why) -> str:
    before, after = one.before, one.after
    if why == "match" or before is None or after is None:
        old, new = (side.policy if side else "none" for side in (before, after))
        return f"policy {old} → {new}"
    match why:
        case "limit":
            return f"limit {_length(before.limit)} → {_length(after.limit)}"
        case "aim":
            return f"aim {_length(before.aim)} → {_length(after.aim)}"
        case "start" | "stop":
            return f"{why} condition"
        case "pause":
            return "pauses"
        case _:
            return why


def _length(length: Millis | None) -> str:
    return "none" if length is None else duration(length)


def used(one: Difference) -> str:
    """`57 h`, or `57 h → 49 h` where the two count otherwise; "" where only one counts."""
    if one.before is None or one.after is None:
        return ""
    old, new = duration(one.before.elapsed), duration(one.after.elapsed)
    return old if old == new else f"{old} → {new}"


def promise_of(one: Difference) -> str:
    """`support.resolution`, `ops.ownership of Network`: by the policy that has it in the end."""
    side = one.after or one.before
    clock = f"{side.policy}.{one.clock}" if side else one.clock
    return f"{clock} of {one.of}" if one.of else clock


def kinds(found: Sequence[Difference], most: int = 10) -> list[tuple[int, str, str]]:
    """(how many, `met → missed`, `limit 62 h → 48 h`), the most frequent first, then the rest."""
    counted = Counter((change_text(one), because(one)) for one in found)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    told = [(times, change, why) for (change, why), times in ordered[:most]]
    if rest := sum(times for _, times in ordered[most:]):
        told.append((rest, "otherwise", ""))
    return told
