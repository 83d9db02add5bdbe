"""Every request that we send to Jira is one that Atlassian's own description allows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.model import At
from sla_engine.units import Instant
from tests.connectors.jira_desk import NOW, JiraTown
from tests.contract import WHY, pulled

SHARED = Path(os.environ.get("SLA_SHARED") or Path(__file__).resolve().parents[3] / "shared")
CLOUD = SHARED / "data" / "openapi" / "jira-cloud-platform-v3.json"
DATA_CENTER = SHARED / "data" / "openapi" / "jira-dc-10.3.json"

Sent = list[requests.PreparedRequest]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Everything that leaves through `requests`, in order."""
    kept: Sent = []
    send = requests.Session.send

    def keep(
        self: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        kept.append(request.copy())
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", keep)
    return kept


@pytest.fixture
def cloud() -> Iterator[JiraTown]:
    town = JiraTown("cloud")
    yield town
    town.close()


@pytest.fixture
def server() -> Iterator[JiraTown]:
    town = JiraTown("data_center")
    yield town
    town.close()


def do_everything(town: JiraTown) -> None:
    """A pull of each kind, a change, an idle pull, a fetch, and every change there is."""
    identity = town.add("one", by="carla")
    for _ in range(150):
        town.comment(identity, "staff", public=True)
    town.set_status(identity, "In Progress")
    pulled(town.connect(comments=False, projects=["SUP"]))
    connector = town.connect(projects=["SUP"], jql="priority = Medium")
    connector.check()
    tickets, cursor = pulled(connector)
    pulled(connector, cursor)
    ref = tickets[identity].ref
    due = At(Instant(NOW + 1))
    changes: list[Change] = [
        SetFields(ref, (("SLA status", "Met"), ("SLA due", due)), WHY),
        SetFields(ref, (("SLA summary", "fine"), ("SLA missed", ("resolution",))), WHY),
        AddLabels(ref, "k1", ("late",), WHY),
        SetTicketFields(ref, "k2", (("priority", "P1"),), WHY),
        AddComment(ref, "k3", ("[Breached]", ""), WHY, ("detail",)),
        Transition(ref, "k4", "Resolved", WHY),
        Assign(ref, "k5", "Ada Lovelake", WHY),
    ]
    outcomes = connector.write(ref, changes).outcomes
    assert [outcome.kind for outcome in outcomes[:-1]] == ["confirmed"] * 6
    connector.fetch([ref])


def described(path: Path) -> OpenAPI:
    """The official description, widened by what is newer than it."""
    if not path.exists():
        pytest.skip(f"{path.name} is not here; its folder is {SHARED}")
    spec = json.loads(path.read_text())
    schemas = spec["components"]["schemas"]
    if "BulkChangelogRequestBean" in schemas:
        schemas["BulkChangelogRequestBean"]["properties"]["maxResults"]["maximum"] = 10_000
    for bean in ("IssueUpdateBean", "IssueUpdateDetails"):  # its fields are typed as objects alone
        for part in ("fields", "update"):
            if part in schemas.get(bean, {}).get("properties", {}):
                schemas[bean]["properties"][part] = {"type": "object"}
    config = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # as its documentation says
    spec["servers"] = [{"url": "http://127.0.0.1"}]
    return OpenAPI.from_dict(spec, config=config)


def on_one_host(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The same request without the port, which changes from run to run."""
    request.url = re.sub(r":\d+/", "/", request.url or "", count=1)
    return request


def test_cloud_takes_every_request(cloud: JiraTown, sent: Sent) -> None:
    spec = described(CLOUD)
    do_everything(cloud)
    routes = {(r.method, re.sub(r"\d{4,}", "N", r.path_url.partition("?")[0])) for r in sent}
    # The `jira` library reads what a site is set up with by version 2, all the rest is version 3.
    mine = [request for request in sent if "/rest/api/3/" in (request.url or "")]
    for request in mine:
        spec.validate_request(RequestsOpenAPIRequest(on_one_host(request)))
    assert {route for _, route in routes if "/api/2/" in route} == {
        "/rest/api/2/myself",
        "/rest/api/2/field",
        "/rest/api/2/status",
        "/rest/api/2/priority",
    }
    assert {route for _, route in routes if "/api/3/" in route} == {
        "/rest/api/3/search/jql",
        "/rest/api/3/issue/bulkfetch",
        "/rest/api/3/changelog/bulkfetch",
        "/rest/api/3/issue/N",
        "/rest/api/3/issue/N/comment",
        "/rest/api/3/issue/N/transitions",
        "/rest/api/3/user/assignable/search",
    }


def test_data_center_knows_every_path(server: JiraTown, sent: Sent) -> None:
    described(DATA_CENTER)
    do_everything(server)
    spec = json.loads(DATA_CENTER.read_text())
    known = [
        (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), methods)
        for path, methods in spec["paths"].items()
    ]
    prefix = "" if any("/rest/" in path for path in spec["paths"]) else "/rest"
    for request in sent:
        path = request.path_url.partition("?")[0].removeprefix(prefix)
        fitting = [methods for pattern, methods in known if pattern.fullmatch(path)]
        assert any((request.method or "").lower() in methods for methods in fitting), path
