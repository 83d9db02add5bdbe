"""sla run without --once: a heartbeat that never dies, and ends when it is told to."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import schedule

from commands.serving import Served
from commands.session import Clock, Session, open_session
from commands.signals import Switch
from reports.words import count
from service.delivery import runs
from service.delivery.timekeeping import Look, Timekeeper
from service.passes.doorbell import GATHER, Doorbell
from service.passes.passes import run_pass
from service.passes.patience import Patience
from service.record import verdicts
from service.setup.environment import hidden
from service.state.store import StoreError
from service.watch.heartbeat import Heartbeat, is_complete
from service.watch.supervisor import Supervisor
from service.watch.watching import Watch
from sla_engine.policy_files import load
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from commands.reporters import Reporter
    from service.delivery.outcome import PassReport
    from service.state.store import Store


SHORTEST = 1.0
"""Seconds between two beats at least, whatever falls due."""


def run_for_ever(
    config: str | None,
    clock: Clock,
    says: Reporter,
    *,
    force: bool,
    address: tuple[str, int] | None,
) -> int:
    """Passes on schedule until SIGTERM (exit 0) or SIGINT (exit 130)."""
    session = open_session(config)
    switch = Switch()
    with session.store(writer=True) as store, switch:
        watch = Watch(session.settings, clock, session.policies.version)
        bell = Doorbell(switch.wake)
        service = Service(session, store, clock, switch, says, watch, bell, force=force)
        modes = {one.mode for one in session.settings.connections}
        every = session.settings.pull // 1000
        served = Served(lambda: service.session, watch, bell, clock, says).at(address)
        with served, Supervisor(os.environ, lambda: watch.alive):
            says.started("write" if "write" in modes else "observe", every, clock())
            beats(service.beat, every, switch, clock, resting=watch.pulse.rest, bell=bell)
    says.stopped(clock())
    return switch.exit_code


def beats(
    beat: Callable[[], Instant | None],
    every: int,
    switch: Switch,
    clock: Clock,
    passing: Callable[[], float] = time.monotonic,
    resting: Callable[[float], None] = lambda _: None,
    bell: Doorbell | None = None,
) -> None:
    """Beat every `every` seconds, and earlier at the instant that the last beat named or when the
    bell rings.

    One job of `schedule` keeps the rhythm. Its times are local and naive, so `passing` has the last
    word: an hour that autumn repeats delays nothing. `resting` is told of each wait.
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
        rest = max(SHORTEST, min(left, early))
        resting(rest)
        switch.wait(rest)
        if bell is not None and bell.rung:
            switch.wait(GATHER - (passing() - last))
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
        says: Reporter,
        watch: Watch,
        bell: Doorbell | None = None,
        *,
        force: bool = False,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session
        self._store = store
        self._clock = clock
        self._switch = switch
        self._says = says
        self._watch = watch
        self._bell = bell or Doorbell(switch.wake)
        self._force = force
        self._time = Timekeeper(clock, passing)
        self._look = Look(Millis(0), stands=False)
        self._heartbeat = Heartbeat(lambda: session.secret(session.settings.heartbeat))
        self._number = 0
        self._sources = session.sources()
        self._files = _stamps(session.settings.policies)
        self._patience = Patience(session.settings.pull)

    def beat(self) -> Instant | None:
        """One pass; the next instant at which something falls due though nothing happens."""
        self._watch.pulse.touch()
        try:
            return self._beat()
        except StoreError as error:
            self._fail("store.unusable", f"error[SLA310]: {error}")
        except Exception:  # a beat that fails must not be the last one
            said = hidden(traceback.format_exc(), os.environ)
            self._fail("pass.crashed", f"error[SLA900]: this pass failed; please report it\n{said}")
        return None

    def _fail(self, event: str, words: str) -> None:
        self._says.noted("error", event, words)
        self._live(complete=False)

    def _beat(self) -> Instant | None:
        self._reload()
        self._number += 1
        fault = self._stepped()
        now = self._clock()
        terms = self.session.terms(
            self._clock,
            force=self._force,
            stop=self._stop,
            clock_fault=fault,
            rung=self._bell.answer,
        )
        ready = [s for s in self._sources if self._patience.ready(s.name, now)]
        report = run_pass(self._store, ready, terms, now)
        self._patience.learn(report)
        self._tell(report)
        with self._store.read() as db:
            coming = [verdicts.next_instant(db, source.name, now) for source in ready]
        return min((at for at in coming if at is not None), default=None)

    def _stop(self) -> bool:
        """Asked between any two tickets, and so a sign of life too."""
        self._watch.pulse.touch()
        return self._switch.stopping

    def _stepped(self) -> str:
        """Why this pass must not write, where our clock jumped since the last or stands still; that
        it goes on to stand still is not told again."""
        look, before = self._time.look(), self._look
        self._look = look
        if not look.words:
            return ""
        self._patience.shift(look.jump)
        words = f"{look.words}: nothing is written in this pass"
        if not (look.stands and before.stands):
            self._watch.figures.stepped()
            self._says.noted("warning", "clock.stepped", words)
        return words

    def _tell(self, report: PassReport) -> None:
        self._watch.figures.learn(report)
        with self._store.read() as db:
            wrote = runs.entries(db, report.run) if report.run else []
        self._says.passed(report, self._number, wrote)
        self._live(complete=is_complete(report, len(self._sources)))

    def _live(self, *, complete: bool) -> None:
        """Tell whoever waits for a sign of life; that it was not heard is a line and no more."""
        said = self._heartbeat.tell(complete)
        if said:
            self._watch.figures.beat("sent" if said == "sent" else "failed")
        if said not in ("", "sent"):
            self._says.noted("warning", "heartbeat.failed", said)

    def _reload(self) -> None:
        """Take policies that changed on disk, unless there is a mistake in them."""
        files = _stamps(self.session.settings.policies)
        if files == self._files:
            return
        self._files = files
        policies, problems = load(self.session.settings.policies)
        errors = [problem for problem in problems if problem.severity == "error"]
        before = self.session.policies.version
        self._watch.figures.judged_by(before, rejected=bool(errors))
        if errors:
            said = f"{count(len(errors), 'error')}, keeping {before}   sla check shows them"
        else:
            self.session = msgspec.structs.replace(self.session, policies=policies)
            self._sources = self.session.sources()
            self._watch.figures.judged_by(policies.version, rejected=False)
            said = f"now {policies.version}"
        event = "policies.rejected" if errors else "policies.taken"
        self._says.noted("error" if errors else "info", event, f"policies changed: {said}")


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
