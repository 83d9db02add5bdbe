"""S20: a guard that fails says no. Each is broken in turn, and nothing reaches a ticket or a
channel; once it is well again, what was due is done, once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from connectors.memory import MemoryConnector
from service.delivery.guarded import guarded
from service.errands.applying import apply_plan, planned
from service.errands.plan_file import Plan
from service.passes.pass_terms import Terms
from service.passes.survey import survey
from service.setup.sources import Source
from sla_engine.changes import AddComment
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import T0, Desk, desk_over, ticket
from tests.web.test_hooks import BODY, Yard, signed

WARNING = Instant(T0 + 3 * HOUR)

GUARDS = {
    "a restored or held connection": "service.passes.passes.held_back",
    "plans that wait for a word": "service.delivery.holds.find",
    "the limits of a pass": "service.passes.weighing.refusal",
    "the system's clock": "service.passes.passes.fault_of",
    "how far clocks are apart": "service.passes.passes.skew_of",
    "the brakes of an hour": "service.passes.passes.Brakes.held_in",
    "the brakes' memory": "service.delivery.lately.since",
    "the brakes of a field": "service.delivery.brakes._field_writes",
    "what came of doubts": "service.passes.pulling.reconcile",
    "whether it is there already": "service.delivery.apply.seen",
    "whether people went another way": "service.delivery.apply.overtaken",
    "whether it comes too late": "service.passes.looking.lapsed",
    "a last look at the ticket": "service.passes.judging._reread",
    "the intent, before": "service.delivery.deeds.intend",
}
"""What may say no in a pass, and where a pass asks it."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    """A desk in the pass before a warning is due."""
    with desk_over(tmp_path, [ticket(1)]) as (made, connector):
        made.run(T0)
        made.run(T0 + MINUTE)
        yield made, connector


Desked = tuple[Desk, MemoryConnector]


class Broken(Exception):
    """What a guard meets that nobody thought of."""


def fail(*_: object, **__: object) -> NoReturn:
    raise Broken


def passed(desk: Desk, at: int) -> None:
    """A pass, which may end as it likes."""
    with suppress(Broken):
        desk.run(at)


def comments(connector: MemoryConnector) -> int:
    return sum(isinstance(change, AddComment) for change in connector.writes)


@pytest.mark.parametrize("place", GUARDS.values(), ids=GUARDS)
def test_a_guard_of_a_pass_that_fails_lets_nothing_through(
    desk: Desked, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, connector = desk
    before, asked = len(connector.writes), []

    def asked_and_failing(*_: object, **__: object) -> NoReturn:
        asked.append(place)
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(place, asked_and_failing)
        passed(made, WARNING)
    assert asked
    assert len(connector.writes) == before
    for minutes in (10, 20, 50):
        made.run(WARNING + minutes * MINUTE)
    assert comments(connector) == 1


def test_a_plan_is_not_applied_by_a_look_that_fails(
    desk: Desked, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, connector = desk
    source = Source("desk", "memory", "write", "all", lambda: connector)
    items = survey(made.store, source, made.policies, WARNING).items
    tickets = tuple(planned(item, ()) for item in items)
    plan = Plan("then", "ada", WARNING, made.policies.version, tickets, sha256="f" * 64)
    before = len(connector.writes)

    def apply() -> None:
        terms = Terms(made.policies, lambda: WARNING)
        apply_plan(made.store, [source], plan, terms, WARNING, dry=False)

    with monkeypatch.context() as patch:
        patch.setattr("service.errands.applying.look", fail)
        with suppress(Broken):
            apply()
    assert len(connector.writes) == before
    apply()
    assert len(connector.writes) > before


def test_no_connection_is_made_by_a_judge_of_addresses_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there, socket.socket() as ours:
        there.settimeout(0.05)
        monkeypatch.setattr("service.delivery.guarded.is_fit", fail)
        with guarded("http://127.0.0.1/"), pytest.raises(Broken):
            ours.connect(there.getsockname())
        with pytest.raises(TimeoutError):
            there.accept()


def test_no_ring_is_heard_by_a_proof_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    yard = Yard()
    monkeypatch.setattr("service.setup.webhooks.hmac.compare_digest", fail)
    assert yard.post("jira/acme", X_Hub_Signature=signed(BODY)) == 500
    assert yard.rung == []


def test_a_switch_that_cannot_be_asked_is_off(desk: Desked) -> None:
    made, connector = desk
    before = len(connector.writes)

    made.halted = fail
    passed(made, WARNING)
    assert len(connector.writes) == before
    made.halted = lambda: ""
    made.run(WARNING + MINUTE)
    assert comments(connector) == 1
