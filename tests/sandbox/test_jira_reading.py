"""Jira Cloud is read as facts/jira-api.md says it is: caps, clips, tokens, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.jira.schema import PROJECTS
from tests.sandbox.jira_site import TIER, Json, Site, jira_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Nobody writes to this one."""
    with jira_site() as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[Site]:
    with jira_site(empty=True) as running:
        yield running


def made(site: Site, count: int) -> list[str]:
    """So many new issues; their ids."""
    project, now = PROJECTS["10100"], site.clock.now()
    return [
        str(site.desk.create("carla", now, project, {"summary": f"no. {n}"}).id)
        for n in range(count)
    ]


# search/jql


def test_a_search_says_ids_alone_and_no_total(site: Site) -> None:
    found = site.search("project = SUP", maxResults=2).json
    assert [set(issue) for issue in found["issues"]] == [{"id"}, {"id"}]
    assert set(found) == {"issues", "nextPageToken", "isLast"}


def test_tokens_lead_to_every_issue_once(site: Site) -> None:
    jql, ids, token = "project in (SUP, OPS) ORDER BY updated ASC, key ASC", [], None
    for _ in range(10):
        page = site.search(jql, maxResults=40, **({"nextPageToken": token} if token else {})).json
        ids += [issue["id"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        assert page["isLast"] == (token is None)
        if token is None:
            break
    assert len(ids) == len(set(ids)) == 170


def test_a_token_of_another_query_is_refused(site: Site) -> None:
    token = site.search("project = SUP", maxResults=2).json["nextPageToken"]
    assert site.search("project = OPS", nextPageToken=token).status == 400
    assert site.search("project = SUP", nextPageToken="x").status == 400
    assert site.search("project = SUP", nextPageToken=token).status == 200


@pytest.mark.parametrize(
    ("fields", "size"),
    [(["id"], 5000), (["key"], 5000), (["id", "key"], 5000), (["summary"], 100), (["*all"], 100)],
    ids=str,
)
def test_pages_are_long_for_ids_and_short_for_anything_else(
    fresh: Site, fields: list[str], size: int
) -> None:
    made(fresh, 5001 if size == 5000 else 101)
    page = fresh.search("project = SUP", fields=fields, maxResults=5001).json
    assert len(page["issues"]) == size


def test_the_default_page_has_50(site: Site) -> None:
    assert len(site.search("project = SUP").json["issues"]) == 50


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"jql": "project = SUP", "startAt": 3}, "Invalid request payload"),
        ({"jql": "project = SUP", "expand": ["changelog"]}, "Invalid request payload"),
        ({"jql": "project = SUP", "fields": "summary"}, "Invalid request payload"),
        ({"jql": "project = SUP", "maxResults": "lots"}, "Invalid request payload"),
        ({"jql": "ORDER BY key"}, "Unbounded JQL"),
        ({}, "Unbounded JQL"),
        ({"jql": "project = NOPE"}, "The value 'NOPE' does not exist for the field 'project'."),
        ({"jql": "project = SUP", "reconcileIssues": list(range(51))}, "not be more than 50"),
    ],
    ids=str,
)
def test_a_search_that_is_none_is_refused(site: Site, body: Json, said: str) -> None:
    answer = site.post("search/jql", **body)
    assert answer.status == 400
    assert said in answer.said


def test_a_search_by_get_says_the_same(site: Site) -> None:
    asked = {"jql": "key = SUP-118", "fields": "summary,status", "maxResults": 10}
    assert site.get("search/jql", **asked).json == (
        site.search("key = SUP-118", fields=["summary", "status"], maxResults=10).json
    )
    assert site.get("search/jql", jql="project = SUP", startAt=3).status == 400


@pytest.mark.parametrize("api", ["2", "3", "latest"])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_the_old_search_is_gone(site: Site, api: str, verb: str) -> None:
    answer = getattr(site, verb)(f"/rest/api/{api}/search", jql="project = SUP")
    assert answer.status == 410
    assert "CHANGE-2046" in answer.said


def test_counting_is_a_call_of_its_own(site: Site) -> None:
    assert site.post("search/approximate-count", jql="project = OPS").json == {"count": 20}


