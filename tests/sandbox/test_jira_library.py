"""The unchanged `jira` library takes the sandbox for a Jira."""

from __future__ import annotations

from collections.abc import Iterator

import jira
import pytest

from sandbox.jira.users import TOKEN
from tests.sandbox.jira_site import BOT, STATUS, jira_site


@pytest.fixture(params=["cloud", "dc"])
def client(request: pytest.FixtureRequest) -> Iterator[jira.JIRA]:
    with jira_site(request.param) as site:
        signed = {"basic_auth": (BOT, TOKEN)} if site.desk.cloud else {"token_auth": TOKEN}
        library = jira.JIRA(site.url, max_retries=0, timeout=5, **signed)
        yield library
        library.close()  # type: ignore[no-untyped-call]  # the library's own


def search(client: jira.JIRA, jql: str, most: int | bool) -> list[jira.Issue]:
    """By the call that the library has for the deployment."""
    way = client.enhanced_search_issues if client._is_cloud else client.search_issues
    return list(way(jql, maxResults=most))


def test_it_searches_comments_and_moves(client: jira.JIRA) -> None:
    found = search(client, "project = SUP AND status = Open", 10)
    assert [issue.key for issue in found] == ["SUP-240"]
    issue = found[0]
    assert str(issue.fields.customfield_10040) == "gold"
    client.add_comment(issue, "looking", is_internal=True)
    assert [comment.body for comment in client.comments(issue)][1:] == ["looking"]
    client.transition_issue(issue, "Resolve")
    issue = client.issue("SUP-240", expand="changelog")
    assert (str(issue.fields.status), str(issue.fields.resolution)) == ("Resolved", "Done")
    assert issue.changelog.histories[0].items[0].toString == "Resolved"


def test_it_finds_all_edits_and_creates(client: jira.JIRA) -> None:
    assert len(search(client, "project = SUP", False)) == 150
    issue = client.issue("SUP-240")
    issue.update(fields={STATUS: {"value": "Met"}}, notify=False)
    assert str(issue.fields.customfield_10101) == "Met"
    client.assign_issue(issue, "bob.kettle")
    assert str(client.issue("SUP-240").fields.assignee) == "Bob Kettle"
    made = client.create_issue(project="SUP", summary="x", issuetype={"name": "Incident"})
    assert made.key == "SUP-241"
    assert "SLA due" in {field["name"] for field in client.fields()}
