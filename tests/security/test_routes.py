"""S4: a token goes to one origin. What an answer names is never gone to."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Literal

import pytest
from requests.auth import HTTPBasicAuth

from connectors.base import ConnectorError
from connectors.http import Client
from connectors.secret import Secret
from connectors.server import Server
from tests.connectors.jira_desk import JiraTown
from tests.connectors.servicenow_desk import ServiceNowTown
from tests.connectors.wire import Reply, wire
from tests.fuzz.test_payloads import called

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Kind = Literal["cloud", "data_center", "servicenow"]

TOKEN = "canary-of-the-route-tests"


def client(url: str) -> Client:
    server = Server("jira/acme", "Jira", url, "bot", "SLA_JIRA_ACME_TOKEN", Secret(TOKEN))
    return Client(server, HTTPBasicAuth("bot", TOKEN), sleep=lambda _: None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
def test_a_redirect_leads_nowhere(status: int, method: str) -> None:
    with wire() as other:
        away = Reply(status, b"", (("Location", f"{other.url}/collect"), ("Content-Length", "0")))
        with wire(away) as jira:
            delivery = client(jira.url).write(method, "/x", body={})
            with pytest.raises(ConnectorError):
                client(jira.url).read(method, "/x")
    assert other.asked == []
    assert delivery.kind == "doubtful"
    assert len(jira.asked) == 2


@pytest.mark.parametrize("kind", ["cloud", "data_center", "servicenow"])
def test_addresses_in_answers_are_never_gone_to(kind: Kind) -> None:
    """Every `self`, `Link`, avatar and next page of the sandbox points to somebody else."""
    with wire() as other, closing(town_of(kind)) as town:
        town.add("look there")
        listener = town.served._listener
        own = listener.app

        def elsewhere(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
            status, headers, body = called(own, environ)
            body = body.replace(town.served.url.encode(), other.url.encode())
            kept = [(n, v) for n, v in headers if n.lower() not in ("content-length", "link")]
            link = ("Link", f'<{other.url}/next>; rel="next"')
            start(status, [*kept, ("Content-Length", str(len(body))), link])
            return [body]

        listener.app = elsewhere
        batches = list(town.connect().pull(""))
    assert [ticket for batch in batches for ticket in batch.tickets]
    assert other.asked == []


def town_of(kind: Kind) -> JiraTown | ServiceNowTown:
    return ServiceNowTown() if kind == "servicenow" else JiraTown(kind)
