"""What a site says of itself, and how a field is made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.jira_site import Site, jira_site


@pytest.fixture
def site() -> Iterator[Site]:
    with jira_site(empty=True) as running:
        yield running


def test_it_says_who_asks_and_where_they_live(site: Site) -> None:
    said = site.get("myself").json
    assert (said["displayName"], said["timeZone"]) == ("SLA Bot", "Europe/Berlin")
    server = site.get("serverInfo").json
    assert (server["deploymentType"], server["serverTime"]) == (
        "Cloud", "2026-11-21T10:52:00.000+0100",
    )  # fmt: skip


def test_the_sla_fields_are_there_with_their_types(site: Site) -> None:
    fields = {field["name"]: field for field in site.get("field").json}
    kinds = {
        name: fields[name]["schema"]["custom"].split(":")[1]
        for name in ("SLA status", "SLA due", "SLA summary", "SLA missed", "Flagged", "Tier")
    }
    assert kinds == {
        "SLA status": "select",
        "SLA due": "datetime",
        "SLA summary": "textfield",
        "SLA missed": "labels",
        "Flagged": "multicheckboxes",
        "Tier": "select",
    }
    assert fields["SLA due"]["clauseNames"] == ["cf[10102]", "SLA due"]


def test_a_field_is_made_with_its_options(site: Site) -> None:
    kind = "com.atlassian.jira.plugin.system.customfieldtypes:select"
    made = site.post("field", name="SLA control", type=kind, searcherKey="x")
    assert made.status == 201
    name = made.json["id"]
    context = site.get(f"field/{name}/context").json["values"][0]["id"]
    options = [{"value": "Normal"}, {"value": "Hold"}]
    added = site.post(f"field/{name}/context/{context}/option", options=options).json["options"]
    assert [option["value"] for option in added] == ["Normal", "Hold"]
    fields = {"project": {"key": "SUP"}, "summary": "x", name: {"value": "Hold"}}
    key = site.post("issue", fields=fields).json["key"]
    assert site.keys('"SLA control" = Hold') == [key]


def test_a_field_without_a_searcher_cannot_be_searched(site: Site) -> None:
    assert site.post("field", name="Quiet", type="textfield").status == 201
    assert "does not exist" in site.search("Quiet is EMPTY").said


@pytest.mark.parametrize("body", [{"name": "x", "type": "nope"}, {"type": "select"}], ids=str)
def test_a_field_that_is_none_is_refused(site: Site, body: dict[str, str]) -> None:
    assert site.post("field", **body).status == 400


def test_only_administrators_make_fields(site: Site) -> None:
    site.desk.dials["admin"] = False
    assert site.post("field", name="x", type="select").status == 403
    said = site.get("mypermissions", permissions="ADMINISTER").json["permissions"]
    assert said["ADMINISTER"]["havePermission"] is False
    assert site.get("mypermissions").status == 400


def test_projects_are_paged_filtered_and_hidden(site: Site) -> None:
    page = site.get("project/search", maxResults=1).json
    assert (page["total"], page["isLast"], page["values"][0]["key"]) == (5, False, "SUP")
    assert [p["key"] for p in site.get("project/search", keys="OPS").json["values"]] == ["OPS"]
    site.desk.dials["hidden"] = ["SUP"]
    assert site.get("project/SUP").status == 404
    left = [project["key"] for project in site.get("project").json]
    assert left == ["OPS", "PLAT", "NET", "APP"]


def test_statuses_know_their_category(site: Site) -> None:
    said = site.get("status").json
    assert {one["name"]: one["statusCategory"]["key"] for one in said} == {
        "Open": "new",
        "In Progress": "indeterminate",
        "Waiting for customer": "indeterminate",
        "Waiting for vendor": "indeterminate",
        "Resolved": "done",
        "Closed": "done",
    }
    kinds = site.get("project/SUP/statuses").json
    assert [kind["name"] for kind in kinds] == ["Incident", "Question", "Change"]
    assert kinds[0]["statuses"] == said
    assert site.get("priority").json[0]["name"] == "Highest"
    assert len(site.get("resolution").json) == len(site.get("issuetype").json) == 3
    assert len(site.get("statuscategory").json) == 4


def test_people_are_found_by_account(site: Site) -> None:
    bob = site.desk.users["bob"]
    assert site.get("user", accountId=bob.account_id).json["displayName"] == "Bob Kettle"
    assert site.get("user/search", query="crane").json[0]["accountType"] == "customer"


def test_a_path_that_is_none_says_so_in_json(site: Site) -> None:
    assert site.get("nothing").json["status-code"] == 404
    assert site.get("/rest/api/4/myself").status == 404
