"""A person is forgotten: nobody finds them in what is kept, and nothing else changes by it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select, update

from connectors.memory import MemoryConnector
from service.record import verdicts
from service.record.auditing import audited
from service.record.evidence import records
from service.record.pseudonyms import Person, Veiled, accounts_called, find, in_doubt, veil
from service.state import keeping
from service.state.disguise import Disguise
from service.state.schema import AUDIT, DEEDS, METADATA, VERDICTS
from sla_engine.changes import AddComment, SetFields
from sla_engine.model import Actor
from sla_engine.policy_files import load_texts
from sla_engine.units import HOUR, MINUTE, Instant
from sync import run
from tests.service.desks import T0, Desk, desk_over, state_at, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

ACCOUNT, NAME = "acc-77:Lovelake", "Ada Q. Lovelake"
ADA = Actor(ACCOUNT, NAME, "staff")
PERSON = re.compile("lovelake", re.IGNORECASE)

POLICY = """
schema: sla/v1
calendars:
  desk: {tz: UTC, hours: mon-fri 00:00-24:00, day: 24h}
policies:
  promise:
    match: {priority: P2}
    calendar: desk
    targets: {resolution: 4h, own: 2h}
    clocks:
      own: {start: {status_category: new}, stop: {status_category: done}, by: assignee}
    escalate:
      - {at: breach, do: [{comment: Late.}, {assign: "ACTING"}]}
publish:
  memory: {fields: {SLA status: state, SLA missed: missed}}
