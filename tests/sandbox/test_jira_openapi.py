"""What is asked and answered keeps to Atlassian's own OpenAPI files, where they are at hand.

Relaxed where the files are wrong or older than the service: `from`/`to` of a history are null in
real data, `created` is a number in changelog/bulkfetch, offsets have no colon, pages may be longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from sandbox.jira.users import TOKEN
from tests.sandbox.jira_site import DUE, MISSED, STATUS, SUMMARY, Json, Site, adf, jira_site

Spec = dict[str, Any]
NULLABLE = ("from", "fromString", "to", "toString")
NOTE = [{"key": "sd.public.comment", "value": {"internal": True}}]


def relaxed(node: object) -> object:
    """The file without the formats of dates, which reject what Jira sends."""
    if isinstance(node, dict):
        kept = {key: relaxed(value) for key, value in node.items()}
        return {k: v for k, v in kept.items() if (k, v) != ("format", "date-time")}
    return [relaxed(one) for one in node] if isinstance(node, list) else node


def read(path: Path, url: str) -> Spec:
    spec = relaxed(json.loads(path.read_text(encoding="utf-8")))
    assert isinstance(spec, dict)
    return spec | {"servers": [{"url": url}]}


def opened(spec: Spec) -> OpenAPI:
    unchecked = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # as its documentation says
    return OpenAPI.from_dict(spec, config=unchecked)


class Checked:
    """Sends a request and holds it and its answer against the file."""

    def __init__(self, site: Site, spec: Spec) -> None:
        self.site, self._openapi = site, opened(spec)

    def __call__(self, method: str, path: str, body: Json = None, status: int = 200) -> Json:
        request = requests.Request(
            method, self.site.link(path), json=body, auth=self.site.http.auth
        )
        prepared = self.site.http.prepare_request(request)
        answer = self.site.http.send(prepared, timeout=5)
        assert answer.status_code == status, answer.text
        asked = RequestsOpenAPIRequest(prepared)
        self._openapi.validate_request(asked)
        if not answer.content:  # the files give even a 204 a body
            return None
        self._openapi.validate_response(asked, RequestsOpenAPIResponse(answer))
        return answer.json()


@pytest.fixture(scope="module")
def cloud(shared: Path) -> Iterator[Checked]:
    with jira_site() as site:
        spec = read(shared / "data/openapi/jira-cloud-platform-v3.json", site.url)
        schemas = spec["components"]["schemas"]
        for name in NULLABLE:
            schemas["ChangeDetails"]["properties"][name]["nullable"] = True
        schemas["Changelog"]["properties"]["created"] = {}
        schemas["Changelog"]["properties"]["historyMetadata"] = {}
        yield Checked(site, spec)


@pytest.fixture(scope="module")
def server(shared: Path) -> Iterator[Checked]:
    with jira_site("dc") as site:
        site.http.headers.pop("Authorization")  # the file knows of names and passwords alone
        site.http.auth = ("sla-bot", TOKEN)
        spec = read(shared / "data/openapi/jira-dc-10.3.json", f"{site.url}/rest")
        schemas = spec["components"]["schemas"]
        for name in NULLABLE:
            schemas["ChangeItemBean"]["properties"][name]["nullable"] = True
        schemas["IssueBean"]["properties"]["fields"] = {"type": "object"}  # of more than objects
        schemas["EntityPropertyBean"]["properties"]["value"] = {}  # and not of texts alone
        yield Checked(site, spec)


CLOUD_READS: list[tuple[str, str, Json]] = [
    ("GET", "myself", None),
    ("GET", "serverInfo", None),
    ("GET", "mypermissions?permissions=EDIT_ISSUES,ADMINISTER", None),
    ("GET", "field", None),
    ("GET", "status", None),
    ("GET", "statuscategory", None),
    ("GET", "priority", None),
    ("GET", "resolution", None),
    ("GET", "issuetype", None),
    ("GET", "project/search", None),
    ("GET", "project/SUP", None),
    ("GET", "project/SUP/statuses", None),
    ("GET", "user/search?query=bob", None),
    ("POST", "search/jql", {"jql": "updated >= 1", "fields": ["id"], "maxResults": 5000}),
    ("POST", "search/jql", {"jql": "project = SUP", "fields": ["*all"], "expand": "changelog"}),
    ("GET", "search/jql?jql=project%3DSUP&fields=summary&maxResults=3", None),
    ("POST", "search/approximate-count", {"jql": "project = SUP"}),
    ("POST", "issue/bulkfetch", {"issueIdsOrKeys": ["SUP-118", "1"], "fields": ["status"]}),
    ("POST", "changelog/bulkfetch", {"issueIdsOrKeys": ["SUP-118"], "fieldIds": ["status"]}),
    ("GET", "issue/SUP-137?expand=changelog,names,transitions", None),
    ("GET", "issue/SUP-137/changelog?startAt=100", None),
    ("GET", "issue/SUP-118/comment?expand=properties&orderBy=created", None),
    ("POST", "comment/list", {"ids": [40001, 40002]}),
    ("GET", "issue/SUP-118/transitions?expand=transitions.fields", None),
    ("GET", "issue/SUP-118/properties", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CLOUD_READS, ids=lambda v: str(v)[:40])
def test_cloud_is_read_by_its_file(cloud: Checked, method: str, path: str, body: Json) -> None:
    assert cloud(method, path, body) is not None


def test_cloud_is_written_by_its_file(cloud: Checked) -> None:
    fields = {
        STATUS: {"value": "Paused"}, DUE: None, SUMMARY: "paused with 3 h left", MISSED: ["x"],
    }  # fmt: skip
    edit = {"fields": fields, "update": {"labels": [{"add": "sla"}]}}
    cloud("PUT", "issue/SUP-204?notifyUsers=false", edit, 204)
    cloud("PUT", "issue/SUP-204?returnIssue=true", {"fields": {SUMMARY: "y"}})
    note = cloud("POST", "issue/SUP-204/comment", {"body": adf("x"), "properties": NOTE}, 201)
    cloud("PUT", f"issue/SUP-204/comment/{note['id']}", {"body": adf("y")})
    cloud("DELETE", f"issue/SUP-204/comment/{note['id']}", None, 204)
    ada = cloud.site.desk.users["ada"].account_id
    cloud("PUT", "issue/SUP-204/assignee", {"accountId": ada}, 204)
    cloud("POST", "issue/SUP-204/transitions", {"transition": {"id": "51"}}, 204)
    cloud("PUT", "issue/SUP-204/properties/sla", {"a": 1}, 201)
    cloud("GET", "issue/SUP-204/properties/sla")
    kind = "com.atlassian.jira.plugin.system.customfieldtypes:select"
    cloud("POST", "field", {"name": "SLA control", "type": kind}, 201)
    made = {"project": {"id": "10100"}, "summary": "x", "issuetype": {"id": "10010"}}
    cloud("POST", "issue", {"fields": made}, 201)


SERVER_READS: list[tuple[str, Json]] = [
    ("myself", None),
    ("serverInfo", None),
    ("search?jql=project%3DSUP&maxResults=3", None),
    ("search", {"jql": "updated >= 1", "fields": ["comment"], "expand": ["changelog"]}),
    ("issue/SUP-118?expand=changelog", None),
    ("issue/SUP-118/comment?expand=properties", None),
    ("issue/SUP-118/transitions", None),
    ("mypermissions", None),
]


@pytest.mark.parametrize(("path", "body"), SERVER_READS, ids=lambda v: str(v)[:40])
def test_data_center_is_read_by_its_file(server: Checked, path: str, body: Json) -> None:
    assert server("POST" if body else "GET", path, body) is not None


def test_data_center_is_written_by_its_file(server: Checked) -> None:
    server("POST", "issue/SUP-204/comment", {"body": "x", "properties": NOTE}, 201)
    server("PUT", "issue/SUP-204/assignee", {"name": "ada.lovelake"}, 204)
    server("POST", "issue/SUP-204/transitions", {"transition": {"id": "51"}}, 204)
    server("PUT", "issue/SUP-204?notifyUsers=false", {"update": {"labels": [{"add": "x"}]}}, 204)


def test_the_file_refuses_what_the_site_refuses(cloud: Checked) -> None:
    """So that a check which lets everything pass would be seen."""
    wrong: list[tuple[str, Json]] = [
        ("search/jql", {"jql": "project = SUP", "startAt": 0}),
        ("changelog/bulkfetch", {"issueIdsOrKeys": ["SUP-118"], "fieldIds": ["a", "a"]}),
    ]
    for path, body in wrong:
        with pytest.raises(Exception, match=r"(?i)request body|schema|invalid"):
            cloud("POST", path, body, 400)
