"""sla run without --once: a heartbeat that never dies, and ends when it is told to."""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
import schedule

from commands.failures import told
from commands.pass_text import pass_json, said_of
from commands.session import Clock, Session, local_zone, open_session
from commands.signals import Switch
from reports.run_text import clock_text, start_line, stopping_line, sync_line
from service import verdicts
from service.environment import hidden
from service.passes import run_pass
from service.patience import Patience
from service.store import StoreError
from service.version import version
from sla_engine.policy_files import load
from sla_engine.units import Instant

if TYPE_CHECKING:
    from service.outcome import PassReport
    from service.store import Store


SHORTEST = 1.0
"""Seconds between two beats at least, whatever falls due."""


def run_for_ever(config: str | None, clock: Clock, *, force: bool, as_json: bool) -> int:
    """Passes on schedule until SIGTERM (exit 0) or SIGINT (exit 130)."""
    session = open_session(config)
    switch = Switch()
    with session.store(writer=True) as store, switch:
        service = Service(session, store, clock, switch, force=force, as_json=as_json)
        modes = {one.mode for one in session.settings.connections}
        mode = "write" if "write" in modes else "observe"
        every = session.settings.pull // 1000
        if not as_json:
            click.echo(start_line(version=version(), mode=mode, every=every))
        beats(service.beat, every, switch, clock)
    if not as_json:
        click.echo(stopping_line(clock_text(clock(), local_zone())))
    return switch.exit_code


def beats(
    beat: Callable[[], Instant | None],
    every: int,
    switch: Switch,
    clock: Clock,
    passing: Callable[[], float] = time.monotonic,
) -> None:
    """Beat every `every` seconds, and earlier at the instant that the last beat named.

    One job of `schedule` keeps the rhythm. Its times are local and naive, so `passing` has the last
    word: an hour that autumn repeats delays nothing.
    """
    last, coming = passing(), beat()
    rhythm = schedule.Scheduler()

    def job() -> None:
        nonlocal last, coming
        last, coming = passing(), beat()

    rhythm.every(every).seconds.do(job)
    while not switch.stopping:
        left = min(rhythm.idle_seconds or 0.0, every - (passing() - last))
        early = left if coming is None else (coming - clock()) / 1000 + 0.001
        switch.wait(max(SHORTEST, min(left, early)))
        if not switch.stopping:
            rhythm.run_all()


class Service:
    """What a beat does: read policies that changed, run a pass, tell it in a line. Never raises."""

    def __init__(
        self,
        session: Session,
        store: Store,
        clock: Clock,
        switch: Switch,
        *,
        force: bool,
        as_json: bool,
    ) -> None:
        self._session = session
        self._store = store
        self._clock = clock
        self._switch = switch
        self._force = force
        self._as_json = as_json
        self._number = 0
        self._sources = session.sources()
        self._files = _stamps(session.settings.policies)
        self._patience = Patience(session.settings.pull)

    def beat(self) -> Instant | None:
        """One pass; the next instant at which something falls due though nothing happens."""
        try:
            return self._beat()
        except StoreError as error:
            click.echo(f"error[SLA310]: {error}", err=True)
            return None
        except Exception:  # a beat that fails must not be the last one
            said = hidden(traceback.format_exc(), os.environ)
            click.echo(f"error[SLA900]: this pass failed; please report it\n{said}", err=True)
            return None

    def _beat(self) -> Instant | None:
        self._reload()
        self._number += 1
        now = self._clock()
        terms = self._session.terms(
            self._clock, force=self._force, stop=lambda: self._switch.stopping
        )
        ready = [s for s in self._sources if self._patience.ready(s.name, now)]
        report = run_pass(self._store, ready, terms, now)
        self._patience.learn(report)
        self._tell(report)
        with self._store.read() as db:
            coming = [verdicts.next_instant(db, source.name, now) for source in ready]
        return min((at for at in coming if at is not None), default=None)

    def _tell(self, report: PassReport) -> None:
        if self._as_json:
            click.echo(json.dumps(pass_json(report), ensure_ascii=False))
            return
        when = clock_text(report.now, local_zone())
        click.echo(sync_line(when, self._number, said_of(report), report.seconds))
        for block in told(report):
            click.echo(block, err=True, nl=False)

    def _reload(self) -> None:
        """Take policies that changed on disk, unless there is a mistake in them."""
        files = _stamps(self._session.settings.policies)
        if files == self._files:
            return
        self._files = files
        policies, problems = load(self._session.settings.policies)
        errors = [problem for problem in problems if problem.severity == "error"]
        before = self._session.policies.version
        if errors:
            said = f"{len(errors)} errors, keeping {before}   sla check shows them"
        else:
            self._session = msgspec.structs.replace(self._session, policies=policies)
            self._sources = self._session.sources()
            said = f"now {policies.version}"
        click.echo(f"policies changed: {said}", err=True)


def _stamps(folder: Path) -> Sequence[tuple[str, int, int]]:
    """What tells whether a file below changed: name, time, size."""
    paths = sorted(folder.rglob("*.y*ml")) if folder.is_dir() else [folder]
    return [(str(path), *_stamp(path)) for path in paths]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
