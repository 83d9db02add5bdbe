"""What `sla run` says of itself: lines for people, a JSON object a pass, or log events."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

import click

from commands.failures import told
from commands.pass_text import pass_json, said_of
from commands.session import local_zone
from reports.json_values import json_text
from reports.run_text import clock_text, start_line, stopping_line, sync_line
from service.setup.environment import hidden
from service.setup.version import version
from sla_engine.units import Instant, to_iso

if TYPE_CHECKING:
    from commands.session import Clock
    from service.delivery.outcome import PassReport, SourceReport
    from service.delivery.runs import Entry

Form = Literal["text", "json"]
Severity = Literal["info", "warning", "error"]


class Reporter(Protocol):
    """Told what happens. `event` is a name that stays as it is: sync.done, policies.rejected."""

    def started(self, mode: str, every: int, at: Instant) -> None:
        """The loop begins."""

    def passed(self, report: PassReport, number: int, wrote: Iterable[Entry]) -> None:
        """A pass ended; `wrote` is each write that it confirmed."""

    def noted(self, severity: Severity, event: str, words: str) -> None:
        """Something that people should know."""

    def stopped(self, at: Instant) -> None:
        """The loop ended as it was told to."""


class Lines:
    """For people: passes on stdout, troubles on stderr, each as it begins; while it goes on, the
    line of the pass has it in a word."""

    def __init__(self) -> None:
        self._told: frozenset[str] = frozenset()
        self._ended: dict[str, str] = {}

    def started(self, mode: str, every: int, at: Instant) -> None:  # noqa: ARG002 -- a line has none
        click.echo(start_line(version=version(), mode=mode, every=every))

    def passed(self, report: PassReport, number: int, wrote: Iterable[Entry]) -> None:  # noqa: ARG002
        when = clock_text(report.now, local_zone())
        said = said_of(report, self._resting(report))
        click.echo(sync_line(when, number, said, report.seconds))
        blocks = tuple(told(report))
        for block in blocks:
            if block not in self._told:
                click.echo(block, err=True, nl=False)
        self._told = frozenset(blocks)

    def _resting(self, report: PassReport) -> dict[str, str]:
        """The connections that this pass left alone, by what the last try of each failed with."""
        now = {one.name: one.error.code if one.error else "" for one in report.sources}
        resting = {name: code for name, code in self._ended.items() if code and name not in now}
        self._ended |= now
        return resting

    def noted(self, severity: Severity, event: str, words: str) -> None:  # noqa: ARG002 -- for logs
        click.echo(words, err=True)

    def stopped(self, at: Instant) -> None:
        click.echo(stopping_line(clock_text(at, local_zone())))


class Objects(Lines):
    """For programs that read stdout: one JSON object a pass."""

    def started(self, mode: str, every: int, at: Instant) -> None:
        """Nothing: only passes are objects."""

    def passed(self, report: PassReport, number: int, wrote: Iterable[Entry]) -> None:  # noqa: ARG002
        click.echo(json_text(pass_json(report), indent=None))

    def stopped(self, at: Instant) -> None:
        """Nothing."""


class Log:
    """For log collectors: JSON lines on stderr, and nothing else there. No ticket's text, ever."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        root = logging.getLogger("sla")
        root.handlers = [_Handler(self)]
        root.setLevel(logging.INFO)
        root.propagate = False

    def write(self, level: str, event: str, keys: Mapping[str, object]) -> None:
        """One line: `ts`, `level`, `event`, then the others; secrets blotted out."""
        said = {"ts": to_iso(self._clock()), "level": level, "event": event, **keys}
        line = json.dumps({k: v for k, v in said.items() if v not in (None, "")})
        sys.stderr.write(hidden(line, os.environ) + "\n")
        sys.stderr.flush()

    def started(self, mode: str, every: int, at: Instant) -> None:  # noqa: ARG002 -- ts says it
        keys = {"version": version(), "mode": mode, "every_s": every, "pid": os.getpid()}
        self.write("info", "service.started", keys)

    def passed(self, report: PassReport, number: int, wrote: Iterable[Entry]) -> None:
        for entry in wrote:
            self.write("info", "write.done", _write_keys(entry, report.run))
        for source in report.sources:
            keys = {"run_id": report.run, "pass": number, "source": source.name}
            self._source(source, keys)

    def _source(self, source: SourceReport, keys: dict[str, object]) -> None:
        for failure in source.failures:
            of = {"ticket": failure.key, "status": failure.code, "words": failure.what}
            self.write("warning", "ticket.failed", keys | of)
        if source.error is not None:
            why = {"status": source.error.code, "words": source.error.what}
            self.write("error", "sync.failed", keys | why)
            return
        if source.clock_fault and source.items:
            why = {"status": "SLA316", "words": source.clock_fault}
            self.write("error", "writes.held", keys | why)
        if source.refused:
            self.write("error", "sync.refused", keys | {"words": source.refused})
        self.write("info", "sync.done", keys | _figures(source))

    def noted(self, severity: Severity, event: str, words: str) -> None:
        self.write(severity, event, {"words": words})

    def stopped(self, at: Instant) -> None:  # noqa: ARG002 -- ts says it
        self.write("info", "service.stopped", {})


class _Handler(logging.Handler):
    """What our own modules log by name goes the same way."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            words += f": {type(record.exc_info[1]).__name__}"
        self._log.write(record.levelname.lower(), record.name, {"words": words})


def _write_keys(entry: Entry, run: str) -> dict[str, object]:
    return {
        "run_id": run,
        "source": entry.ref.connection,
        "ticket": entry.ref.key,
        "kind": type(entry.change).__name__,
        "status": entry.outcome,
    }


def _figures(source: SourceReport) -> dict[str, object]:
    seconds = source.pull_seconds + source.judge_seconds + source.write_seconds
    return {
        "ms": round(seconds * 1000),
        "changed": source.changed,
        "judged": source.judged,
        "written_tickets": source.written.tickets,
        "requests": source.pull_requests + source.write_requests,
        "in_doubt": source.waiting,
    }


def reporter(form: Form, *, as_json: bool, clock: Clock) -> Reporter:
    """The one that was asked for; a log takes the place of everything else."""
    if form == "json":
        return Log(clock)
    return Objects() if as_json else Lines()
