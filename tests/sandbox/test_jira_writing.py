"""Writes to Jira Cloud: what they change, what history they leave, how they are refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.jira.users import TOKEN
from tests.sandbox.jira_site import (
    DUE,
    MISSED,
    STATUS,
    SUMMARY,
    TIER,
    Answered,
    Json,
    Site,
    adf,
    jira_site,
)

INTERNAL = [{"key": "sd.public.comment", "value": {"internal": True}}]


@pytest.fixture
def site() -> Iterator[Site]:
    """One open ticket, SUP-1, of Carla; now is later than its creation."""
    with jira_site(empty=True) as running:
        created = running.post(
            "issue",
            fields={
                "project": {"key": "SUP"},
                "summary": "Screen is dark",
                "issuetype": {"name": "Incident"},
                "priority": {"id": "2"},
                "description": adf("since noon"),
                TIER: {"value": "gold"},
            },
        )
        assert (created.status, created.json["key"]) == (201, "SUP-1"), created.text
        running.clock.advance(60_000)
        yield running


def fields_of(site: Site) -> Json:
    return site.get("issue/SUP-1").json["fields"]


def last_history(site: Site) -> Json:
    return site.get("issue/SUP-1/changelog").json["values"][-1]


# fields


def test_fields_are_set_together_in_one_history(site: Site) -> None:
    wanted = {
        STATUS: {"value": "At risk"},
        DUE: "2026-11-21T11:30:00.000+0100",
        SUMMARY: "Resolution due Sat 11:30",
        MISSED: ["first-response"],
    }
    assert site.put("issue/SUP-1", fields=wanted).status == 204
    now = fields_of(site)
    assert now[STATUS]["value"] == "At risk"
    assert now[DUE] == "2026-11-21T11:30:00.000+0100"
    assert (now[SUMMARY], now[MISSED]) == (wanted[SUMMARY], wanted[MISSED])
    assert now["updated"] == "2026-11-21T10:53:00.000+0100"
    history = last_history(site)
    assert history["author"]["displayName"] == "SLA Bot"
    assert [item["field"] for item in history["items"]] == [
        "SLA status", "SLA due", "SLA summary", "SLA missed",
    ]  # fmt: skip
    assert history["items"][0] == {
        "field": "SLA status", "fieldtype": "custom", "fieldId": STATUS,
        "from": None, "fromString": None, "to": "10501", "toString": "At risk",
    }  # fmt: skip
    due = history["items"][1]
    assert (due["to"], due["toString"]) == ("2026-11-21T11:30:00.000+0100", "21/Nov/26 11:30 AM")
    assert history["items"][3]["toString"] == "first-response"


def test_what_is_already_so_leaves_no_trace(site: Site) -> None:
    site.put("issue/SUP-1", fields={SUMMARY: "x"})
    before = fields_of(site)["updated"]
    site.clock.advance(60_000)
    assert site.put("issue/SUP-1", fields={SUMMARY: "x", MISSED: []}).status == 204
    assert fields_of(site)["updated"] == before
    assert site.get("issue/SUP-1/changelog").json["total"] == 1


def test_fields_are_emptied_by_null(site: Site) -> None:
    site.put("issue/SUP-1", fields={STATUS: {"id": "10500"}, DUE: "2026-11-21T11:30:00.000Z"})
    assert site.put("issue/SUP-1", fields={STATUS: None, DUE: None}).status == 204
    assert (fields_of(site)[STATUS], fields_of(site)[DUE]) == (None, None)
    assert [item["to"] for item in last_history(site)["items"]] == [None, None]


def test_labels_are_added_and_removed_by_update(site: Site) -> None:
    site.put("issue/SUP-1", fields={"labels": ["a", "b"]})
    update = {"labels": [{"add": "sla-breached"}, {"remove": "a"}, {"add": "b"}]}
    assert site.put("issue/SUP-1", update=update).status == 204
    assert fields_of(site)["labels"] == ["b", "sla-breached"]
    item = last_history(site)["items"][0]
    assert (item["fromString"], item["toString"]) == ("a b", "b sla-breached")


def test_a_flag_is_told_as_an_option_list(site: Site) -> None:
    flag = "customfield_10021"
    site.put("issue/SUP-1", fields={flag: [{"value": "Impediment"}]})
    item = last_history(site)["items"][0]
    assert (item["to"], item["toString"]) == ("[10019]", "Impediment")
    site.put("issue/SUP-1", fields={flag: []})
    assert last_history(site)["items"][0]["to"] == ""


def test_the_answer_can_be_the_issue(site: Site) -> None:
    answer = Answered(
        site.http.put(
            site.link("issue/SUP-1?notifyUsers=false&returnIssue=true"),
            json={"fields": {SUMMARY: "x"}, "properties": [{"key": "k", "value": 1}]},
            timeout=5,
        )
    )
    assert answer.status == 200
    assert answer.json["fields"][SUMMARY] == "x"
    assert answer.json["fields"]["updated"] == "2026-11-21T10:53:00.000+0100"
    assert site.get("issue/SUP-1/properties/k").json == {"key": "k", "value": 1}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"customfield_99": 1}, "Field 'customfield_99' cannot be set. It is not on the approp"),
        ({"updated": "2026-11-21T11:30:00.000Z"}, "Field 'updated' cannot be set."),
        ({"status": {"id": "3"}}, "Field 'status' cannot be set."),
        ({STATUS: {"value": "Late"}}, "Option value 'Late' is not valid"),
        ({STATUS: {"id": "1"}}, "Option id '1' is not valid"),
        ({STATUS: "Breached"}, "Could not find valid 'id' or 'value'"),
        ({DUE: "2026-11-21"}, "Error parsing date string: 2026-11-21"),
        ({DUE: 1795254720000}, "Error parsing date string: 1795254720000"),
        ({SUMMARY: "x" * 256}, "exceeds the allowed limit of 255 characters"),
        ({SUMMARY: 7}, "Operation value must be a string"),
        ({MISSED: ["a b"]}, "The label 'a b' contains spaces which is invalid."),
        ({MISSED: "a"}, "data was not an array"),
        ({"assignee": {"accountId": "x"}}, "User 'x' does not exist."),
        ({"priority": {"name": "P1"}}, "The priority selected is invalid."),
        ({"description": "text"}, "must be an Atlassian Document"),
        ({"summary": ""}, "You must specify a summary of the issue."),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_value_is_refused_and_nothing_is_set(site: Site, fields: Json, said: str) -> None:
    answer = site.put("issue/SUP-1", fields={SUMMARY: "kept?"} | fields)
    assert answer.status == 400
    assert said in answer.said
    assert fields_of(site)[SUMMARY] is None


def test_a_field_stands_in_fields_or_in_update(site: Site) -> None:
    answer = site.put("issue/SUP-1", fields={"labels": ["a"]}, update={"labels": [{"add": "b"}]})
    assert answer.status == 400


def test_a_field_off_the_screen_is_refused_as_an_unknown_one(site: Site) -> None:
    site.desk.dials["off_screen"] = {"SUP": [DUE]}
    answer = site.put("issue/SUP-1", fields={DUE: None})
    assert "not on the appropriate screen, or unknown" in answer.said


def test_a_project_may_be_closed_to_edits(site: Site) -> None:
    site.desk.dials["forbidden"] = ["SUP"]
    for answer in (
        site.put("issue/SUP-1", fields={SUMMARY: "x"}),
        site.post("issue/SUP-1/comment", body=adf("x")),
        site.post("issue/SUP-1/transitions", transition={"id": "51"}),
        site.put("issue/SUP-1/assignee", accountId=None),
    ):
        assert answer.status == 403
    assert site.get("issue/SUP-1").status == 200
    permissions = site.get("mypermissions", permissions="EDIT_ISSUES", projectKey="SUP").json
    assert permissions["permissions"]["EDIT_ISSUES"]["havePermission"] is False


# notifyUsers=false


@pytest.mark.parametrize(
    ("admin", "notify", "status", "applied", "mailed"),
    [
        (True, "ignore", 204, True, False),
        (False, "ignore", 204, True, True),
        (False, "drop", 204, False, False),
        (False, "refuse", 403, False, False),
    ],
)
def test_a_quiet_edit_needs_rights(
    site: Site, admin: bool, notify: str, status: int, applied: bool, mailed: bool
) -> None:
    site.desk.dials |= {"admin": admin, "notify": notify}
    link = site.link("issue/SUP-1?notifyUsers=false")
    answer = site.http.put(link, json={"fields": {SUMMARY: "x"}}, timeout=5)
    assert answer.status_code == status
    assert (fields_of(site)[SUMMARY] == "x") == applied
    assert bool(site.desk.mails) == mailed


# comments


def test_a_comment_is_internal_where_its_property_says_so(site: Site) -> None:
    answer = site.post("issue/SUP-1/comment", body=adf("note"), properties=INTERNAL)
    assert (answer.status, answer.json["jsdPublic"]) == (201, False)
    public = site.post("issue/SUP-1/comment", body=adf("hello"))
    assert public.json["jsdPublic"] is True
    assert fields_of(site)["comment"]["total"] == 2
    assert fields_of(site)["updated"] == "2026-11-21T10:53:00.000+0100"
    assert site.get("issue/SUP-1/changelog").json["total"] == 0


def test_a_role_s_visibility_hides_nothing_from_customers(site: Site) -> None:
    answer = site.post(
        "issue/SUP-1/comment",
        body=adf("x"),
        visibility={"type": "role", "value": "Service Desk Team"},
    )
    assert answer.json["jsdPublic"] is True
    assert answer.json["visibility"]["value"] == "Service Desk Team"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("plain", "Comment body is not valid!"),
        (None, "can not be empty"),
        ({"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"}]}, "not valid"),
        ({"type": "doc", "content": []}, "not valid"),
        (adf("x" * 32_768), "exceeds the allowed limit of 32,767 characters"),
        (adf(""), "not valid"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_comment_that_is_none_is_refused(site: Site, body: Json, said: str) -> None:
    answer = site.post("issue/SUP-1/comment", body=body)
    assert answer.status == 400
    assert said in answer.said


def test_a_comment_in_v2_is_text_on_the_same_site(site: Site) -> None:
    answer = site.post("/rest/api/2/issue/SUP-1/comment", body="*hello*\nyou")
    assert (answer.status, answer.json["body"]) == (201, "*hello*\nyou")
    document = fields_of(site)["comment"]["comments"][0]["body"]
    assert [block["content"][0]["text"] for block in document["content"]] == ["*hello*", "you"]


def test_a_comment_is_edited_and_deleted(site: Site) -> None:
    number = site.post("issue/SUP-1/comment", body=adf("old")).json["id"]
    site.clock.advance(1_000)
    edited = site.put(f"issue/SUP-1/comment/{number}", body=adf("new")).json
    assert edited["updated"] > edited["created"]
    assert site.delete(f"issue/SUP-1/comment/{number}").status == 204
    assert site.get(f"issue/SUP-1/comment/{number}").status == 404


def test_properties_of_a_comment_are_read_and_set(site: Site) -> None:
    mark = [{"key": "sla-sync", "value": {"key": "r#1"}}]
    number = site.post("issue/SUP-1/comment", body=adf("x"), properties=mark).json["id"]
    keys = site.get(f"comment/{number}/properties").json["keys"]
    assert [key["key"] for key in keys] == ["sla-sync"]
    assert site.get(f"comment/{number}/properties/sla-sync").json["value"] == {"key": "r#1"}
    assert site.put(f"comment/{number}/properties/other", a=1).status == 201
    assert site.get(f"comment/{number}/properties/nix").status == 404


def test_an_issue_has_room_for_5000_comments(site: Site) -> None:
    issue = site.desk.find("SUP-1")
    assert issue
    for _ in range(5000):
        site.desk.comment(issue, "bob", site.clock.now(), "x")
    assert site.post("issue/SUP-1/comment", body=adf("x")).status == 413


def test_the_portal_s_way_to_comment_says_public(site: Site) -> None:
    path = "/rest/servicedeskapi/request/SUP-1/comment"
    assert site.post(path, body="x", public=False).json["public"] is False
    assert site.get("issue/SUP-1/comment").json["comments"][0]["jsdPublic"] is False
    assert [one["public"] for one in site.get(path).json["values"]] == [False]
    assert site.get("/rest/servicedeskapi/request/SUP-1/sla").json["values"] == []


# the workflow


def test_a_transition_sets_status_and_resolution_in_one_history(site: Site) -> None:
    shown = site.get("issue/SUP-1/transitions").json["transitions"]
    resolve = next(step for step in shown if step["to"]["name"] == "Resolved")
    assert site.post("issue/SUP-1/transitions", transition={"id": resolve["id"]}).status == 204
    now = fields_of(site)
    assert (now["status"]["name"], now["resolution"]["name"]) == ("Resolved", "Done")
    assert now["resolutiondate"] == now["updated"]
    assert [item["field"] for item in last_history(site)["items"]] == ["status", "resolution"]


def test_reopening_clears_the_resolution(site: Site) -> None:
    duplicate = {"resolution": {"name": "Duplicate"}}
    site.post("issue/SUP-1/transitions", transition={"id": "61"}, fields=duplicate)
    assert fields_of(site)["resolution"]["name"] == "Duplicate"
    site.post("issue/SUP-1/transitions", transition={"id": "71"})
    now = fields_of(site)
    assert (now["resolution"], now["resolutiondate"]) == (None, None)
    assert now["status"]["statusCategory"]["key"] == "indeterminate"


def test_a_transition_that_does_not_lead_out_of_the_status_is_refused(site: Site) -> None:
    answer = site.post("issue/SUP-1/transitions", transition={"id": "71"})
    assert answer.status == 400
    assert "not valid for the current state" in answer.said


def test_an_assignee_is_set_cleared_and_refused(site: Site) -> None:
    bob = site.desk.users["bob"].account_id
    assert site.put("issue/SUP-1/assignee", accountId=bob).status == 204
    assert fields_of(site)["assignee"]["displayName"] == "Bob Kettle"
    assert site.put("issue/SUP-1/assignee", accountId="x").status == 400
    assert site.put("issue/SUP-1/assignee", accountId=None).status == 204
    assert fields_of(site)["assignee"] is None


def test_who_writes_is_who_signed_in(site: Site) -> None:
    site.http.auth = ("ada.lovelake@lumen.example", TOKEN)
    site.put("issue/SUP-1", fields={SUMMARY: "x"})
    assert last_history(site)["author"]["displayName"] == "Ada Lovelake"


# the rest


def test_properties_leave_the_stamp_alone(site: Site) -> None:
    before = fields_of(site)["updated"]
    assert site.put("issue/SUP-1/properties/sla", a=1).status == 201
    assert site.put("issue/SUP-1/properties/sla", a=2).status == 200
    assert site.get("issue/SUP-1/properties").json["keys"][0]["key"] == "sla"
    assert fields_of(site)["updated"] == before
    assert site.put("issue/SUP-1/properties/big", a="x" * 32_769).status == 400
    assert site.delete("issue/SUP-1/properties/sla").status == 204
    assert site.delete("issue/SUP-1/properties/sla").status == 404


def test_a_deleted_issue_is_gone(site: Site) -> None:
    assert site.delete("issue/SUP-1").status == 204
    assert site.get("issue/SUP-1").status == 404
    assert site.keys("project = SUP") == []


def test_an_issue_needs_a_project_and_a_summary(site: Site) -> None:
    assert "valid project" in site.post("issue", fields={"summary": "x"}).said
    assert "summary" in site.post("issue", fields={"project": {"key": "SUP"}}).said


def test_a_body_that_is_no_object_is_refused(site: Site) -> None:
    answer = site.http.put(site.link("issue/SUP-1"), data=b"[", timeout=5)
    assert answer.status_code == 400
    assert "parsing JSON" in answer.text