def test_a_search_without_credentials_finds_nothing(site: Site) -> None:
    site.http.auth, kept = None, site.http.auth
    answer = site.search("project = SUP")
    site.http.auth = kept
    assert (answer.status, answer.json) == (200, {"issues": [], "isLast": True})


# what an issue says


def test_fields_are_those_that_were_asked_for(site: Site) -> None:
    issue = site.search("key = SUP-118", fields=["summary", TIER]).json["issues"][0]
    assert issue["key"] == "SUP-118"
    assert issue["fields"].keys() == {"summary", TIER}
    assert issue["fields"][TIER]["value"] == "gold"


@pytest.mark.parametrize(
    ("fields", "has", "lacks"),
    [
        (["*navigable"], "summary", "comment"),
        (["*all"], "comment", "nothing"),
        (["*all", "-comment"], "summary", "comment"),
        (["-summary"], "status", "summary"),
    ],
    ids=str,
)
def test_stars_and_minuses(site: Site, fields: list[str], has: str, lacks: str) -> None:
    issue = site.search("key = SUP-118", fields=fields).json["issues"][0]
    assert has in issue["fields"]
    assert lacks not in issue["fields"]


def test_instants_are_told_in_the_account_s_zone(site: Site) -> None:
    asked = {"jql": "key = SUP-118", "fields": ["created"]}
    berlin = site.post("search/jql", **asked).json["issues"][0]["fields"]["created"]
    site.desk.dials["time_zone"] = "America/New_York"
    york = site.post("search/jql", **asked).json["issues"][0]["fields"]["created"]
    site.desk.dials["time_zone"] = ""
    assert (berlin, york) == ("2026-11-19T14:40:00.000+0100", "2026-11-19T08:40:00.000-0500")


def test_a_moved_issue_is_found_by_its_old_key_under_its_new(site: Site) -> None:
    assert site.get("issue/OPS-60", fields="project").json["key"] == "SUP-105"
    fetched = site.post("issue/bulkfetch", issueIdsOrKeys=["OPS-60"], fields=["summary"]).json
    assert fetched["issues"][0]["key"] == "SUP-105"
    assert fetched["issueErrors"] == []


# issue/bulkfetch


def test_bulkfetch_answers_by_id_and_names_what_it_cannot_give(site: Site) -> None:
    answer = site.post(
        "issue/bulkfetch",
        issueIdsOrKeys=["SUP-240", "SUP-118", "SUP-118", "999", "NO-1"],
        fields=["status"],
    )
    ids = [int(issue["id"]) for issue in answer.json["issues"]]
    assert ids == sorted(ids)
    assert [issue["key"] for issue in answer.json["issues"]] == ["SUP-118", "SUP-240"]
    assert [error["id"] for error in answer.json["issueErrors"]] == ["999", "NO-1"]


@pytest.mark.parametrize(
    ("more", "limit"),
    [
        ({"fields": ["summary", "status"]}, 1000),
        ({}, 100),
        ({"fields": ["*all"]}, 100),
        ({"fields": ["summary", "comment"]}, 100),
        ({"fields": ["summary"], "expand": ["changelog"]}, 100),
    ],
    ids=str,
)
def test_bulkfetch_gives_a_thousand_only_of_named_single_fields(
    fresh: Site, more: Json, limit: int
) -> None:
    ids = made(fresh, limit + 1)
    assert fresh.post("issue/bulkfetch", issueIdsOrKeys=ids, **more).status == 400
    assert fresh.post("issue/bulkfetch", issueIdsOrKeys=ids[1:], **more).status == 200


def test_an_older_site_gives_a_hundred(fresh: Site) -> None:
    fresh.desk.dials["bulk_limit"] = 100
    answer = fresh.post("issue/bulkfetch", issueIdsOrKeys=made(fresh, 101), fields=["summary"])
    assert answer.status == 400


# changelog/bulkfetch


def all_logs(site: Site, **body: object) -> list[tuple[str, Json]]:
    """(issue id, history) of all pages, in the order in which they came."""
    rows: list[tuple[str, Json]] = []
    token: dict[str, str] = {}
    for _ in range(100):
        page = site.post("changelog/bulkfetch", **body, **token).json
        for entry in page["issueChangeLogs"]:
            rows += [(entry["issueId"], history) for history in entry["changeHistories"]]
        if "nextPageToken" not in page:
            return rows
        token = {"nextPageToken": page["nextPageToken"]}
    raise AssertionError("no end")


