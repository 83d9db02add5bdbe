"""The same site as Data Center: search with startAt, whole histories, wiki text, PAT."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.jira_site import SUMMARY, Json, Site, jira_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with jira_site("dc") as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[Site]:
    with jira_site("dc", empty=True) as running:
        fields = {"project": {"key": "SUP"}, "summary": "x", "issuetype": {"name": "Incident"}}
        assert running.post("issue", fields=fields).status == 201
        yield running


def test_it_says_what_it_is(site: Site) -> None:
    said = site.get("serverInfo").json
    assert (said["deploymentType"], said["versionNumbers"]) == ("Server", [10, 3, 24])


@pytest.mark.parametrize(
    "path",
    [
        "/rest/api/3/myself",
        "/rest/api/3/search/jql?jql=project=SUP",
        "/rest/api/2/search/jql?jql=project=SUP",
        "/rest/api/2/issue/SUP-118/changelog",
    ],
)
def test_what_only_cloud_has_is_not_there(site: Site, path: str) -> None:
    assert site.get(path).status == 404


def test_bulk_fetches_are_not_there_either(site: Site) -> None:
    for path in ("issue/bulkfetch", "changelog/bulkfetch"):
        assert site.post(path, issueIdsOrKeys=["SUP-118"]).status in (404, 405)


def test_a_search_tells_its_total_and_where_it_stands(site: Site) -> None:
    page = site.search("project = SUP ORDER BY key", startAt=10, maxResults=5).json
    assert (page["startAt"], page["maxResults"], page["total"]) == (10, 5, 150)
    assert page["issues"][0]["key"] == "SUP-101"
    assert "comment" not in page["issues"][0]["fields"]  # *navigable


def test_get_and_post_say_the_same(site: Site) -> None:
    asked = {"jql": "project = SUP ORDER BY key", "maxResults": 2}
    posted = site.post("search", fields=["summary"], expand=["changelog"], **asked).json
    got = site.get("search", fields="summary", expand="changelog", **asked).json
    assert got == posted


def test_histories_come_whole_oldest_first_and_without_field_ids(site: Site) -> None:
    asked = {"fields": ["comment"], "expand": ["changelog"]}
    log = site.post("search", jql="key = SUP-137", **asked).json["issues"][0]["changelog"]
    assert (log["total"], log["maxResults"], len(log["histories"])) == (112, 112, 112)
    assert log["histories"][0]["created"] == "2026-10-26T09:20:00.000+0100"
    items = [item for history in log["histories"] for item in history["items"]]
    assert not any("fieldId" in item for item in items)
    assert site.desk.users["imke"].key in {item["to"] for item in items}


def test_comments_come_all_as_text_and_users_by_name_and_key(site: Site) -> None:
    page = site.get("issue/SUP-149/comment").json
    assert (page["maxResults"], len(page["comments"])) == (1_048_576, 130)
    author = page["comments"][0]["author"]
    assert (author["name"], author["key"]) == ("tomas.umbra", site.desk.users["tomas"].key)
    assert "accountId" not in author
    found = site.post("search", jql="key = SUP-149", fields=["comment"]).json["issues"][0]
    assert len(found["fields"]["comment"]["comments"]) == 130


@pytest.mark.parametrize(
    ("dials", "body", "status", "size"),
    [
        ({"page_cap": 20}, {"maxResults": 500}, 200, 20),
        ({"window": 100}, {"startAt": 90, "maxResults": 20}, 500, 0),
        ({"window": 110}, {"startAt": 90, "maxResults": 20}, 200, 20),
    ],
    ids=str,
)
def test_pages_are_capped_and_depth_is_limited(
    site: Site, dials: Json, body: Json, status: int, size: int
) -> None:
    kept = dict(site.desk.dials)
    site.desk.dials |= dials
    answer = site.post("search", jql="project = SUP", **body)
    site.desk.dials |= kept
    assert (answer.status, len(answer.json.get("issues", []))) == (status, size)


def test_a_search_need_not_be_bounded(site: Site) -> None:
    assert site.post("search", jql="", maxResults=0).json["total"] == 170
    assert site.post("search", jql="nonsense").status == 400
    assert site.post("search", jql="", total=1).status == 400


def test_a_quiet_edit_without_rights_is_forbidden(fresh: Site) -> None:
    fresh.desk.dials["admin"] = False
    link = fresh.link("issue/SUP-1?notifyUsers=false")
    answer = fresh.http.put(link, json={"fields": {SUMMARY: "x"}}, timeout=5)
    assert answer.status_code == 403
    assert "To discard the user notification" in answer.text
    assert fresh.put("issue/SUP-1", fields={SUMMARY: "x"}).status == 204


def test_an_edit_never_answers_with_the_issue(fresh: Site) -> None:
    link = fresh.link("issue/SUP-1?returnIssue=true")
    assert fresh.http.put(link, json={"fields": {SUMMARY: "x"}}, timeout=5).status_code == 204


def test_comments_are_wiki_text_and_nothing_else(fresh: Site) -> None:
    note = {"key": "sd.public.comment", "value": {"internal": True}}
    answer = fresh.post("issue/SUP-1/comment", body="{panel}x{panel}", properties=[note])
    assert (answer.status, answer.json["body"]) == (201, "{panel}x{panel}")
    document = {"type": "doc", "version": 1, "content": []}
    assert fresh.post("issue/SUP-1/comment", body=document).status == 400


def test_people_are_assigned_by_name(fresh: Site) -> None:
    assert fresh.put("issue/SUP-1/assignee", name="bob.kettle").status == 204
    assert fresh.get("issue/SUP-1").json["fields"]["assignee"]["name"] == "bob.kettle"
    assert fresh.put("issue/SUP-1/assignee", name="-1").status == 204
    found = fresh.get("user/search", username="kettle").json
    assert [user["displayName"] for user in found] == ["Bob Kettle"]
    assert fresh.get("user", username="nobody").status == 404
