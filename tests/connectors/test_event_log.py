"""An event log read as tickets: what becomes an event, and what happens to broken files."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Batch, Connection, PermanentError
from connectors.event_log import EventLog, EventLogSettings, connect
from sla_engine.changes import AddComment, SetFields, Why
from sla_engine.model import Event, Ref, Ticket, Value
from sla_engine.terms import FieldTerms
from sla_engine.units import parse_iso
from tests.contract import ConnectorContract, Desk

HEADER = "number,when,who,state,prio,team,opened"
FIELDS = {
    "status": FieldTerms("status", {"event_log": "state"}),
    "priority": FieldTerms("priority", {"event_log": "prio", "jira": "priority"}),
    "team": FieldTerms("team", {"servicenow": "assignment_group"}),  # found by its own name
    "labels": FieldTerms("labels", {"jira": "labels"}),  # in no column
}
COLUMNS = {"ticket": "number", "at": "when", "created": "opened", "actor": "who"}
ROWS = (
    "INC1,2026-11-02 09:00,ada,New,3,Desk,2026-11-02 08:55",
    "INC2,2026-11-02 09:10,bob,New,1,?,2026-11-02 09:10",
    "INC1,2026-11-02 10:00,bob,Active,2,Desk,2026-11-02 08:55",
    "INC1,2026-11-02 10:30,bob,Active,2,Desk,2026-11-02 08:55",
    "INC1,2026-11-02 12:00,system,Closed,2,,2026-11-02 08:55",
)


def log(
    folder: Path, *rows: str, fields: Mapping[str, FieldTerms] = FIELDS, **options: object
) -> EventLog:
    path = folder / "log.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return connected(path, fields, **options)


def connected(path: Path, fields: Mapping[str, FieldTerms] = FIELDS, **options: object) -> EventLog:
    said = {"path": str(path), "date_format": "%Y-%m-%d %H:%M", "columns": COLUMNS, **options}
    return connect(Connection("old", "event_log", said, lambda _: None, fields))


def everything(connector: EventLog) -> dict[str, Ticket]:
    return {t.ref.key: t for batch in connector.pull("") for t in batch.tickets}


def at(text: str) -> int:
    instant = parse_iso(text)
    assert instant is not None
    return instant


def told(ticket: Ticket) -> list[tuple[str, Value, Value, str]]:
    return [(e.field, e.old, e.new, e.source_id) for e in ticket.journal]


def test_each_difference_between_rows_is_an_event_and_equal_rows_are_silent(tmp_path: Path) -> None:
    ticket = everything(log(tmp_path, *ROWS))["INC1"]
    assert told(ticket) == [
        ("status", "New", "Active", "line 4"),
        ("status_category", "new", "in_progress", "line 4"),
        ("priority", "3", "2", "line 4"),
        ("status", "Active", "Closed", "line 6"),
        ("status_category", "in_progress", "done", "line 6"),
        ("team", "Desk", None, "line 6"),
    ]
    assert [e.actor.id for e in ticket.journal] == ["bob"] * 3 + ["system"] * 3
    assert ticket.journal[0].at == at("2026-11-02T10:00Z")


def test_the_first_row_says_how_the_ticket_began(tmp_path: Path) -> None:
    tickets = everything(log(tmp_path, *ROWS))
    assert tickets["INC1"].initial == {
        "system": "event_log",
        "status": "New",
        "status_category": "new",
        "priority": "3",
        "team": "Desk",
    }
    assert tickets["INC1"].created_at == at("2026-11-02T08:55Z")
    assert tickets["INC1"].created_by.id == "ada"
    assert tickets["INC1"].updated_at == at("2026-11-02T12:00Z")
    assert tickets["INC2"].initial["team"] is None
    assert len(tickets["INC2"].journal) == 0


def test_the_policies_may_say_what_created_means(tmp_path: Path) -> None:
    fields = {**FIELDS, "created": FieldTerms("created", {"event_log": "when"})}
    ticket = everything(log(tmp_path, *ROWS, fields=fields))["INC1"]
    assert ticket.created_at == at("2026-11-02T09:00Z")
    assert "created" not in ticket.initial


def test_a_field_without_history_has_its_last_value_from_the_start(tmp_path: Path) -> None:
    fields = {**FIELDS, "priority": FieldTerms("priority", {"event_log": "prio"}, history=False)}
    ticket = everything(log(tmp_path, *ROWS, fields=fields))["INC1"]
    assert ticket.initial["priority"] == "2"
    assert "priority" not in ticket.journal.fields


def test_times_are_taken_in_the_zone_of_the_log(tmp_path: Path) -> None:
    ticket = everything(log(tmp_path, *ROWS, zone="America/Sao_Paulo"))["INC1"]
    assert ticket.created_at == at("2026-11-02T11:55Z")


def test_rows_of_one_time_keep_their_order_or_follow_the_sequence(tmp_path: Path) -> None:
    rows = [
        f"INC1,2026-11-02 09:00,ada,{state},{number},Desk,2026-11-02 09:00"
        for state, number in (("New", "1"), ("Closed", "3"), ("Active", "2"))
    ]
    fields = {"status": FIELDS["status"]}
    as_written = everything(log(tmp_path, *rows, fields=fields))["INC1"]
    by_number = everything(
        log(tmp_path, *rows, fields=fields, columns={**COLUMNS, "sequence": "prio"})
    )["INC1"]
    assert [e.new for e in as_written.journal if e.field == "status"] == ["Closed", "Active"]
    assert [e.new for e in by_number.journal if e.field == "status"] == ["Active", "Closed"]


NEW = "INC3,2026-11-03 09:00,ada,New,3,Desk,2026-11-03 09:00"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(ROWS, [], id="unchanged"),
        pytest.param((*ROWS, NEW), ["INC3"], id="grown"),
        pytest.param((*ROWS, "INC1,never,a,b,c,d,e"), ["INC1"], id="a bad line more"),
        pytest.param((NEW, *ROWS), ["INC3", "INC1", "INC2"], id="rewritten"),
        pytest.param(ROWS[:3], ["INC1", "INC2"], id="cut"),
    ],
)
def test_a_file_brings_what_is_new_in_it(
    tmp_path: Path, rows: tuple[str, ...], told: list[str]
) -> None:
    connector = log(tmp_path, *ROWS)
    cursor = list(connector.pull(""))[-1].cursor
    log(tmp_path, *rows)
    os.utime(tmp_path / "log.csv", ns=(0, 0))  # as if another day
    (batch,) = connector.pull(cursor)
    assert [ticket.ref.key for ticket in batch.tickets] == told
    assert list(connector.pull(batch.cursor)) == [Batch((), batch.cursor)]


def test_a_cursor_of_another_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="no cursor of an event log"):
        list(log(tmp_path, *ROWS).pull("1-2"))


def test_the_cursor_moves_only_with_the_last_batch(tmp_path: Path) -> None:
    rows = [f"INC{n},2026-11-02 09:00,ada,New,3,Desk,2026-11-02 09:00" for n in range(2_500)]
    batches = list(log(tmp_path, *rows).pull(""))
    assert [len(batch.tickets) for batch in batches] == [1_000, 1_000, 500]
    assert [bool(batch.cursor) for batch in batches] == [False, False, True]


@pytest.mark.parametrize(
    ("line", "who", "why"),
    [
        pytest.param("INC1,yesterday,ada,New,3,D,x", "INC1", "line 2: time data", id="no date"),
        pytest.param("INC1,,ada,New,3,D,x", "INC1", "line 2: time data", id="empty date"),
        pytest.param(
            "INC1,2026-11-02 09:00,ada", "", "line 2 has 3 cells, the header has 7", id="short"
        ),
        pytest.param("?,2026-11-02 09:00,ada,New,3,D,x", "", 'line 2 has no "number"', id="whose"),
        pytest.param(
            'INC1,"' + "x" * 140_000 + '",a,b,c,d,e', "", "line 2 field larger", id="huge"
        ),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(
    tmp_path: Path, line: str, who: str, why: str
) -> None:
    batch = next(log(tmp_path, line, *ROWS).pull(""))
    assert [ticket.ref.key for ticket in batch.tickets] == ["INC1", "INC2"]
    [(ref, reason)] = batch.unreadable
    assert ref.key == who
    assert reason.startswith(why)
    assert bool(batch.tickets[0].incomplete) == (who == "INC1"), "a lost row is a hole"


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param("INC3,2026-11-02 09:00,ada,New,3,Desk,2026-11-02 09:00", id="plain"),
        pytest.param(
            'INC3,2026-11-02 09:00,ada,New,3,"Desk\nINC1,of,2",2026-11-02 09:00', id="quoted"
        ),
        pytest.param("INC3,2026-11-02 09:00,ada", id="short"),
        pytest.param("?,2026-11-02 09:00,ada,New,3,Desk,2026-11-02 09:00", id="of no ticket"),
        pytest.param("INC3", id="one word"),
        pytest.param("", id="empty"),
    ],
)
def test_who_asks_for_some_tickets_reads_of_them_what_who_asks_for_all_does(
    tmp_path: Path, odd: str
) -> None:
    connector = log(tmp_path, ROWS[0], odd, *ROWS[1:])
    (all_of_them,) = connector.whole(None)
    parts = [one for key in ("INC1", "INC2", "INC3") for one in connector.whole({key})]
    told = sorted((t for part in parts for t in part.tickets), key=lambda t: t.ref.key)
    assert told == sorted(all_of_them.tickets, key=lambda t: t.ref.key)
    assert {bad for part in parts for bad in part.unreadable} == set(all_of_them.unreadable)


def test_a_creation_that_cannot_be_read_is_a_hole_in_the_history(tmp_path: Path) -> None:
    ticket = everything(log(tmp_path, "INC1,2026-11-02 09:00,ada,New,3,Desk,long ago"))["INC1"]
    assert ticket.incomplete.startswith("the log cannot be read at line 2: time data 'long ago'")


def test_what_is_no_text_at_all_still_gives_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER.encode() + b"\n\xff\xfe\x00,a,b,c,d,e,f\n" + ROWS[0].encode() + b"\n")
    batch = next(connected(path).pull(""))
    assert [ticket.ref.key for ticket in batch.tickets] == ["INC1"]
    assert len(batch.unreadable) == 1


def test_json_lines_say_the_same_as_csv(tmp_path: Path) -> None:
    plain = everything(log(tmp_path, *ROWS))
    path = tmp_path / "log.jsonl.gz"
    lines = [json.dumps(dict(zip(HEADER.split(","), row.split(","), strict=True))) for row in ROWS]
    path.write_bytes(gzip.compress(("\n\n".join(lines) + "\n").encode()))
    packed = everything(connected(path))
    assert [(e.field, e.new, e.at) for e in packed["INC1"].journal] == [
        (e.field, e.new, e.at) for e in plain["INC1"].journal
    ]


def test_json_values_of_any_kind_become_text(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    first = {
        "number": "A",
        "when": "2026-11-02 09:00",
        "state": 1,
        "prio": None,
        "team": ["x", "y"],
    }
    path.write_text(json.dumps(first) + "\nnot json\n[1]\n" + json.dumps(first | {"state": True}))
    batch = next(connected(path).pull(""))
    [ticket] = batch.tickets
    assert ticket.initial["status"] == "1"
    assert ticket.initial["priority"] is None
    assert ticket.initial["team"] == ("x", "y")
    assert ticket.journal[0].new == "true"
    assert [reason.split(" is ")[0] for _, reason in batch.unreadable] == ["line 2", "line 3"]


@pytest.mark.parametrize("harm", ["missing", "cut", "not gzip", "a folder"])
def test_a_file_that_cannot_be_read_is_one_error_that_names_it(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "log.csv.gz"
    match harm:
        case "cut":
            path.write_bytes(gzip.compress("\n".join((HEADER, *ROWS * 999)).encode())[:-50])
        case "not gzip":
            path.write_text(HEADER)
        case "a folder":
            path.mkdir()
    with pytest.raises(PermanentError, match=r"cannot read the event log log\.csv\.gz") as error:
        list(connected(path).pull(""))
    assert ("path", str(path)) in error.value.facts


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    connector = log(tmp_path, *ROWS, columns={**COLUMNS, "at": "wehn"})
    with pytest.raises(PermanentError, match='has no column "wehn"') as error:
        connector.check()
    assert ("fix", 'did you mean "when"?') in error.value.facts


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"zone": "Mars/Olympus"}, "no time zone", id="zone"),
        pytest.param({"path": "log.xes"}, "neither .csv nor .jsonl", id="suffix"),
        pytest.param({"colums": {}}, "Extra inputs", id="unknown key"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        EventLogSettings.model_validate({"path": "log.csv", "columns": COLUMNS, **options})


def test_fetch_reads_only_what_is_asked_and_leaves_out_what_is_gone(tmp_path: Path) -> None:
    connector = log(tmp_path, *ROWS)
    refs = [Ref("old", "INC2", "INC2"), Ref("old", "INC9", "INC9")]
    assert [ticket.ref.key for ticket in connector.fetch(refs)] == ["INC2"]


def test_a_log_is_never_written(tmp_path: Path) -> None:
    connector = log(tmp_path, *ROWS)
    before = (tmp_path / "log.csv").read_bytes()
    ref = Ref("old", "INC1", "INC1")
    why = Why("breached")
    written = connector.write(
        ref, [SetFields(ref, (("x", "y"),), why), AddComment(ref, "k", (), why)]
    )
    assert [outcome.kind for outcome in written.outcomes] == ["rejected", "rejected"]
    assert (tmp_path / "log.csv").read_bytes() == before
    assert connector.requests() == 0


STATES = st.sampled_from(["New", "Active", "Awaiting User Info", "Resolved", "Closed"])
UPDATE = st.tuples(st.integers(0, 59), STATES, st.sampled_from("1234"), st.sampled_from(["a", "?"]))


@given(updates=st.lists(UPDATE, min_size=1, max_size=12, unique_by=lambda update: update[0]))
def test_the_first_row_and_the_journal_give_the_last_row_in_any_order_of_lines(
    tmp_path_factory: pytest.TempPathFactory, updates: list[tuple[int, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    lines = [
        f"INC1,2026-11-02 09:{minute:02},ada,{state},{prio},{team},2026-11-02 08:00"
        for minute, state, prio, team in updates
    ]
    ticket = everything(log(folder, *lines))["INC1"]
    _, state, prio, team = max(updates)
    assert folded(ticket.initial, ticket.journal) == {
        **ticket.initial,
        "status": state,
        "status_category": {"New": "new", "Resolved": "done", "Closed": "done"}.get(
            state, "in_progress"
        ),
        "priority": prio,
        "team": None if team == "?" else team,
    }


def folded(initial: Mapping[str, Value], journal: Sequence[Event]) -> dict[str, Value]:
    fields = dict(initial)
    for event in journal:
        assert fields[event.field] == event.old
        fields[event.field] = event.new
    return fields


class LogDesk(Desk):
    """A file to which somebody appends a row for everything that happens."""

    published: Mapping[str, str] = {}  # nothing can be written
    opening, another_status = "New", "Active"
    idle_requests = 0

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.csv"
        self.path.write_text(HEADER + "\n")
        self.minute = 0

    def connect(self) -> EventLog:
        return connected(self.path)

    def add(self, title: str) -> str:
        identity = f"INC{self.path.read_text().count(chr(10))}"
        self.set_status(identity, "New")
        return identity

    def set_status(self, identity: str, status: str) -> None:
        self.minute += 1
        self.append(
            f"{identity},2026-11-02 09:{self.minute:02},ada,{status},3,Desk,2026-11-02 08:00"
        )

    def spoil(self, identity: str) -> None:
        self.append(f"{identity},long ago,ada,New,3,Desk,2026-11-02 08:00")

    def remove(self, identity: str) -> None:
        lines = self.path.read_text().splitlines()
        self.path.write_text("".join(f"{line}\n" for line in lines if identity not in line))

    def append(self, row: str) -> None:
        with self.path.open("a") as file:
            file.write(row + "\n")


class TestEventLog(ConnectorContract):
    tells_of_loss = False

    @pytest.fixture
    def desk(self, tmp_path: Path) -> LogDesk:
        return LogDesk(tmp_path)