def test_bulk_histories_come_by_date_so_an_issue_is_spread(site: Site) -> None:
    keys = ["SUP-118", "SUP-204", "SUP-137"]
    rows = all_logs(site, issueIdsOrKeys=keys, maxResults=7)
    order = [(history["created"], int(number), int(history["id"])) for number, history in rows]
    assert order == sorted(order)
    assert len(rows) == 112 + 4 + 2
    first = site.post("changelog/bulkfetch", issueIdsOrKeys=keys).json["issueChangeLogs"]
    assert len(first) > len(keys)  # one issue comes in several places


def test_created_is_a_number_in_bulk_and_iso_elsewhere(site: Site) -> None:
    bulk = all_logs(site, issueIdsOrKeys=["SUP-118"])[0][1]
    single = site.get("issue/SUP-118/changelog").json["values"][0]
    assert (bulk["id"], bulk["created"]) == (single["id"], 1795095840000)
    assert single["created"] == "2026-11-19T14:44:00.000+0100"
    assert bulk["items"] == single["items"]


def test_histories_without_an_asked_field_are_left_out(site: Site) -> None:
    rows = all_logs(site, issueIdsOrKeys=["SUP-137", "SUP-94"], fieldIds=["status"])
    assert len(rows) == 2
    assert {item["fieldId"] for _, history in rows for item in history["items"]} == {"status"}


