"""The pages for watchers: what they answer, when they refuse, what they never show."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.base import Allowance, UnreachableError
from service.delivery.outcome import PassReport, SourceReport, Writes
from service.watch.health import Freshness, Health
from service.watch.watching import Watch
from sla_engine.units import HOUR, MINUTE, SECOND, Instant, Millis
from tests.service.test_health import LIMIT, NOW, settings_in
from web.app import create_app
from web.headers import HEADERS
from web.health import health_pages
from web.server import Server

ROOT = Path(__file__).resolve().parents[2]


class Fake:
    """A service as it may stand."""

    def __init__(self, *connections: Freshness, store: str = "") -> None:
        self.alive = True
        self.found = connections
        self.store = store

    def health(self, limit: Millis | None) -> Health:
        return Health(NOW, limit or LIMIT, self.found, self.store)

    def metrics(self) -> bytes:
        raise RuntimeError("token-that-nobody-sees")


def client(watched: Fake) -> FlaskClient:
    app: Flask = create_app([health_pages(watched)])
    return app.test_client()


FRESH = Freshness("jira/acme", Instant(NOW - 41 * SECOND))
OLD = Freshness("snow/acme", Instant(NOW - HOUR), "SLA503", "a host name nobody should see")
SHUT = Freshness("jira/acme", Instant(NOW), "SLA401", "refused")


def test_alive_is_the_loop_alone() -> None:
    watched = Fake(OLD, store="the disk is full")
    assert client(watched).get("/livez").status_code == 200
    watched.alive = False
    answer = client(watched).get("/livez")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "not well", "reasons": ["the loop shows no sign of life"]},
    )


def test_ready_needs_a_store_and_one_connection_that_lets_us_in() -> None:
    assert client(Fake(OLD)).get("/readyz").status_code == 200
    assert client(Fake(SHUT, OLD)).get("/readyz").status_code == 200
    assert client(Fake(SHUT)).get("/readyz").status_code == 503
    answer = client(Fake(store="the disk is full")).get("/readyz")
    assert answer.json == {"status": "not well", "reasons": ["the disk is full"]}


def test_healthy_is_every_connection_young_enough() -> None:
    assert client(Fake(FRESH)).get("/healthz").status_code == 200
    answer = client(Fake(FRESH, OLD)).get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "not well",
        "reasons": ["snow/acme 1 h old, at most 10 min (SLA503)"],
        "connections": {
            "jira/acme": {"age_seconds": 41, "error": None, "level": "ok"},
            "snow/acme": {"age_seconds": 3600, "error": "SLA503", "level": "critical"},
        },
    }
    assert client(Fake(FRESH, OLD)).get("/healthz?max_age=2h").status_code == 200
    assert client(Fake(FRESH)).get("/healthz?max_age=40s").status_code == 503


@pytest.mark.parametrize("said", ["", "soon", "2bd", "-1m", "1" * 400 + "m"])
def test_a_max_age_that_is_none_is_refused(said: str) -> None:
    assert client(Fake(FRESH)).get(f"/healthz?max_age={said}").status_code == 400


@pytest.mark.parametrize("path", ["/livez", "/healthz?max_age=x", "/metrics", "/nowhere", "/"])
def test_every_answer_bears_the_headers_and_no_inside(path: str) -> None:
    answer = client(Fake(FRESH)).get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "token-that-nobody-sees" not in answer.text
    assert "Traceback" not in answer.text


def test_it_is_served_beside_a_loop(tmp_path: Path) -> None:
    watch = Watch(settings_in(tmp_path), lambda: NOW, "abc1234")
    with Server(create_app([health_pages(watch)]), "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.port}"
        with urlopen(f"{base}/metrics") as answer:
            assert "sla_policy_info" in answer.read().decode()
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{base}/healthz")
        assert refused.value.code == 503
        refused.value.close()


# Metrics


def test_a_pass_is_counted_by_how_it_ended(tmp_path: Path) -> None:
    watch = Watch(settings_in(tmp_path), lambda: NOW, "abc1234")
    done = SourceReport("a", "jira", "write", written=Writes(2, 5, 1, 0), pull_requests=3)
    held = SourceReport("b", "jira", "write", clock_fault="the clock", skew=Millis(-6 * MINUTE))
    failed = SourceReport("c", "jira", "write", error=UnreachableError("no"))
    watch.figures.learn(PassReport(NOW, (done, held, failed)))
    said = watch.metrics().decode()
    for line in (
        'sla_sync_runs_total{result="ok",source="a"} 1.0',
        'sla_sync_runs_total{result="held",source="b"} 1.0',
        'sla_sync_runs_total{result="failed",source="c"} 1.0',
        'sla_writes_total{kind="fields",source="a"} 5.0',
        'sla_http_requests_total{of="pull",source="a"} 3.0',
        'sla_writes_held{source="b",why="clock"} 1.0',
        'sla_clock_skew_seconds{source="b"} -360.0',
        'sla_source_errors_total{code="SLA503",source="c"} 1.0',
        "sla_policy_info{program=",
        "sla_state_up 0.0",
    ):
        assert line in said


def test_what_a_system_grants_is_a_figure_only_where_it_tells(tmp_path: Path) -> None:
    watch = Watch(settings_in(tmp_path), lambda: NOW, "abc1234")

    def told(**said: object) -> list[str]:
        watch.figures.learn(PassReport(NOW, (SourceReport("a", "jira", "write", **said),)))  # type: ignore[arg-type]  # its own fields
        lines = watch.metrics().decode().splitlines()
        return [line for line in lines if line.startswith("sla_rate_limit")]

    assert told() == []
    both = ['sla_rate_limit_remaining{source="a"} 38.0', 'sla_rate_limit{source="a"} 50.0']
    assert told(allowance=Allowance(38, 50)) == both
    assert told(error=UnreachableError("no")) == both  # what it said last
    assert told(allowance=Allowance(None, 50)) == both[1:]
    assert told() == []


def names_of(text: str) -> set[str]:
    return set(re.findall(r"\bsla_[a-z_]+", text))


def test_every_metric_that_an_alert_or_a_page_names_exists(tmp_path: Path) -> None:
    watch = Watch(settings_in(tmp_path), lambda: NOW, "abc1234")
    watch.figures.learn(PassReport(NOW, (SourceReport("a", "jira", "write"),)))
    pages = (ROOT / "docs" / "operations.md", *(ROOT / "docs" / "runbooks").glob("*.md"))
    known = names_of("".join(page.read_text(encoding="utf-8") for page in pages)) - {"sla_sync"}
    named = names_of((ROOT / "config" / "ops" / "alerts.yaml").read_text(encoding="utf-8"))
    declared = {
        name + suffix
        for name in watch.figures.names()
        for suffix in ("", "_total", "_info", "_count", "_sum", "_bucket")
    }
    assert named
    assert named <= declared
    assert known <= declared
    table = set(re.findall(r"`(sla_[a-z_]+)`", pages[0].read_text(encoding="utf-8")))
    assert {re.sub("_(total|info)$", "", name) for name in table} >= watch.figures.names()
