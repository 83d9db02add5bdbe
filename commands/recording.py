"""A test of the policies, recorded from a ticket that the store keeps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from commands.kept import kept_ticket
from commands.output import deliver
from commands.session import FINDINGS, Session, end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sla_engine.model import Verdict
    from sla_engine.units import Instant

CLOSE = 60_000
"""Milliseconds that cutting times to the second may add up to."""


def record(session: Session, word: str, now: Instant | None, out: Path | None) -> None:
    """Write the test beside the policies, or print it; ends the command where the test would not
    pass, or would not come to the verdicts that the ticket has."""
    from sla_engine.evaluate import evaluate
    from sla_engine.policy_test_recording import recorded

    kept = kept_ticket(session, word)
    at = now or kept.pulled_at or kept.ticket.updated_at
    verdicts = evaluate(session.policies, kept.ticket, at)
    if not verdicts:
        end(f"no policy has a clock for {kept.ticket.ref.key}: nothing to expect", FINDINGS)
    folder = (out or session.settings.policies / "recorded.test.yaml").parent
    files = [Path(os.path.relpath(file, folder)).as_posix() for file in session.policies.files]
    text, there = recorded(session.policies, kept.ticket, at, files)
    _insist(verdicts, there, kept.ticket.ref.key)
    _insist_that_it_passes(text, folder)
    deliver(text, out)


def _insist(real: Iterable[Verdict], there: Iterable[Verdict], key: str) -> None:
    """The test has the verdicts of the ticket, or it would lie."""
    written = {_cycle(verdict): verdict for verdict in there}
    for verdict in real:
        other = written.get(_cycle(verdict))
        got = "no clock" if other is None else other.state
        if other is None or got != verdict.state or abs(other.elapsed - verdict.elapsed) > CLOSE:
            end(
                f"{key} cannot be told in the words of test files: {verdict.clock} is "
                f"{verdict.state}, and would be {got} in the test. Nothing was written",
                FINDINGS,
            )


def _cycle(verdict: Verdict) -> tuple[str, str, str, int]:
    return verdict.policy, verdict.clock, verdict.of, verdict.cycle


def _insist_that_it_passes(text: str, folder: Path) -> None:
    from sla_engine.policy_tests import run

    name = (folder / "recorded.test.yaml").as_posix()
    report = run([name], lambda file: text if file == name else Path(file).read_bytes())
    if not report.passed:
        first = [*report.problems, *(f.what for r in report.results for f in r.failures)][0]
        end(f"the recorded test does not pass ({first}). Nothing was written", FINDINGS)
