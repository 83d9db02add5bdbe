"""The benchmarks on tiny sizes: each table has its rows. What they measure is asserted nowhere but
where it is exact (tests/connectors/test_api_budget.py)."""

from __future__ import annotations

import gzip
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import api_calls, backtest, held, incident_log, passes, replay
from benchmarks.figures import Figure, at_most, table_of
from benchmarks.made_up import END, EVENTS, open_tickets, policies, tickets
from benchmarks.sites import CLOUD, SERVICENOW
from sla_engine.evaluate import evaluate
from sla_engine.words import is_open

LOG = """number,made_sla,incident_state,priority,assignment_group,opened_at,sys_updated_at,\
sys_updated_by
INC1,true,New,3 - Moderate,?,4/7/2016 14:00,4/7/2016 14:05,Updated by 1
INC1,true,Closed,3 - Moderate,?,4/7/2016 14:00,12/7/2016 22:00,Updated by 9
INC2,true,New,3 - Moderate,?,4/7/2016 14:00,4/7/2016 14:05,Updated by 1
INC2,true,Closed,3 - Moderate,?,4/7/2016 14:00,12/7/2016 22:01,Updated by 9
"""
"""Made up. The limit is reached on 12/7/2016 at 22:00."""


def named(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def test_a_table_says_what_was_reached() -> None:
    console = Console(width=80, record=True, file=StringIO())
    rows = [at_most("few", 3, 4), at_most("many", 5, 4), Figure("any", "7")]
    console.print(table_of("Figures", rows))
    said = {line.split()[1]: line.split() for line in console.export_text().splitlines()[4:-1]}
    assert "yes" in said["few"]
    assert "NO" in said["many"]
    assert not {"yes", "NO"} & set(said["any"])


def test_made_up_tickets_are_the_same_every_time_and_as_long_as_told() -> None:
    assert list(tickets(20)) == list(tickets(20))
    assert {len(ticket.journal) for ticket in tickets(20)} == {EVENTS}
    every_other = list(open_tickets(range(0, 20, 2), END))
    assert every_other == list(open_tickets(range(20), END))[::2]


def test_made_up_tickets_are_done_or_open() -> None:
    terms = policies()
    resolutions = {
        name: {
            is_open(verdict)
            for ticket in some
            for verdict in evaluate(terms, ticket, END)
            if verdict.clock == "resolution"
        }
        for name, some in (("done", tickets(20)), ("open", open_tickets(range(20), END)))
    }
    assert resolutions == {"done": {False}, "open": {True}}


def test_the_replay_has_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "CHUNK", 20)
    figures = named(replay.replay_figures(40))
    assert figures["a ticket costs in `elapsed` calls of ours"].target == "<= 40"
    assert figures["bytes a ticket held in memory"].target == "<= 4,096"
    assert figures["a ticket costs in `elapsed` calls of timegrid"].measured == "not installed"
    assert len(figures) == 11


def test_the_incident_log_is_compared_with_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(LOG.encode()))
    figures = named(incident_log.log_figures(path))
    agreed = figures["verdicts as ServiceNow recorded them"]
    assert (agreed.measured, agreed.target, agreed.reached) == ("1 of 2", ">= 1", True)


def test_a_diff_is_compared_with_two_evaluates(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(LOG.encode()))
    figures = named(backtest.backtest_figures(path, rounds=1))
    assert figures["`sla diff` / two `sla evaluate`"].target == "<= 1.5"
    assert figures["`sla diff --jobs 2` / two `sla evaluate`"].target == "<= 0.65"
    (skipped,) = backtest.backtest_figures(tmp_path / "absent.csv.gz")
    assert skipped.name.startswith("skipped")


def test_without_the_data_set_its_table_says_so(tmp_path: Path) -> None:
    (figure,) = incident_log.log_figures(tmp_path / "absent.csv.gz")
    assert figure.name.startswith("skipped")
    assert figure.reached is None


def test_passes_are_compared_over_the_same_changes() -> None:
    figures = named(passes.pass_figures(size=10, times=3, changed=3, rounds=2))
    assert figures["a pass, CPU"].reached is not None
    assert figures["tickets written to"].measured == "3"
    assert int(figures["bytes a ticket kept in the store"].measured.replace(",", "")) > 1_000


def test_what_waits_is_told_exactly_and_none_of_it_written() -> None:
    figures = named(held.held_figures(size=60))
    assert figures["tickets written to before a person's word"].reached
    assert figures["tickets, fields, comments, escalations that wait"].reached
    assert figures["a pass that has to wait, CPU"].reached


def test_calls_are_counted_for_every_site() -> None:
    reading, writing = api_calls.tables((CLOUD, SERVICENOW), (2, 3))
    assert reading.row_count == 2 * 3
    assert writing.row_count == 2 * 2


def test_a_benchmark_nobody_knows_is_a_usage_error() -> None:
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "benchmarks", "warp_speed"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "passes" in done.stderr
