"""A real company's incidents: the verdicts that its ServiceNow recorded, by both ways in."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import pytest
import yaml

from connectors.base import Connection, Connector
from connectors.event_log import connect as connect_log
from connectors.servicenow import connect as connect_servicenow
from sandbox.clock import SandboxClock
from sandbox.faults import Faults
from sandbox.request_log import RequestLog
from sandbox.server import Served
from sandbox.servicenow import ServiceNowDesk, create_app, load_data
from sandbox.servicenow.access import CLIENT_SECRET
from sla_engine.evaluate import evaluate
from sla_engine.model import Ticket, Verdict
from sla_engine.policy_files import load
from sla_engine.terms import Policies
from sla_engine.units import DAY, Instant

EXAMPLE = Path(__file__).resolve().parents[1] / "config" / "examples" / "uci"

LOG = """number,incident_state,priority,assignment_group,opened_at,sys_updated_at,sys_updated_by
INC1,New,3 - Moderate,Group 1,4/7/2016 14:00,4/7/2016 14:05,Updated by 1
INC1,Resolved,3 - Moderate,Group 1,4/7/2016 14:00,5/7/2016 15:00,Updated by 2
INC1,Closed,3 - Moderate,Group 1,4/7/2016 14:00,12/7/2016 22:00,Updated by 9
INC2,New,3 - Moderate,Group 2,4/7/2016 14:00,4/7/2016 14:05,Updated by 1
INC2,Closed,3 - Moderate,Group 2,4/7/2016 14:00,12/7/2016 22:01,Updated by 9
INC3,New,3 - Moderate,Group 1,4/7/2016 14:00,4/7/2016 14:05,Updated by 1
INC3,Active,4 - Low,Group 1,4/7/2016 14:00,12/7/2016 23:00,Updated by 1
INC3,Closed,4 - Low,Group 1,4/7/2016 14:00,13/7/2016 15:00,Updated by 9
INC4,Closed,1 - Critical,?,4/7/2016 14:00,4/7/2016 20:00,Updated by 9
INC4,Active,1 - Critical,?,4/7/2016 14:00,5/7/2016 20:00,Updated by 1
INC4,Closed,1 - Critical,?,4/7/2016 14:00,15/7/2016 20:00,Updated by 9
"""
"""Made up. 62 business hours after Monday 14:00 is the next Tuesday week, 22:00."""


@cache
def policies() -> Policies:
    found, problems = load(EXAMPLE / "policies")
    assert not problems
    return found


def said(name: str) -> dict[str, object]:
    """The one connection of a service.yaml of the example."""
    text = (EXAMPLE / name).read_text(encoding="utf-8")
    (options,) = yaml.safe_load(text)["connections"].values()
    return {key: value for key, value in options.items() if key != "system"}


def by_log(path: Path) -> Connector:
    options = said("event_log.yaml") | {"path": str(path)}
    made = Connection("uci", "event_log", options, lambda _: None, policies().fields)
    return connect_log(made)


def by_servicenow(url: str) -> Connector:
    options = said("sandbox.yaml") | {"url": url, "rate": 1e6}
    secrets = {"client_secret": CLIENT_SECRET}
    return connect_servicenow(
        Connection("uci", "servicenow", options, secrets.get, policies().fields)
    )


def judged(connector: Connector) -> dict[str, Verdict]:
    """Each ticket's one verdict, a day after the last thing happened to it."""
    verdicts = {}
    for batch in connector.pull(""):
        assert not batch.unreadable
        for ticket in batch.tickets:
            (verdicts[ticket.ref.key],) = _verdicts(ticket)
    return verdicts


def _verdicts(ticket: Ticket) -> tuple[Verdict, ...]:
    return evaluate(policies(), ticket, Instant(ticket.updated_at + DAY))


def comparable(verdict: Verdict) -> object:
    """What must be the same however the ticket was read."""
    figures = {
        name: getattr(verdict, name)
        for name in ("state", "started_at", "stopped_at", "elapsed", "limit", "breached_at", "left")
    }
    spans = [(span.start, span.end, span.phase, span.counted) for span in verdict.spans]
    return msgspec.json.encode([figures, spans, verdict.reason])


def recorded(rows: Iterator[Mapping[str, str]]) -> dict[str, bool]:
    """What ServiceNow said in the end: number -> whether the promise was kept."""
    return {row["number"]: row["made_sla"] == "true" for row in rows}


@pytest.fixture
def sample(shared: Path) -> Iterator[tuple[str, Path]]:
    """The address of a ServiceNow that holds the first 300 incidents, and their folder."""
    folder = shared / "data" / "uci" / "sample_300"
    server = serve(load_data(folder))
    yield server.url, folder
    server.stop()


@pytest.fixture(scope="module")
def logged(shared: Path) -> dict[str, Verdict]:
    """The verdicts over the whole log, as it was published."""
    return judged(by_log(shared / "data" / "uci" / "incident_event_log.csv.gz"))


def serve(desk: ServiceNowDesk) -> Served:
    app = create_app(desk, SandboxClock(speed=0), Faults(), RequestLog())
    return Served(app)


def test_a_made_up_log_is_judged_as_the_policy_reads(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    verdicts = judged(by_log(path))
    assert {key: verdict.state for key, verdict in verdicts.items()} == {
        "INC1": "met",  # at the very limit, Resolved does not stop it
        "INC2": "breached",  # a minute after
        "INC3": "met",  # the low priority in force at the closing judges all of it
        "INC4": "met",  # the first closing counts, whatever came after
    }


def test_the_whole_log_agrees_with_what_was_recorded(
    logged: dict[str, Verdict], shared: Path
) -> None:
    path = shared / "data" / "uci" / "incident_event_log.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        truth = recorded(csv.DictReader(lines))
    agreed = [key for key, kept in truth.items() if (logged[key].state == "met") == kept]
    assert len(truth) == len(logged) == 24_918
    assert len(agreed) >= 24_905
    assert {verdict.state for verdict in logged.values()} == {"met", "breached"}


def test_both_ways_in_give_the_same_verdicts(
    sample: tuple[str, Path], logged: dict[str, Verdict]
) -> None:
    url, folder = sample
    with gzip.open(folder / "incident.jsonl.gz", "rt", encoding="utf-8") as lines:
        truth = recorded(json.loads(line) for line in lines)
    served = judged(by_servicenow(url))
    assert set(served) == set(truth)
    assert len(served) == 300
    for key, verdict in served.items():
        assert comparable(verdict) == comparable(logged[key]), key
        assert (verdict.state == "met") == truth[key], key
