"""Named places at which a test may kill this process, to prove that nothing is lost or doubled.

Switched off they are a call that loops over an empty list, a few dozen times for a ticket that is
written to and never for one that is only judged: no environment is read and nothing is compared.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

POINTS = {
    "store.after_lock": "the state is locked for writing, and not opened",
    "migrate.after_copy": "the state as it was is copied, no migration was carried out",
    "migrate.in_step": "one migration was carried out, none is committed",
    "migrate.in_last": "every migration was carried out, none is committed",
    "migrate.after_commit": "the store is of the newest schema",
    "pull.after_begin": "the try is noted with its mode and policies, nothing was asked for",
    "reconcile.before_fetch": "writes of unknown end were found, no ticket was read",
    "reconcile.after_fetch": "their tickets were read, nothing is kept",
    "reconcile.in_outcome": "what became of them is written, not committed",
    "reconcile.after_outcome": "what became of them is kept",
    "pull.after_page": "a page of tickets arrived, nothing of it is kept",
    "pull.in_page": "its tickets and journals are written, the cursor is not, nothing is committed",
    "pull.after_commit": "its tickets are kept, with the cursor",
    "pull.after_pages": "every page is kept, the pull is not noted as complete",
    "pull.after_reread": "what could not be read was asked for once more, nothing is kept",
    "pull.after_complete": "the pull is noted as complete",
    "cases.in_note": "which tickets belong together is written, not committed",
    "cases.after_note": "which tickets belong together is kept",
    "judge.before_look": "tickets are due, none was evaluated",
    "judge.in_look": "tickets were evaluated and planned for, nothing is kept",
    "judge.in_verdicts": "verdicts are written, no ticket is settled, nothing is committed",
    "judge.after_commit": "verdicts are kept, tickets without changes are settled",
    "judge.after_reread": "tickets with deeds were read once more, nothing is kept",
    "hold.before_commit": "what changed policies want was weighed, nothing is kept",
    "hold.after_commit": "the plan of changed policies is held or let go",
    "approve.in_word": "a person's word for a plan is written, not committed",
    "approve.after_word": "a person's word for a plan is kept",
    "pass.after_plan": "everything is planned, nothing is written",
    "pass.after_run": "the run has a name, nothing is written",
    "applying.after_begin": "the run of a plan is kept, no ticket was read",
    "applying.in_adoption": "what an earlier try wrote is put on record, not committed",
    "revert.after_begin": "the run that undoes another is kept, no ticket was read",
    "errand.after_read": "tickets of a plan or revert were read and kept, nothing is decided",
    "apply.before_intent": "one ticket's turn, nothing is kept of it",
    "apply.in_intent": "the intents of its deeds are written, not committed",
    "apply.after_intent": "the intents of its deeds are kept, nothing is sent",
    "apply.after_write": "the system has answered, no outcome is kept",
    "apply.in_outcome": "outcomes and audit are written, the ticket is not settled",
    "apply.after_outcome": "outcomes, audit and the next instant are kept",
    "audit.in_append": "lines of the audit are written and sealed, not committed",
    "tell.before_intent": "a message is put together, nothing is kept",
    "tell.after_intent": "the intents of its notices are kept, nothing is sent",
    "tell.after_send": "the channel has answered, no outcome is kept",
    "tell.after_outcome": "the outcome is kept, its tickets are not settled",
    "tell.after_settle": "the tickets of all messages are settled",
    "remind.after_intent": "the intent of a reminder is kept, nothing is sent",
    "remind.after_send": "the channel has answered, no outcome is kept",
    "retention.in_tidying": "what is too old is deleted, nothing is committed",
    "purge.in_forgetting": "the last ticket to forget is deleted, nothing is committed",
    "purge.in_veiling": "a person has a pseudonym everywhere, nothing is committed",
    "purge.after_commit": "tickets or a person are forgotten, their pages are still in the file",
    "purge.after_vacuum": "the file is written anew, its log is not taken over",
    "purge.after_checkpoint": "nothing of them is in any file",
    "backup.after_copy": "the copy is whole, and has no name",
    "backup.after_name": "the copy has its name",
    "restore.after_copy": "the backup, or what can be saved, is copied beside the state",
    "restore.after_hold": "the copy holds back all connections",
    "restore.after_link": "what was there has a second name",
    "restore.after_replace": "the copy is in place",
}
"""By name what has happened there, and what has not. Those with `in_` are inside a transaction."""

watchers: list[Callable[[str], None]] = []
"""Called with the name of every place as it is reached: how tests stop, pause or interleave."""


def reach(name: str) -> None:
    """Nothing, unless somebody watches."""
    for watch in watchers:
        watch(name)


def arm(wanted: str) -> None:
    """From now on, SIGKILL at a place: `apply.after_write`, or the third time at
    `apply.after_write:3`. ValueError where there is no such place."""
    name, _, nth = wanted.partition(":")
    if name not in POINTS or not re.fullmatch("[1-9]?", nth):
        raise ValueError(f"there is no fail-point {wanted!r}; sla failpoints lists them")
    left = int(nth or 1)

    def watch(reached: str) -> None:
        nonlocal left
        left -= reached == name
        if reached == name and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    watchers.append(watch)
