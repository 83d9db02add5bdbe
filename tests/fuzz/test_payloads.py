"""Spoilt answers by the thousand: no crash, nobody's neighbour hurt, nothing lost.

Some dozens each time; 5,000 a connector with HYPOTHESIS_PROFILE=deep.
"""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Batch, Connector, ConnectorError
from tests.conftest import examples
from tests.connectors.jira_desk import JiraTown
from tests.connectors.servicenow_desk import ServiceNowTown
from tests.fuzz.spoiling import Path, Spoilt, node, spoil

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sla_engine.model import Ticket

_OF_TICKETS = re.compile("search|bulkfetch|/issue/|table/(incident|sys_audit|sys_journal_field)")
Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]
Town = JiraTown | ServiceNowTown
TICKETS = 6


class Spoiler:
    """WSGI in between: spoils the answer of the given number, tells what it did. Nothing happens
    in the town meanwhile, so what was asked once is answered from memory."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._answers: dict[tuple[str, str, str, bytes], Answer] = {}
        self.arm(None, random.Random(0))

    def arm(self, number: int | None, dice: random.Random) -> None:
        """Count from now on; None spoils nothing."""
        self.number, self.dice, self.count = number, dice, 0
        self.original, self.spoilt = b"", None
        self.asked = ""

    original: bytes
    spoilt: Spoilt | None

    def __str__(self) -> str:
        return f"{self.asked}: {self.spoilt.how if self.spoilt else 'untouched'}"

    def victims(self) -> set[str] | None:
        """The tickets that the spoilt row tells of, before or after; None where it is no row of
        one ticket: what all of them are read with, or the frame of a page."""
        if self.spoilt is None or len(self.spoilt.path) < 2 or not _OF_TICKETS.search(self.asked):
            return None
        rows = (self.original, self.spoilt.body)
        return {one for body in rows for one in _ids(json.loads(body), self.spoilt.path[:2])}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        status, headers, body = self._answer(environ)
        if self.count == self.number:
            self.original, self.spoilt = body, spoil(body, self.dice)
            self.asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            body = self.spoilt.body
            headers = [(k, v) for k, v in headers if k.lower() != "content-length"]
            headers.append(("Content-Length", str(len(body))))
        self.count += 1
        start(status, headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        said = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(said)
        method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
        asked = (method, path, str(environ["QUERY_STRING"]), said)
        if asked not in self._answers:
            self._answers[asked] = called(self._app, environ)
        return self._answers[asked]


def called(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """What an application answers, whole."""
    told: list[tuple[str, Headers]] = []

    def start(status: str, headers: Headers, _: object = None) -> Callable[[bytes], object]:
        told.append((status, headers))
        return lambda _: None

    body = b"".join(app(environ, start))
    return (*told[0], body)


def _ids(page: Any, path: Path) -> Iterator[str]:
    """What a row names as its ticket, as far as it is still there."""
    try:
        row = node(page, path)
    except (KeyError, IndexError, TypeError):
        return
    for name in ("id", "issueId", "sys_id", "documentkey", "element_id"):
        if isinstance(row, dict) and isinstance(row.get(name), str | int):
            yield str(row[name])


def jira(deployment: Any) -> Callable[[], Town]:
    return lambda: JiraTown(deployment)


TOWNS: dict[str, Callable[[], Town]] = {
    "jira cloud": jira("cloud"),
    "jira data center": jira("data_center"),
    "servicenow": ServiceNowTown,
}


@contextmanager
def town_of(name: str) -> Iterator[tuple[Town, Spoiler]]:
    town = TOWNS[name]()
    try:
        for number in range(TICKETS):
            identity = town.add(f"ticket {number}")
            town.comment(identity, "customer", public=True)
            town.set_status(identity, town.another_status)
            town.comment(identity, "staff", public=True)
        for _ in range(60):  # beyond every overlap, so that the cursor alone decides
            town.tick()
        listener = town.served._listener
        spoiler = Spoiler(listener.app)
        listener.app = spoiler
        yield town, spoiler
    finally:
        town.close()


def read(connector: Connector, cursor: str) -> tuple[list[Batch], ConnectorError | None]:
    """The batches that came, and what ended the pull early."""
    batches: list[Batch] = []
    try:
        for batch in connector.pull(cursor):
            batches.append(batch)  # noqa: PERF402  # those before an error count
    except ConnectorError as error:
        return batches, error
    return batches, None


def tickets(batches: list[Batch]) -> dict[str, Ticket]:
    return {ticket.ref.id: ticket for batch in batches for ticket in batch.tickets}


@pytest.mark.parametrize("name", TOWNS)
def test_a_spoilt_answer_hurts_its_own_tickets_at_most(name: str) -> None:
    with town_of(name) as (town, spoiler):
        whole = tickets(read(town.connect(), "")[0])
        assert len(whole) == TICKETS
        requests = spoiler.count
        for seed in range(examples(60, 5_000)):
            dice = random.Random(seed)
            spoiler.arm(dice.randrange(requests), dice)
            batches, _ = read(town.connect(), "")
            told = f"seed {seed}: {spoiler}"
            victims = spoiler.victims()
            spoiler.arm(None, dice)
            after, error = read(town.connect(), batches[-1].cursor if batches else "")
            assert error is None, f"{told}: the cursor is spoilt: {error}"
            found = tickets(batches) | tickets(after)
            refused = {ref.key for batch in batches for ref, _ in batch.unreadable}
            assert not lost(whole, found, refused), told
            wrong = {one for one in found if found[one] != whole.get(one)}
            assert victims is None or wrong <= victims, f"{told}: {wrong}"


def lost(whole: dict[str, Ticket], found: dict[str, Ticket], refused: set[str]) -> list[str]:
    """Tickets that neither came, nor come next time, nor were named as unreadable."""
    named = {one for key in refused for one in key.split()}
    return [
        key for key, one in whole.items() if key not in found and not {key, one.ref.key} & named
    ]


@pytest.mark.parametrize("name", TOWNS)
def test_a_law_that_cannot_fail_is_none(name: str) -> None:
    """The spoiler spoils: tickets are refused, pulls end, values differ."""
    with town_of(name) as (town, spoiler):
        whole = tickets(read(town.connect(), "")[0])
        requests, seen = spoiler.count, set()
        for seed in range(60):
            dice = random.Random(seed)
            spoiler.arm(dice.randrange(requests), dice)
            batches, error = read(town.connect(), "")
            seen.add("ended" if error else "refused" if any(b.unreadable for b in batches) else "")
            seen.add("differs" if tickets(batches) != whole else "same")
        assert {"ended", "refused", "differs", "same"} <= seen
