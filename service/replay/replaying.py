"""History judged under two sets of policies, by several processes at once. Each reads and judges a
share of the tickets by itself and hands back counts. Nothing is kept or written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from service.replay.histories import History, Share
from sla_engine.comparison import Comparison, joined
from sla_engine.kinship import children, with_members
from sla_engine.mergers import kinships

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from sla_engine.cases import Key
    from sla_engine.comparison import Trial
    from sla_engine.model import Ticket

Progress = Callable[[str, int, int], None]
"""(connection, tickets done, of how many: 0 where that is not known)."""


class Kin(NamedTuple):
    """What may belong to cases, by what it has in common with their parents, as the one and as the
    other policies read it."""

    before: Mapping[Key, Sequence[Ticket]]
    after: Mapping[Key, Sequence[Ticket]]

    @classmethod
    def among(cls, trial: Trial, histories: Sequence[History]) -> Kin:
        """All of it; histories are not looked at where no policy asks for other tickets."""
        if not (kinships(trial.before) or kinships(trial.after)):
            return cls({}, {})
        batches = chain.from_iterable(one.read(trial, Share()) for one in histories)
        pairs = [pair for read in batches for pair in read.tickets]
        return cls(
            children(trial.before, (old for old, _ in pairs)),
            children(trial.after, (new for _, new in pairs)),
        )

    def joined(self, trial: Trial, old: Ticket, new: Ticket) -> tuple[Ticket, Ticket]:
        """Both with what belongs to them."""
        return (
            with_members(trial.before, self.before, old) if self.before else old,
            with_members(trial.after, self.after, new) if self.after else new,
        )


def replay(
    trial: Trial,
    histories: Sequence[History],
    *,
    among: Sequence[History] = (),
    jobs: int = 1,
    progress: Progress = lambda *_: None,
    context: BaseContext | None = None,
) -> Comparison:
    """The comparison over all tickets of `histories`, the same whatever the number of jobs; what
    belongs to their cases may stand `among` others. ConnectorError or StoreError where a history
    cannot be read at all."""
    own, *others = (Share(number, jobs) for number in range(jobs))
    kin = Kin.among(trial, among or histories)
    if not others:
        return judge(trial, histories, own, kin, progress)
    with ProcessPoolExecutor(len(others), context or _context()) as pool:
        waiting = [pool.submit(judge, trial, histories, share, kin) for share in others]
        first = judge(trial, histories, own, kin, progress)
        return joined([first, *(part.result() for part in waiting)])


def judge(
    trial: Trial,
    histories: Iterable[History],
    share: Share,
    kin: Kin | None = None,
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
                _add(found, trial, old, new, kin)
            done += len(read.tickets)
            progress(history.name, done * share.of, read.of * share.of)
    return joined([found])


def _add(found: Comparison, trial: Trial, old: Ticket, new: Ticket, kin: Kin | None) -> None:
    try:
        found.add(trial, *(kin.joined(trial, old, new) if kin else (old, new)))
    except Exception as error:  # told at the end; the others go on
        found.failures.append((old.ref.key, f"{type(error).__name__}: {error}"))


def _context() -> BaseContext:
    """A fork has everything loaded already; where it is not safe a new interpreter is started."""
    return get_context("fork" if sys.platform == "linux" else "spawn")