@pytest.mark.parametrize(
    "body",
    [
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": [str(n) for n in range(1001)]},
        {"issueIdsOrKeys": ["SUP-118"], "fieldIds": [f"f{n}" for n in range(11)]},
        {"issueIdsOrKeys": ["SUP-118"], "fieldIds": ["status", "status"]},
        {"issueIdsOrKeys": ["SUP-118"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["SUP-118"], "startAt": 0},
        {"issueIdsOrKeys": ["SUP-118"], "nextPageToken": "!"},
        {},
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_bulk_of_histories_that_is_none_is_refused(site: Site, body: Json) -> None:
    assert site.post("changelog/bulkfetch", **body).status == 400


# embedded histories and comments


@pytest.mark.parametrize("where", ["search", "bulkfetch"])
def test_embedded_histories_are_the_newest_forty(site: Site, where: str) -> None:
    if where == "search":
        page = site.search("key = SUP-137", fields=["summary"], expand="changelog").json
    else:
        asked = {"issueIdsOrKeys": ["SUP-137"], "fields": ["summary"], "expand": ["changelog"]}
        page = site.post("issue/bulkfetch", **asked).json
    log = page["issues"][0]["changelog"]
    assert (log["startAt"], log["total"], len(log["histories"])) == (0, 112, 40)
    assert log["histories"][0]["items"][0]["toString"] == "Resolved"


def test_one_issue_embeds_the_newest_hundred_and_its_changelog_pages_the_oldest_first(
    site: Site,
) -> None:
    log = site.get("issue/SUP-137", expand="changelog").json["changelog"]
    assert (log["total"], len(log["histories"])) == (112, 100)
    first = site.get("issue/SUP-137/changelog", maxResults=1000).json
    assert (first["maxResults"], len(first["values"]), first["isLast"]) == (100, 100, False)
    rest = site.get("issue/SUP-137/changelog", startAt=100).json
    ids = [int(history["id"]) for history in first["values"] + rest["values"]]
    assert (len(ids), rest["isLast"]) == (112, True)
    assert ids == sorted(ids)


def test_comments_are_embedded_by_the_newest_hundred(site: Site) -> None:
    page = site.search("key = SUP-149", fields=["comment"]).json["issues"][0]["fields"]["comment"]
    assert (page["startAt"], page["total"], len(page["comments"])) == (30, 130, 100)
    whole = site.get("issue/SUP-149/comment", maxResults=500).json
    assert (whole["maxResults"], len(whole["comments"])) == (100, 100)
    assert whole["comments"][30]["id"] == page["comments"][0]["id"]


def test_internal_notes_are_no_public_comments_and_bodies_are_documents(site: Site) -> None:
    page = site.get("issue/SUP-118/comment", expand="properties").json["comments"]
    assert [comment["jsdPublic"] for comment in page] == [True, False, True, True, True, True]
    assert page[1]["properties"] == [{"key": "sd.public.comment", "value": {"internal": True}}]
    assert page[0]["body"]["type"] == "doc"
    wiki = site.get("/rest/api/2/issue/SUP-118/comment").json["comments"]
    assert wiki[0]["body"].startswith("Thank you")


def test_a_comment_of_a_deleted_account_bears_no_author(site: Site) -> None:
    comments = site.get("issue/SUP-162/comment").json["comments"]
    assert ["author" in comment for comment in comments] == [False, True]


def test_comments_are_found_by_id(site: Site) -> None:
    ids = [int(one["id"]) for one in site.get("issue/SUP-118/comment").json["comments"]]
    found = site.post("comment/list", ids=[*ids[:2], 1]).json
    assert [int(one["id"]) for one in found["values"]] == ids[:2]


# the index


def test_a_search_lags_and_the_store_does_not(fresh: Site) -> None:
    (number,) = made(fresh, 1)
    fresh.clock.advance(60_000)
    fresh.desk.dials["index_lag"] = 30_000
    assert fresh.put(f"issue/{number}", fields={"summary": "new"}).status == 204
    jql = "project = SUP AND summary ~ new"
    asked = {"issueIdsOrKeys": [number], "fields": ["summary"]}
    assert fresh.keys(jql) == []
    stored = fresh.post("issue/bulkfetch", **asked).json["issues"][0]
    assert stored["fields"]["summary"] == "new"
    assert fresh.search(jql, reconcileIssues=[int(number)]).json["issues"] == [{"id": number}]
    fresh.clock.advance(30_000)
    assert fresh.keys(jql) == ["SUP-1"]


def test_an_index_that_lags_shows_one_state_after_another(fresh: Site) -> None:
    (number,) = made(fresh, 1)
    fresh.clock.advance(60_000)
    fresh.desk.dials["index_lag"] = 30_000
    for word in ("first", "second"):
        fresh.clock.advance(1_000)
        fresh.put(f"issue/{number}", fields={"summary": word})
    shown = []
    for wait in (0, 29_000, 1_000):
        fresh.clock.advance(wait)
        page = fresh.search("project = SUP", fields=["summary"]).json
        shown.append(page["issues"][0]["fields"]["summary"])
    assert shown == ["no. 0", "first", "second"]


def test_a_new_issue_is_not_yet_in_an_index_that_lags(fresh: Site) -> None:
    fresh.desk.dials["index_lag"] = 30_000
    made(fresh, 1)
    assert fresh.keys("project = SUP") == []
    fresh.clock.advance(30_001)
    assert fresh.keys("project = SUP") == ["SUP-1"]


def test_a_hidden_project_cannot_be_told_from_none(fresh: Site) -> None:
    (number,) = made(fresh, 1)
    fresh.desk.dials["hidden"] = ["SUP"]
    assert fresh.get(f"issue/{number}").status == 404
    assert fresh.keys("updated > 0") == []
    fetched = fresh.post("issue/bulkfetch", issueIdsOrKeys=[number], fields=["summary"]).json
    assert (fetched["issues"], len(fetched["issueErrors"])) == ([], 1)


def test_the_gateway_is_the_same_site_under_another_address(fresh: Site) -> None:
    (number,) = made(fresh, 1)
    cloud = fresh.get("/_edge/tenant_info").json["cloudId"]
    issue = fresh.get(f"/ex/jira/{cloud}/rest/api/3/issue/{number}", fields="summary").json
    assert issue["self"] == f"{fresh.url}/ex/jira/{cloud}/rest/api/3/issue/{number}"
    assert fresh.get(f"/ex/jira/other/rest/api/3/issue/{number}").status == 404


def test_issue_properties_can_be_read_with_a_search(fresh: Site) -> None:
    (number,) = made(fresh, 1)
    fresh.http.put(fresh.link(f"issue/{number}/properties/sla"), json={"a": 1}, timeout=5)
    found = fresh.search("project = SUP", fields=["summary"], properties=["sla", "no"]).json
    assert found["issues"][0]["properties"] == {"sla": {"a": 1}}