"""


def policies(text: str = POLICY) -> Any:
    made, problems = load_texts({"promise.yaml": text})
    assert not problems, problems
    return made


@contextmanager
def day(folder: Path, acting: str) -> Iterator[tuple[Desk, MemoryConnector]]:
    """Ada has three tickets: one solved in time, one solved late, one open and late, with a clock
    of her own on each. Late ones go to whoever is `acting`."""
    made = [ticket(n) for n in (1, 2, 3, 4)]
    made[2] = msgspec.structs.replace(made[2], title=f"Laptop of {NAME} is slow")
    with desk_over(folder, made) as (at, system):
        at.policies = policies(POLICY.replace("ACTING", acting))
        for number in "123":
            system.add_event(number, "assignee", ACCOUNT, ADA, Instant(T0 + MINUTE))
        at.run(T0 + 2 * MINUTE)
        for number, later in (("1", HOUR), ("2", 9 * HOUR)):
            system.add_event(number, "status_category", "done", ADA, Instant(T0 + later))
            at.run(T0 + later + MINUTE)
        at.run(at.now + MINUTE)
        yield at, system


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with day(tmp_path, ACCOUNT) as made:
        yield made


def veiled(desk: Desk) -> Veiled:
    with desk.store.write() as db:
        return veil(db, ACCOUNT, find(db, ACCOUNT), desk.now)


def said(db: Connection) -> Iterator[tuple[str, str]]:
    """All texts of the state, by column; packed ones unpacked."""
    for table in METADATA.sorted_tables:
        for row in db.execute(select(table)).mappings():
            for name, value in row.items():
                text = value
                if isinstance(value, bytes):
                    try:
                        text = zlib.decompress(value).decode("utf-8", "replace")
                    except zlib.error:
                        text = value.decode("utf-8", "replace")
                yield f"{table.name}.{name}", str(text)


def named(db: Connection) -> set[str]:
    return {where for where, text in said(db) if PERSON.search(text)}


def test_a_pseudonym_stands_wherever_they_did(tmp_path: Path) -> None:
    with day(tmp_path, "tier2") as (at, _):
        with at.store.read() as db:
            assert {"tickets.journal", "audit.change", "verdicts.of", "deeds.deed"} <= named(db)
            assert find(db, ACCOUNT).tickets == {("desk", "1"), ("desk", "2"), ("desk", "3")}
        done = veiled(at)
        at.store.compact()
        with at.store.read() as db:
            assert named(db) <= {"tickets.journal"}
            kept, _ = keeping.load(db, "desk", keeping.ids(db, "desk"))
            bare = [msgspec.structs.replace(one, marks=frozenset()) for one in kept]
            assert not PERSON.search(repr(bare))  # keys of comments are as they stand in tickets
            assert sum(done.pseudonym in text for _, text in said(db)) > 10
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert not any(PERSON.search(path.read_bytes().decode("latin-1")) for path in files)


def test_what_policies_say_of_them_stays(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    assert veiled(at).policies
    with at.store.read() as db:
        texts = {PERSON.sub("", text) for where, text in said(db) if where == "deeds.deed"}
        assert "bases.files" in named(db)
        assert any("assign:acc-77:" in text for text in texts)


def test_no_reading_brings_them_back(desk: tuple[Desk, MemoryConnector]) -> None:
    at, system = desk
    done = veiled(at)
    system.add_event("3", "assignee", "bob", ADA, Instant(at.now))
    system.add_event("3", "assignee", ACCOUNT, Actor("bob", "Bob"), Instant(at.now + 1))
    report = at.run_one(at.now + MINUTE)
    assert report.rewritten == ()
    with at.store.read() as db:
        (kept,) = keeping.find(db, "SUP-3")
        assert find(db, ACCOUNT).tickets == set()
    assert {event.actor.id for event in kept.journal} == {done.pseudonym, "bob", "sla-sync"}
    assert kept.journal[-1].new == done.pseudonym


@pytest.mark.parametrize("known", [False, True], ids=["unknown to policies", "named by policies"])
def test_the_chain_holds_and_verdicts_come_out_the_same(tmp_path: Path, known: bool) -> None:
    with day(tmp_path, ACCOUNT if known else "tier2") as (at, _):
        with at.store.read() as db:
            before = audited(records(db, at.policies))
            tally = verdicts.tally(db, ["desk"])
        done = veiled(at)
        with at.store.read() as db:
            after = audited(records(db, at.policies))
            assert verdicts.tally(db, ["desk"]) == tally
        assert (before.doubts, after.doubts) == ([], [])
        assert (after.retold, after.lines) == (done.lines, before.lines + 1)
        others = 1  # of the ticket that never was theirs, which is late too
        judged = (others, before.judged - others) if known else (before.judged, 0)
        assert (after.judged, after.veiled) == judged
        assert before.judged > 0


@pytest.mark.parametrize("what", ["message", "salt", "attested"])
def test_what_was_told_anew_cannot_be_changed_either(
    desk: tuple[Desk, MemoryConnector], what: str
) -> None:
    at, _ = desk
    veiled(at)
    with at.store.write() as db:
        newest = select(AUDIT.c.number).order_by(AUDIT.c.number.desc()).limit(1)
        last = db.execute(newest).scalar_one()
        touched: dict[str, tuple[int, dict[str, object]]] = {
            "attested": (last, {"change": '{"digests":{}}'}),
            "salt": (2, {"salt": bytes(16)}),
            "message": (2, {"message": "x"}),
        }
        number, new = touched[what]
        db.execute(update(AUDIT).where(AUDIT.c.number == number).values(**new))
    with at.store.read() as db:
        found = audited(records(db, at.policies)).doubts
    assert {one.what for one in found} == {"was changed after it was written"}
    assert number in {one.number for one in found}


def test_what_was_done_is_not_done_again_and_no_verdict_is_restated(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, system = desk
    comments = [one for one in system.writes if isinstance(one, AddComment)]
    frozen = select(VERDICTS.c.inputs, VERDICTS.c.elapsed, VERDICTS.c.state)
    frozen = frozen.where(VERDICTS.c.judged_at.is_not(None))
    frozen = frozen.order_by(VERDICTS.c.ticket, VERDICTS.c.clock)
    with at.store.read() as db:
        before = db.execute(frozen).all()
    veiled(at)
    count = len(system.writes)
    report = at.run_one(at.now + MINUTE)
    assert (report.failures, report.restated, report.moved) == ((), 0, 0)
    assert all(isinstance(one, SetFields) for one in system.writes[count:])  # labels that named
    system.add_event("3", "priority", "P2", Actor("bob"), Instant(at.now))
    at.run(at.now + MINUTE)
    assert [one for one in system.writes if isinstance(one, AddComment)] == comments
    with at.store.read() as db:
        after = db.execute(frozen).all()
    assert [row[1:] for row in after] == [row[1:] for row in before]
    assert not {row.inputs for row in after} & {row.inputs for row in before}


def test_twice_is_once(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    veiled(at)
    with at.store.write() as db:
        assert not find(db, ACCOUNT).tickets
    assert veiled(at).lines == 0


def test_what_is_no_account_is_nobody(desk: tuple[Desk, MemoryConnector]) -> None:
    """A title, a status and a name are words of tickets too: none of them is a person's account."""
    at, system = desk
    system.add_event("1", "assignee", "idle-5", ADA, Instant(T0 + 10 * HOUR))  # who never acted
    system.add_event("4", "approver", "idle-6", ADA, Instant(T0 + 10 * HOUR))
    system.add_event("4", "approver", ACCOUNT, ADA, Instant(T0 + 11 * HOUR))
    at.run(T0 + 11 * HOUR + MINUTE)
    with at.store.read() as db:
        for word in (NAME, NAME.lower(), "done", "P2", "Laptop", "SUP-1"):
            assert find(db, word) == Person(frozenset(), frozenset()), word
        assert find(db, "idle-5").tickets == {("desk", "1")}
        assert find(db, "idle-6").tickets == {("desk", "4")}
        assert accounts_called(db, {NAME.upper()}) == [ACCOUNT]
        assert accounts_called(db, {""}) == []


