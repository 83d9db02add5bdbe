"""Metrics for Prometheus: counters of what passes did, gauges of how things stand when asked.

Labels are bounded: connections, kinds, outcomes. Never a ticket, a person or a customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

from connectors.base import Allowance
from service.delivery import absences, deeds, withheld
from service.passes import rereading
from service.record import verdicts
from service.setup.version import version
from service.state import keeping, quarantine
from service.state.standing import standing
from service.state.store import StoreError, open_store
from service.watch.health import Freshness, freshness
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.delivery.outcome import PassReport, SourceReport
    from service.setup.settings import Settings

KEPT = {
    "sla_sync_last_success_timestamp_seconds": ("The last complete pull", ("source",)),
    "sla_clocks_open": ("Clocks that run or pause, by how they stand", ("source", "state")),
    "sla_tickets_open": ("Open tickets", ("source",)),
    "sla_deeds": ("Comments and escalations, by what became of them", ("source", "state")),
    "sla_oldest_doubt_timestamp_seconds": ("When the oldest write in doubt was sent", ("source",)),
    "sla_tickets_failing": ("Tickets that fail, by whether in quarantine", ("source", "state")),
    "sla_tickets_not_found": ("Open tickets that cannot be found", ("source",)),
    "sla_rereads_waiting": ("Tickets to be read again by now, though unchanged", ("source",)),
    "sla_last_census_timestamp_seconds": ("When all tickets were counted last", ("source",)),
    "sla_state_bytes": ("Size of the state file", ()),
    "sla_state_up": ("1: the state can be used", ()),
}
"""What is read from the store at each scrape."""
BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)


disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series nobody asks for


class Metrics:
    """Fed by the loop, read by a scrape in another thread."""

    def __init__(self, settings: Settings, policies: str) -> None:
        self.registry = CollectorRegistry()
        self._make_counters()
        self._held = self._gauge("sla_writes_held", "1 while writing is held back", "source", "why")
        self._skew = self._gauge("sla_clock_skew_seconds", "Our clock less the system's", "source")
        left = "What the system grants until it refuses, where it tells"
        self._left = self._gauge("sla_rate_limit_remaining", left, "source")
        self._granted = self._gauge("sla_rate_limit", "Of how much that is", "source")
        self._rejected = self._gauge("sla_policies_rejected", "1: files are wrong, older ones hold")
        expires = "sla_token_expiry_timestamp_seconds"
        self._expiry = self._gauge(expires, "When credentials end, as service.yaml says", "source")
        for one in settings.connections:
            if one.expires is not None:
                self._expiry.labels(one.name).set(one.expires / 1000)
        self._policies = policies
        self.registry.register(_Kept(settings, lambda: self._policies))

    def _make_counters(self) -> None:
        self._runs = self._counter("sla_sync_runs", "Passes by how they ended", "source", "result")
        self._seconds = Histogram(
            "sla_sync_duration_seconds",
            "Time to pull, judge and write",
            ["source"],
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._writes = self._counter("sla_writes", "Confirmed writes", "source", "kind")
        self._failed = self._counter("sla_ticket_failures", "Tickets that failed", "source")
        self._requests = self._counter("sla_http_requests", "Requests sent", "source", "of")
        self._errors = self._counter(
            "sla_source_errors", "Passes that a system failed", "source", "code"
        )
        self._rewritten = self._counter(
            "sla_histories_rewritten", "Tickets whose history was rewritten upstream", "source"
        )
        self._steps = self._counter("sla_clock_steps", "Times our wall clock jumped or stood still")
        self._beats = self._counter("sla_heartbeats", "Signs of life sent", "result")
        self._rings = self._counter(
            "sla_webhooks", "Webhooks by what became of them", "source", "result"
        )

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self.registry)

    def learn(self, report: PassReport) -> None:
        """Take what a pass did."""
        for source in report.sources:
            self._learn(source)
            self._held.labels(source.name, "halted").set(bool(report.halted))

    def _learn(self, source: SourceReport) -> None:
        name = source.name
        self._runs.labels(name, _result(source)).inc()
        taken = source.pull_seconds + source.judge_seconds + source.write_seconds
        self._seconds.labels(name).observe(taken)
        for kind in ("fields", "comments", "escalations"):
            self._writes.labels(name, kind).inc(getattr(source.written, kind))
        self._failed.labels(name).inc(len(source.failures))
        self._requests.labels(name, "pull").inc(source.pull_requests)
        self._requests.labels(name, "write").inc(source.write_requests)
        holding = {reason for reason, _ in withheld.reasons(source)}
        for reason in withheld.REASONS:
            self._held.labels(name, reason).set(reason in holding)
        self._rewritten.labels(name).inc(len(source.rewritten))
        if source.skew is not None:
            self._skew.labels(name).set(source.skew / 1000)
        if source.error is not None:
            self._errors.labels(name, source.error.code).inc()
            return
        allowance = source.allowance or Allowance()
        _tell(self._left, name, allowance.left)
        _tell(self._granted, name, allowance.of)

    def stepped(self) -> None:
        """Our wall clock jumped, or began to stand still."""
        self._steps.inc()

    def beat(self, result: str) -> None:
        """A heartbeat was `sent`, or `failed`."""
        self._beats.labels(result).inc()

    def rang(self, connection: str, result: str) -> None:
        """A webhook was `taken`, `repeated`, `refused`, ...; "" where it proved no connection."""
        self._rings.labels(connection, result).inc()

    def judged_by(self, policies: str, *, rejected: bool) -> None:
        """The policies in force, and whether the files on disk are others, with mistakes."""
        self._policies = policies
        self._rejected.set(rejected)

    def names(self) -> set[str]:
        """Every metric there is, without the endings that its kind adds."""
        own = {family.name for family in self.registry.collect()}
        return own | KEPT.keys()

    def text(self) -> bytes:
        """All of them, in Prometheus' text format."""
        return generate_latest(self.registry)


