"""docs/security.md names every request that the connectors make, and no other."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from connectors.base import Connector
from sla_engine.changes import AddComment, Assign, SetTicketFields, Transition
from sla_engine.units import Instant
from tests.connectors.jira_desk import NOW as BEGAN
from tests.connectors.jira_desk import JiraTown
from tests.connectors.servicenow_desk import ServiceNowTown
from tests.contract import WHY, pulled

NOW = Instant(BEGAN)
JSON = {"Content-Type": "application/json"}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
SYSTEMS = {"Jira Cloud": "cloud", "Jira Data Center": "data_center", "ServiceNow": "servicenow"}


def documented(system: str) -> set[str]:
    """`GET /rest/api/2/field` for each row of the system's table."""
    part = PAGE.read_text("utf-8").partition("## Every request")[2].partition("\n## ")[0]
    table = part.partition(f"### {system}\n")[2].partition("\n###")[0]
    return set(re.findall(r"^\| `([A-Z]+ /[^`]+)` \|", table, re.MULTILINE))


def town_of(kind: str) -> JiraTown | ServiceNowTown:
    if kind == "servicenow":
        return ServiceNowTown()
    return JiraTown("cloud") if kind == "cloud" else JiraTown("data_center")


def connectors(town: JiraTown | ServiceNowTown) -> list[Connector]:
    """One for each way of reading and signing in that makes other requests."""
    if isinstance(town, ServiceNowTown):
        return [town.connect_by_oauth()]
    return [town.connect(), town.connect(comments=False), town.connect(projects=["SUP"])]


def everything(connector: Connector, identity: str) -> None:
    """All that a connector can be asked for."""
    connector.check()
    connector.vocabulary()
    tickets, _ = pulled(connector)
    ref = tickets[identity].ref
    connector.fetch([ref])
    connector.fates([ref])
    list(connector.census(NOW) or ())
    list(connector.examine({"edit", "comment", "assign", "transition"}))
    moves = (
        AddComment(ref, "k:1", ("a",), WHY),
        SetTicketFields(ref, "k:2", (("priority", "High"),), WHY),
        Assign(ref, "k:3", "Ada", WHY),
        Transition(ref, "k:4", "In Progress", WHY),
    )
    for move in moves:
        connector.write(ref, [move])


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_request_that_is_made_is_documented(system: str) -> None:
    patterns = {
        said: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(said)))
        for said in documented(system)
    }
    with closing(town_of(SYSTEMS[system])) as town:
        identity = town.add("one")
        for _ in range(120):  # more comments than come with a ticket
            town.comment(identity, "customer", public=True)
        if isinstance(town, ServiceNowTown):
            for number in range(201):  # more than one list of ids holds, so that reads are batched
                town.add(f"another {number}")
        else:
            found = b'[{"accountId": "ada", "key": "ada", "name": "ada", "displayName": "Ada"}]'
            town.faults.add(
                kind="body", path="assignable/search", body=found, headers=JSON, times=99
            )
        for connector in connectors(town):
            everything(connector, identity)
        asked = {f"{one.method} {one.path}" for one in town.log.all()}
    seen = {
        said: {one for one in asked if pattern.fullmatch(one)} for said, pattern in patterns.items()
    }
    unknown = asked - {one for matched in seen.values() for one in matched}
    assert sorted(unknown) == []
    assert sorted(said for said, matched in seen.items() if not matched) == []
    assert not [one for one in asked if one.startswith("DELETE")]