@pytest.mark.parametrize("each_backend", ["sqlite"], indirect=True)
def test_a_name_is_answered_with_its_accounts_and_an_account_with_its_namesakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "service.yaml"
    with day(tmp_path, "nobody") as (at, system):
        system.add_event("4", "assignee", "snow-ada", Actor("snow-ada", NAME), Instant(T0 + HOUR))
        at.run(T0 + 12 * HOUR)
        settings.write_text(f"connections: {{}}\nstate: {state_at(tmp_path)}\n", encoding="utf-8")

    def purged(word: str) -> tuple[int, str]:
        code = run(["purge", "--user", word, "--config", str(settings)])
        return code, capsys.readouterr().err

    said = f'no history tells of an account "{NAME}"; accounts of that name: {ACCOUNT}, snow-ada\n'
    assert purged(NAME) == (1, said)
    assert purged(ACCOUNT) == (0, "! accounts of the same name stay as they are: snow-ada\n")
    assert purged(ACCOUNT) == (1, f'no history tells of an account "{ACCOUNT}"\n')


def test_a_write_in_doubt_is_read_back_first(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    with at.store.write() as db:
        assert in_doubt(db, find(db, ACCOUNT)) == []
        db.execute(update(DEEDS).values(state="sending"))
        assert in_doubt(db, find(db, ACCOUNT)) == ["SUP-3", "SUP-4"]


DISGUISED = [
    ("ask bob.", "ask PSEUDONYM."),
    ("Bobby and Ann B. Low", "Bobby and PSEUDONYM"),
    ("Ann is no word of its own", "Ann is no word of its own"),
    ("bob@bob.example", "PSEUDONYM@PSEUDONYM.example"),
    ("", ""),
]


@pytest.mark.parametrize("each_backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("text", "told"), DISGUISED)
def test_words_are_found_whole(text: str, told: str) -> None:
    disguise = Disguise("bob", ["Ann B. Low", "Ann"], "PSEUDONYM")
    assert disguise.text(text) == told


@pytest.mark.parametrize("each_backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("asked", [[], ["--user", " "], ["--user", "a", "--ticket", "B-1"]])
def test_it_must_be_told_which(asked: list[str]) -> None:
    assert run(["purge", *asked]) == 64