def _tell(gauge: Gauge, name: str, figure: int | None) -> None:
    """The figure of a connection; none where nobody tells it, rather than an old one."""
    if figure is None:
        gauge.remove(name)
    else:
        gauge.labels(name).set(figure)


def _result(source: SourceReport) -> str:
    if source.error is not None:
        return "failed"
    if source.held or source.clock_fault:
        return "held"
    if source.refused:
        return "refused"
    return "partial" if source.failures or source.left else "ok"


class _Kept:
    """What the store says at the time of a scrape; a store that cannot be used has no figures."""

    def __init__(self, settings: Settings, policies: Callable[[], str]) -> None:
        self._settings = settings
        self._policies = policies

    def describe(self) -> Iterator[object]:
        """Nothing beforehand: to register must not open the store."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily | InfoMetricFamily]:
        """Each figure with all its connections."""
        yield InfoMetricFamily(
            "sla_policy", "What is in force", {"version": self._policies(), "program": version()}
        )
        made = {
            name: GaugeMetricFamily(name, what, labels=labels)
            for name, (what, labels) in KEPT.items()
        }
        try:
            with open_store(self._settings.state, writer=False) as store, store.read() as db:
                for one in freshness(db, [one.name for one in self._settings.connections]):
                    _add(db, one, made)
            if "://" not in self._settings.state:
                size = Path(self._settings.state).stat().st_size
                made["sla_state_bytes"].add_metric([], size)
            made["sla_state_up"].add_metric([], 1)
        except (StoreError, OSError):
            made["sla_state_up"].add_metric([], 0)
        yield from made.values()


def _add(db: Connection, one: Freshness, made: Mapping[str, GaugeMetricFamily]) -> None:
    """The figures of one connection."""
    name = one.name
    pulled = made["sla_sync_last_success_timestamp_seconds"]
    pulled.add_metric([name], (one.pulled_at or 0) / 1000)
    tally = verdicts.tally(db, [name])
    clocks = made["sla_clocks_open"]
    clocks.add_metric([name, "on_track"], tally.open - tally.breached - tally.at_risk)
    clocks.add_metric([name, "at_risk"], tally.at_risk)
    clocks.add_metric([name, "breached"], tally.breached)
    made["sla_tickets_open"].add_metric([name], keeping.count(db, name))
    lost = len(absences.searched(db, name))
    made["sla_tickets_not_found"].add_metric([name], lost)
    waiting_reads = rereading.backlog(db, name, one.pulled_at or Instant(0))
    made["sla_rereads_waiting"].add_metric([name], waiting_reads)
    counted_at = standing(db, name).counted_at
    made["sla_last_census_timestamp_seconds"].add_metric([name], (counted_at or 0) / 1000)
    for state, count in deeds.counts(db, name).items():
        made["sla_deeds"].add_metric([name, state], count)
    failing, aside = quarantine.count(db, name)
    made["sla_tickets_failing"].add_metric([name, "waiting"], failing - aside)
    made["sla_tickets_failing"].add_metric([name, "quarantined"], aside)
    waiting = deeds.in_doubt(db, name)
    if waiting:
        made["sla_oldest_doubt_timestamp_seconds"].add_metric([name], waiting[0].sent_at / 1000)
