"""A connection that failed is left alone for a while, and longer each time."""

from __future__ import annotations

import pytest

from connectors.base import AuthError, ConnectorError, UnreachableError
from service.delivery.outcome import PassReport, SourceReport
from service.passes.patience import Patience
from sla_engine.units import MINUTE, Instant
from tests.service.desks import T0


@pytest.mark.parametrize(
    ("error", "waits"),
    [(UnreachableError("away"), [1, 2, 4, 8, 8, 8]), (AuthError("no"), [30, 30, 30])],
    ids=["unreachable", "credentials refused"],
)
def test_it_waits_longer_each_time(error: ConnectorError, waits: list[int]) -> None:
    patience, now = Patience(MINUTE), T0
    for wait in waits:
        assert patience.ready("jira", now)
        patience.learn(PassReport(now, (SourceReport("jira", "jira", "write", error=error),)))
        assert not patience.ready("jira", Instant(now + wait * MINUTE - 1))
        now = Instant(now + wait * MINUTE)
    patience.learn(PassReport(now, (SourceReport("jira", "jira", "write"),)))
    assert patience.ready("jira", now)
    assert patience.ready("never seen", now)
