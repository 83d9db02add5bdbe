"""All that may befall a schedule, by name and as often as its row says. Each is counted, and what
never happened in many schedules is a hole in them."""

from __future__ import annotations

from service.state import failpoints

WELL = "well"

WRITES = (
    *(WELL,) * 12,
    *("lost",) * 2,  # done, and the answer never came
    *("late",) * 2,  # done minutes after we gave up
    "dropped",  # never done, and no answer
    "never left",
    "refused",
    "429",
    "401",
    "503",
    "503 though done",
    "broke before",  # the connector itself raises
    "broke after",
)

READS = (*(WELL,) * 36, "broke", "429", "401", "503")

PAGES = (
    *(WELL,) * 24,
    "shifted",  # somebody changes the row before its page comes
    "twice",
    "empty",  # with more behind it
)

SENDS = (*(WELL,) * 6, "refused")

_BY_OTHERS = ("comment", "reassign", "clear", "all at once")
DONE_TO_THE_OPEN = (*_BY_OTHERS, "resolve")
DONE_TO_THE_CLOSED = (*_BY_OTHERS, "reopen in history", "backdate")

AWAY = ("away for hours", "away for days", "away for months")

OTHERS = (
    "stale read", "index lag", "tie", "crash", "paused", "another worker", "meanwhile",
    "clock a little off", "clock far off",
    "rung",
)  # fmt: skip

PARTS_OF_A_PASS = (
    "pass.", "pull.", "judge.", "apply.", "audit.", "tell.", "reconcile.", "retention.",
)  # fmt: skip
"""How the fail-points begin that a pass comes by."""


def all_faults() -> frozenset[str]:
    """The names of all of them."""
    tables = {"write": WRITES, "read": READS, "page": PAGES, "send": SENDS}
    drawn = {f"{what} {fate}" for what, fates in tables.items() for fate in fates if fate != WELL}
    points = [name for name in failpoints.POINTS if name.startswith(PARTS_OF_A_PASS)]
    points.remove("pull.after_reread")  # of tickets that cannot be read: this server has none
    return frozenset(
        drawn
        | {*DONE_TO_THE_OPEN, *DONE_TO_THE_CLOSED, *AWAY, *OTHERS}
        | {f"killed at {name}" for name in points}
    )
