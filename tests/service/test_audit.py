"""The audit: whatever is done to it afterwards shows, and its verdicts come out the same again."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, delete, insert, select, update

from connectors.memory import MemoryConnector
from service.record import audit
from service.record.audit_file import AuditFileError, read, write
from service.record.auditing import Audited, audited
from service.record.basis import note
from service.record.evidence import records
from service.state.schema import AUDIT, BASES, SUPERSEDED, TICKETS
from service.state.store import Store, open_store
from sla_engine.model import Journal
from sla_engine.policy_files import load_texts
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import ADA, T0, Desk, state_at, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

POLICY = """
schema: sla/v1
calendars:
  desk: {tz: UTC, hours: mon-fri 00:00-24:00, day: 24h}
policies:
  promise: {match: {priority: P2}, calendar: desk, targets: {resolution: 4h}}
publish:
  memory: {fields: {SLA status: state, SLA missed: missed}}
"""


def policies(text: str = POLICY) -> Any:
    made, problems = load_texts({"promise.yaml": text})
    assert not problems, problems
    return made


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    """A day on which one ticket is solved in time, one late, one stays open."""
    system = MemoryConnector("desk", [ticket(n) for n in range(1, 4)])
    with open_store(state_at(tmp_path), writer=True) as store:
        desk = Desk(store, system)
        desk.policies = policies()
        desk.run(T0)
        for number, later in (("1", HOUR), ("2", 9 * HOUR)):
            system.add_event(number, "status_category", "done", ADA, Instant(T0 + later))
            desk.run(T0 + later + MINUTE)
        yield desk


def found(store: Store, anchor: bytes | None = None) -> Audited:
    with store.read() as db:
        return audited(records(db, policies()), anchor=anchor)


def doubts(store: Store) -> list[tuple[int, str]]:
    return [(one.number, one.what) for one in found(store).doubts]


def kinds(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.execute(select(AUDIT.c.kind).order_by(AUDIT.c.number)).scalars())


def test_every_verdict_that_is_final_or_breached_is_in_it_and_comes_out_the_same(
    desk: Desk,
) -> None:
    desk.run(T0 + 10 * HOUR)
    proof = found(desk.store)
    assert (proof.doubts, proof.judged, proof.bare, proof.unsealed) == ([], 3, 0, 0)
    assert kinds(desk.store).count("Verdict") == 3
    assert proof.lines > 2  # what was written is in it too


def test_a_breach_is_in_it_while_the_clock_is_open_and_so_is_its_end(desk: Desk) -> None:
    (system,) = desk.connectors
    assert isinstance(system, MemoryConnector)
    before = found(desk.store).judged
    for hours in (11, 12):
        desk.run(T0 + hours * HOUR)
    assert found(desk.store).judged == before, "the third one was late long ago"
    (late,) = system.fetch([ticket(3).ref])
    now = Instant(T0 + 13 * HOUR)
    early = msgspec.structs.replace(late, created_at=Instant(now - HOUR), updated_at=now)
    system.put(early)  # corrected: not late at all
    desk.run(now)
    system.add_event("3", "status_category", "done", ADA, now)
    desk.run(now + MINUTE)
    with desk.store.read() as db:
        rows = select(AUDIT.c.outcome).where(AUDIT.c.kind == "Verdict", AUDIT.c.ticket == "3")
        assert list(db.execute(rows.order_by(AUDIT.c.number)).scalars()) == [
            "breached",
            "running",
            "met",
        ]
    assert found(desk.store).doubts == []


def touch(db: Connection, number: int, **new: object) -> None:
    db.execute(update(AUDIT).where(AUDIT.c.number == number).values(**new))


def exchanged(db: Connection, number: int) -> None:
    """A line made anew with a digest of its own, by somebody who cannot make all others anew."""
    row = dict(db.execute(select(AUDIT).where(AUDIT.c.number == number)).mappings().one())
    digest = audit.digest_of(row | {"message": "never happened"}, row["salt"])
    touch(db, number, message="never happened", digest=digest)


def slipped_in(db: Connection, number: int) -> None:
    row = dict(db.execute(select(AUDIT).where(AUDIT.c.number == number)).mappings().one())
    db.execute(delete(AUDIT).where(AUDIT.c.number == number))
    db.execute(insert(AUDIT), [row | {"number": 1000}])


TOUCHED: list[tuple[Callable[[Connection, int], None], str]] = [
    (lambda db, n: touch(db, n, message="x"), "was changed after it was written"),
    (lambda db, n: touch(db, n, at=T0 - 1), "was changed after it was written"),
    (lambda db, n: touch(db, n, salt=bytes(16)), "was changed after it was written"),
    (lambda db, n: touch(db, n, seal=None), "lost its seal"),
    (exchanged, "does not follow on the line before it: one of them was exchanged"),
    (lambda db, n: touch(db, n, seal=bytes(32)), "does not follow on the line before it"),
]


@pytest.mark.parametrize(("touched", "said"), TOUCHED)
def test_the_line_that_was_touched_is_named(
    desk: Desk, touched: Callable[[Connection, int], None], said: str
) -> None:
    with desk.store.write() as db:
        touched(db, 2)
    number, what = doubts(desk.store)[0]
    assert number == 2
    assert what.startswith(said)


@pytest.mark.parametrize("column", [c for c in audit.CONTENTS if c != "at"])
def test_no_column_can_be_changed_unseen(desk: Desk, column: str) -> None:
    with desk.store.write() as db:
        touch(db, 2, **{column: "changed"})
    assert [number for number, _ in doubts(desk.store)] == [2]


def test_missing_lines_are_numbered(desk: Desk) -> None:
    with desk.store.write() as db:
        db.execute(delete(AUDIT).where(AUDIT.c.number.in_((2, 3))))
    assert doubts(desk.store) == [(4, "follows on others: lines 2 to 3 are missing")]


def test_lines_that_were_cut_off_are_missed_by_whoever_noted_a_seal(desk: Desk) -> None:
    noted = found(desk.store).head
    assert noted is not None
    assert found(desk.store, noted[1]).anchored
    with desk.store.write() as db:
        db.execute(delete(AUDIT).where(AUDIT.c.number == noted[0]))
    assert doubts(desk.store) == []  # nothing tells, but
    assert not found(desk.store, noted[1]).anchored


def test_an_erased_line_keeps_its_place(desk: Desk) -> None:
    with desk.store.write() as db:
        touch(db, 2, change="", key="", ticket="", message="", why="", salt=None)
    proof = found(desk.store)
    assert (proof.doubts, proof.erased) == ([], 1)


def test_a_history_changed_under_a_verdict_is_noticed(desk: Desk) -> None:
    with desk.store.write() as db:
        blob = db.execute(select(TICKETS.c.journal).where(TICKETS.c.id == "3")).scalar_one()
        db.execute(update(TICKETS).where(TICKETS.c.id == "1").values(journal=blob, learnt=None))
        db.execute(delete(SUPERSEDED))
    (one,) = found(desk.store).doubts
    assert one.what == "was judged by another history than the one that is kept"


def test_policies_changed_under_a_verdict_are_noticed(desk: Desk) -> None:
    with desk.store.write() as db:
        number, _ = note(db, policies(POLICY.replace("resolution: 4h", "resolution: 8h")), T0)
        files = db.execute(select(BASES.c.files).where(BASES.c.number == number)).scalar_one()
        db.execute(update(BASES).where(BASES.c.number != number).values(files=files))
    assert {what for _, what in doubts(desk.store)} == {
        "was judged under policies, calendars or zones that read otherwise here"
    }


def test_a_verdict_that_was_restated_comes_out_as_it_did_then_and_as_it_does_now(
    desk: Desk,
) -> None:
    (system,) = desk.connectors
    assert isinstance(system, MemoryConnector)
    (late,) = system.fetch([ticket(2).ref])
    early = [msgspec.structs.replace(e, at=Instant(e.at - 8 * HOUR)) for e in late.journal]
    now = Instant(T0 + 11 * HOUR)
    system.put(msgspec.structs.replace(late, journal=Journal(early), updated_at=now))
    assert desk.run_one(now).restated == 1
    assert "Restatement" in kinds(desk.store)
    proof = found(desk.store)
    assert (proof.doubts, proof.judged) == ([], 4)


def test_of_two_passes_at_one_instant_the_second_knows_more(desk: Desk) -> None:
    """So it is where `--now` is given twice: a late word is known after the verdict."""
    (system,) = desk.connectors
    assert isinstance(system, MemoryConnector)
    system.add_event("3", "status_category", "done", ADA, Instant(T0 + HOUR))
    desk.run(desk.now)
    assert doubts(desk.store) == []


def test_an_export_is_proof_without_the_store(desk: Desk, tmp_path: Path) -> None:
    out = BytesIO()
    with desk.store.read() as db:
        write(records(db, policies()), out)
    path = tmp_path / "audit.jsonl"
    path.write_bytes(out.getvalue())
    assert audited(read(path)) == found(desk.store)
    path.write_bytes(out.getvalue().replace(b'"elapsed\\":3600000', b'"elapsed\\":3500000'))
    assert [one.what for one in audited(read(path)).doubts] == ["was changed after it was written"]


@pytest.mark.parametrize("text", ["", "{}", "Dear Ada", '{"format":"sla-audit/1"}\n{"type":"x"}'])
def test_what_is_no_export_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(AuditFileError, match=str(tmp_path / "x")):
        list(read(tmp_path / "x"))
