"""Faults as a client feels them, the request log, and the sandbox's own paths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.sandbox.jira_site import SUMMARY, Json, Site, adf, jira_site


@pytest.fixture
def site() -> Iterator[Site]:
    with jira_site(empty=True) as running:
        fields = {"project": {"key": "SUP"}, "summary": "x", "issuetype": {"name": "Incident"}}
        assert running.post("issue", fields=fields).status == 201
        running.log.reset()
        yield running


def fault(site: Site, **said: object) -> None:
    assert site.post("/_sandbox/faults", **said).status == 200


def comments(site: Site) -> int:
    issue = site.desk.find("SUP-1")
    assert issue
    return len(issue.comments)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("drop", requests.ConnectionError),
        ("hang", requests.ReadTimeout),
        ("apply-then-drop", requests.ConnectionError),
        ("truncate", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_a_connection_is_lost_before_or_after(
    site: Site, kind: str, error: type[Exception]
) -> None:
    fault(site, kind=kind, method="POST", path="/comment$", seconds=30)
    link = site.link("issue/SUP-1/comment")
    with pytest.raises(error):
        site.http.post(link, json={"body": adf("x")}, timeout=0.4)
    assert comments(site) == (0 if kind in ("drop", "hang") else 1)
    assert site.post("issue/SUP-1/comment", body=adf("y")).status == 201  # once only


def test_the_request_log_knows_of_answers_that_were_never_sent(site: Site) -> None:
    fault(site, kind="apply-then-drop")
    with pytest.raises(requests.ConnectionError):
        site.put("issue/SUP-1", fields={SUMMARY: "x"})
    (entry,) = site.log.all()
    assert (entry.method, entry.status) == ("PUT", 0)
    assert site.get("issue/SUP-1").json["fields"][SUMMARY] == "x"


@pytest.mark.parametrize(
    ("said", "status", "text"),
    [
        ({"kind": "status", "status": 502}, 502, "Bad Gateway"),
        ({"kind": "status", "status": 500, "body": "<oops"}, 500, "<oops"),
        ({"kind": "html"}, 200, "Log in to continue"),
        ({"kind": "redirect"}, 302, ""),
        ({"kind": "body", "body": "null"}, 200, "null"),
        ({"kind": "retry-after", "headers": {"Retry-After": "7"}}, 429, "Too Many Requests"),
        ({"kind": "retry-after", "status": 503}, 429, "Too Many Requests"),
    ],
    ids=str,
)
def test_answers_that_are_not_the_app_s(site: Site, said: Json, status: int, text: str) -> None:
    fault(site, method="PUT", **said)
    link = site.link("issue/SUP-1")
    answer = site.http.put(link, json={"fields": {SUMMARY: "x"}}, timeout=5, allow_redirects=False)
    assert answer.status_code == status
    assert text in answer.text
    assert site.get("issue/SUP-1").json["fields"][SUMMARY] is None


def test_a_slow_down_says_how_long_and_why(site: Site) -> None:
    fault(site, kind="retry-after", headers={"RateLimit-Reason": "jira-per-issue-on-write"})
    headers = site.get("myself").headers
    assert (headers["Retry-After"], headers["RateLimit-Reason"]) == (
        "1", "jira-per-issue-on-write",
    )  # fmt: skip


def test_a_write_may_be_done_although_the_answer_is_an_error(site: Site) -> None:
    fault(site, kind="apply-then-status", status=504)
    assert site.post("issue/SUP-1/comment", body=adf("x")).status == 504
    assert comments(site) == 1


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_an_answer_that_takes_its_time_is_whole(site: Site, kind: str) -> None:
    fault(site, kind=kind, seconds=0.02)
    assert site.get("myself").json["displayName"] == "SLA Bot"


def test_connections_are_kept_between_requests(site: Site) -> None:
    """A fault on one leaves the next request a connection of its own."""
    link = site.link("myself")
    with site.http.get(link, timeout=5, stream=True) as first:
        assert first.headers.get("Connection") is None
        assert len(first.content) == int(first.headers["Content-Length"])
    assert site.http.get(link, timeout=5).status_code == 200


def test_requests_are_counted_by_route(site: Site) -> None:
    site.get("issue/SUP-1", fields="summary")
    site.get("issue/10001")
    site.put("issue/SUP-1", fields={SUMMARY: "x"})
    site.get("nothing")
    said = site.get("/_sandbox/requests").json
    assert said["total"] == 4
    assert said["counts"]["GET /rest/api/3/issue/<key>"] == 2
    assert said["requests"][0] == {
        "method": "GET", "path": "/rest/api/3/issue/SUP-1", "route": "/rest/api/3/issue/<key>",
        "query": "fields=summary", "status": 200, "at": site.clock.now(),
    }  # fmt: skip
    assert [entry.method for entry in site.log.writes()] == ["PUT"]
    assert site.post("/_sandbox/requests/reset").json["total"] == 0


def test_posts_that_read_are_no_writes(site: Site) -> None:
    site.search("project = SUP")
    assert site.log.writes(("search/jql",)) == []
    assert len(site.log.writes()) == 1


def test_the_clock_is_read_set_and_moved(site: Site) -> None:
    assert site.get("/_sandbox/clock").json["now"] == "2026-11-21T09:52:00+00:00"
    set_to = site.post("/_sandbox/clock", now="2026-11-23T10:00:00+01:00", advance=1000).json
    assert set_to["now"] == "2026-11-23T09:00:01+00:00"
    assert site.get("myself").headers["Date"] == "Mon, 23 Nov 2026 09:00:01 GMT"
    assert site.post("/_sandbox/clock", speed=60).json["speed"] == 60


def test_dials_are_read_and_turned(site: Site) -> None:
    assert site.post("/_sandbox/dials", forbidden=["SUP"]).json["forbidden"] == ["SUP"]
    assert site.desk.dials["forbidden"] == ["SUP"]
    assert site.get("/_sandbox/dials").json["index_lag"] == 0


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("dials", {"colour": "red"}, "no dial colour"),
        ("faults", {"kind": "explode"}, "unknown kind"),
        ("faults", {"kind": "drop", "colour": 1}, "colour"),
        ("faults", {"chaos": "429=7"}, "probability"),
        ("clock", {"now": "soon"}, "soon"),
    ],
    ids=str,
)
def test_a_wrong_word_to_the_sandbox_is_explained(
    site: Site, path: str, body: Json, said: str
) -> None:
    answer = site.post(f"/_sandbox/{path}", **body)
    assert answer.status == 400
    assert said in answer.json["error"]


def test_faults_are_listed_and_reset(site: Site) -> None:
    fault(site, kind="drop", times=0)
    listed = site.get("/_sandbox/faults").json["faults"]
    assert [entry["kind"] for entry in listed] == ["drop"]
    assert site.post("/_sandbox/faults/reset").json == {"faults": []}
    assert site.get("myself").status == 200


def test_chaos_can_be_turned_on_over_http(site: Site) -> None:
    fault(site, chaos="503=1")
    assert site.get("myself").status == 503
    fault(site, chaos="")
    assert site.get("myself").status == 200


def test_a_limit_lets_so_many_through_in_a_stretch_of_the_sandboxs_time(site: Site) -> None:
    site.clock.set(0)
    burst = {"reason": "jira-burst-based", "requests": 2, "seconds": 10}
    issue = {"reason": "jira-per-issue-on-write", "requests": 1, "seconds": 60}
    assert site.post("/_sandbox/limits", limits=[burst, issue]).json["limits"] == [burst, issue]
    edit = {"fields": {SUMMARY: "x"}}
    assert [site.put("issue/SUP-1", **edit).status for _ in range(2)] == [204, 429]
    assert [site.get("issue/SUP-1").status for _ in range(3)] == [200, 200, 429]
    site.clock.set(9_001)
    told = site.http.get(f"{site.url}/rest/api/3/issue/SUP-1/comment", timeout=5).headers
    assert (told["X-RateLimit-Remaining"], told["X-RateLimit-Limit"]) == ("1", "2")
    assert "Retry-After" not in told
    refused = site.http.get(f"{site.url}/rest/api/3/issue/SUP-1", timeout=5)
    assert (refused.headers["Retry-After"], refused.status_code) == ("1", 429)
    assert refused.headers["RateLimit-Reason"] == "jira-burst-based"
    site.clock.set(10_000)
    assert site.get("issue/SUP-1").status == 200
    assert site.put("issue/SUP-1", **edit).status == 429
    site.post("/_sandbox/limits", limits=[])
    assert site.put("issue/SUP-1", **edit).status == 204
    plain = site.http.get(f"{site.url}/rest/api/3/issue/SUP-1", timeout=5)
    assert "X-RateLimit-Remaining" not in plain.headers


def test_what_is_no_limit_is_refused(site: Site) -> None:
    for limit in ({"reason": "spite", "requests": 1, "seconds": 1}, {"reason": "jira-burst-based"}):
        answer = site.post("/_sandbox/limits", limits=[limit])
        assert answer.status == 400
        assert answer.json["error"]
