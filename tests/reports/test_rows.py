"""Rows of verdicts in CSV and JSON: exact, stable, and no formula for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rows import COLUMNS, row, write_csv, write_json
from sla_engine.model import Ticket, Verdict
from sla_engine.units import Millis
from tests.reports.desk import AT_RISK, LATER, MISSED, NOW, PAUSED, judged

Golden = Callable[[str, str], None]


def pairs() -> list[tuple[Ticket, Verdict]]:
    desk = ((MISSED, LATER), (AT_RISK, NOW), (PAUSED, NOW))
    return [(found, verdict) for found, now in desk for verdict in judged(found, now)]


def test_csv_reads_as_agreed(golden: Golden) -> None:
    out = io.StringIO()
    assert write_csv(pairs(), out) == 6
    golden("reports/rows.csv", out.getvalue().replace("\r\n", "\n"))


def test_json_holds_the_same_rows() -> None:
    out = io.StringIO()
    assert write_json(pairs(), out) == 6
    assert json.loads(out.getvalue()) == [row(found, verdict) for found, verdict in pairs()]
    assert list(json.loads(out.getvalue())[0]) == list(COLUMNS)


def test_no_tickets_are_valid_csv_and_json() -> None:
    out = io.StringIO()
    assert write_json((), out) == 0
    assert json.loads(out.getvalue()) == []
    out = io.StringIO()
    assert write_csv((), out) == 0
    assert out.getvalue().count("\r\n") == 1


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"]
)
def test_a_formula_is_only_text(start: str) -> None:
    found, verdict = pairs()[0]
    nasty = msgspec.structs.replace(verdict, policy=f"{start}HYPERLINK(1)")
    out = io.StringIO()
    write_csv([(found, nasty)], out)
    cells = list(csv.reader(io.StringIO(out.getvalue(), newline="")))[1]
    assert cells[1] == f"'{start}HYPERLINK(1)"


def test_a_number_is_a_number_and_nothing_is_empty() -> None:
    found, verdict = pairs()[0]
    odd = msgspec.structs.replace(verdict, limit=None, elapsed=Millis(-5_000))
    out = io.StringIO()
    write_csv([(found, odd)], out)
    (cells,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert (cells["target"], cells["elapsed"]) == ("", "-5")


@given(st.text())
def test_any_text_survives_the_way_through_csv(name: str) -> None:
    found, verdict = pairs()[0]
    out = io.StringIO()
    write_csv([(found, msgspec.structs.replace(verdict, policy=name))], out)
    rows = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert len(rows) == 2
    assert rows[1][1].removeprefix("'") == name.removeprefix("'")
