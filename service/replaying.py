"""History judged under two sets of policies, by several processes at once. Each reads and judges a
share of the tickets by itself and hands back counts. Nothing is kept or written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from service.histories import History, Share
from sla_engine.comparison import Comparison, joined

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from sla_engine.comparison import Trial
    from sla_engine.model import Ticket

Progress = Callable[[str, int, int], None]
"""(connection, tickets done, of how many: 0 where that is not known)."""


def replay(
    trial: Trial,
    histories: Sequence[History],
    *,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
    context: BaseContext | None = None,
) -> Comparison:
    """The comparison over all tickets, the same whatever the number of jobs. ConnectorError or
    StoreError where a history cannot be read at all."""
    own, *others = (Share(number, jobs) for number in range(jobs))
    if not others:
        return judge(trial, histories, own, progress)
    with ProcessPoolExecutor(len(others), context or _context()) as pool:
        waiting = [pool.submit(judge, trial, histories, share) for share in others]
        first = judge(trial, histories, own, progress)
        return joined([first, *(part.result() for part in waiting)])


def judge(
    trial: Trial,
    histories: Iterable[History],
    share: Share,
    progress: Progress = lambda *_: None,
) -> Comparison:
    """One share of every history. A ticket that fails is told of and never stops the others."""
    found = Comparison()
    for history in histories:
        done = 0
        progress(history.name, 0, 0)
        for read in history.read(trial, share):
            found.failures += read.unreadable
            for old, new in read.tickets:
                _add(found, trial, old, new)
            done += len(read.tickets)
            progress(history.name, done * share.of, read.of * share.of)
    return joined([found])


def _add(found: Comparison, trial: Trial, old: Ticket, new: Ticket) -> None:
    try:
        found.add(trial, old, new)
    except Exception as error:  # told at the end; the others go on
        found.failures.append((old.ref.key, f"{type(error).__name__}: {error}"))


def _context() -> BaseContext:
    """A fork has everything loaded already; where it is not safe a new interpreter is started."""
    return get_context("fork" if sys.platform == "linux" else "spawn")
