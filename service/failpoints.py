"""Named places at which a test may kill this process, to prove that nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable

NAMES = (
    "pass.after_pull",
    "keep.before_commit",
    "keep.after_commit",
    "pass.after_plan",
    "apply.before_intent",
    "apply.after_intent",
    "apply.after_write",
    "apply.after_outcome",
    "tell.after_intent",
    "tell.after_send",
    "reconcile.after_fetch",
    "reconcile.after_outcome",
    "pass.before_settle",
    "pass.after_settle",
)

watchers: list[Callable[[str], None]] = []
"""Called with the name of every place as it is reached: how tests stop, pause or interleave."""

_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Nothing, unless SLA_FAILPOINT is `name` or `name:3`: then SIGKILL at the third time here."""
    for watch in watchers:
        watch(name)
    wanted, _, nth = os.environ.get("SLA_FAILPOINT", "").partition(":")
    if wanted != name:
        return
    _reached[name] += 1
    if _reached[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
