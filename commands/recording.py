"""A test of the policies, recorded from a ticket that the store keeps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from commands.kept import kept_ticket
from commands.output import deliver
from commands.session import FINDINGS, Session, end
from sla_engine.units import to_iso
from sla_engine.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sla_engine.model import Ticket, Verdict
    from sla_engine.terms import Policies
    from sla_engine.units import Instant


def record(session: Session, word: str, now: Instant | None, out: Path | None) -> None:
    """Write the test beside the policies, or print it; ends the command where the test would not
    pass, or would not come to the verdicts that the ticket has."""
    from sla_engine.evaluate import evaluate
    from sla_engine.policy_test_recording import recorded

    kept = kept_ticket(session, word)
    at = now or kept.pulled_at or kept.ticket.updated_at
    verdicts = evaluate(session.policies, kept.ticket, at)
    if not verdicts:
        _end_without_clock(session.policies, kept.ticket, at)
    folder = (out or session.settings.policies / "recorded.test.yaml").parent
    files = [Path(os.path.relpath(file, folder)).as_posix() for file in session.policies.files]
    text, there = recorded(session.policies, kept.ticket, at, files)
    _insist(verdicts, there, kept.ticket.ref.key)
    _insist_that_it_passes(text, folder)
    deliver(text, out)


def _end_without_clock(policies: Policies, ticket: Ticket, at: Instant) -> NoReturn:
    from sla_engine.reasons import unmatched

    key = ticket.ref.key
    found = unmatched(policies, ticket, at)
    why = "; ".join(f"{policy.name}: {reason}" for policy, reason in found)
    end(
        f"{key} has no clock as of {to_iso(at)}, so there is nothing to expect of it "
        f"({why or 'there is no policy'}). Nothing was written. See sla explain {key}, or take a "
        "moment at which it has one with --now, or another ticket",
        FINDINGS,
    )


def _insist(real: Sequence[Verdict], there: Sequence[Verdict], key: str) -> None:
    """The test has the verdicts of the ticket, or it would lie."""
    from sla_engine.policy_test_recording import differing

    for verdict, other in differing(real, there):
        end(
            f"{key} cannot be told in the words of test files: {verdict.clock} is "
            f"{_told(verdict)}, and would be {_told(other)} in the test. Nothing was written",
            FINDINGS,
        )


def _told(verdict: Verdict | None) -> str:
    return f"{verdict.state} after {duration(verdict.elapsed)}" if verdict else "no clock"


def _insist_that_it_passes(text: str, folder: Path) -> None:
    from sla_engine.policy_tests import run

    name = (folder / "recorded.test.yaml").as_posix()
    report = run([name], lambda file: text if file == name else Path(file).read_bytes())
    if not report.passed:
        first = [*report.problems, *(f.what for r in report.results for f in r.failures)][0]
        end(f"the recorded test does not pass ({first}). Nothing was written", FINDINGS)
