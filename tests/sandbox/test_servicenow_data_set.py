"""A folder of incidents and audit rows is served as it is; stories become incidents."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from sandbox.clock import SandboxClock
from sandbox.faults import Faults
from sandbox.request_log import RequestLog
from sandbox.servicenow import ServiceNowDesk, create_app, load_data
from sandbox.servicenow.access import API_KEY
from sandbox.servicenow.values import stamp
from sandbox.story import PEOPLE, stories

SHARED = Path(os.environ.get("SLA_SHARED") or Path(__file__).resolve().parents[2] / ".." / "shared")
SAMPLE = SHARED / "data" / "uci" / "sample_300"
HEADERS = {"Accept": "application/json", "x-sn-apikey": API_KEY}

INCIDENT = {
    "sys_id": "1" * 32,
    "number": "INC0000045",
    "state": "7",
    "priority": "3",
    "impact": "2",
    "urgency": "2",
    "assignment_group": "Group 56",
    "assigned_to": "",
    "caller_id": "Caller 2403",
    "opened_by": "",
    "resolved_by": "Resolved by 149",
    "active": "false",
    "sys_created_on": "2016-02-29 01:23:00",
    "sys_created_by": "Created by 6",
    "sys_updated_on": "2016-03-05 12:00:00",
    "sys_updated_by": "Updated by 908",
    "sys_mod_count": "4",
    "sys_class_name": "incident",
}
AUDIT = {
    "sys_id": "2" * 32,
    "tablename": "incident",
    "documentkey": "1" * 32,
    "fieldname": "state",
    "oldvalue": "8",
    "newvalue": "7",
    "user": "Updated by 908",
    "sys_created_on": "2016-03-05 12:00:00",
    "sys_created_by": "Updated by 908",
    "record_checkpoint": "4",
    "internal_checkpoint": "15346a60a030000003",
    "reason": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, row in (("incident", INCIDENT), ("sys_audit", AUDIT)):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")
    return tmp_path


def rows(desk: ServiceNowDesk, table: str, query: str, **sysparm: str) -> list[dict[str, str]]:
    http = create_app(desk, SandboxClock(speed=0), Faults(), RequestLog()).test_client()
    asked = {"sysparm_query": query, "sysparm_exclude_reference_link": "true"} | sysparm
    answer = http.get(f"/api/now/table/{table}", query_string=asked, headers=HEADERS)
    found: list[dict[str, str]] = answer.get_json()["result"]
    return found


def test_rows_are_served_as_they_are(folder: Path) -> None:
    desk = load_data(folder)
    [incident] = rows(desk, "incident", "number=INC0000045")
    assert {name: incident[name] for name in INCIDENT} == INCIDENT
    assert incident["u_sla_status"] == ""
    assert rows(desk, "sys_audit", "documentkeyIN" + "1" * 32) == [AUDIT]


def test_states_have_the_labels_of_their_time(folder: Path) -> None:
    desk = load_data(folder)
    labels = {row["value"]: row["label"] for row in rows(desk, "sys_choice", "element=state")}
    assert labels["2"] == "Active"
    assert labels["8"] == "Awaiting Vendor"


def test_whom_the_data_names_can_be_looked_up(folder: Path) -> None:
    desk = load_data(folder)
    people = {row["user_name"] for row in rows(desk, "sys_user", "")}
    assert {"Caller 2403", "Resolved by 149", "Updated by 908", "Created by 6"} <= people
    assert [row["name"] for row in rows(desk, "sys_user_group", "")] == ["Group 56"]
    shown = rows(desk, "incident", "", sysparm_display_value="true", sysparm_fields="caller_id")
    assert shown == [{"caller_id": "Caller 2403"}]


def test_loaded_rows_take_writes(folder: Path) -> None:
    desk = load_data(folder)
    clock = SandboxClock(speed=0)
    http = create_app(desk, clock, Faults(), RequestLog()).test_client()
    path = "/api/now/table/incident/" + "1" * 32
    said = {"u_sla_status": "Missed", "work_notes": "Late"}
    assert http.patch(path, json=said, headers=HEADERS).status_code == 200
    [incident] = rows(desk, "incident", "u_sla_status=Missed")
    assert (incident["sys_mod_count"], incident["state"]) == ("5", "7")
    audit = rows(desk, "sys_audit", "ORDERBYinternal_checkpoint^ORDERBYsys_id")
    assert [row["fieldname"] for row in audit] == ["state", "u_sla_status"]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared data sets are not here")
def test_the_sample_of_the_uci_log_loads() -> None:
    desk = load_data(SAMPLE)
    assert len(desk.rows("incident")) == 300
    assert len(rows(desk, "incident", "state=7^ORDERBYsys_updated_on^ORDERBYsys_id")) == 300
    codes = {row["newvalue"] for row in rows(desk, "sys_audit", "fieldname=state")}
    labels = {row["value"] for row in rows(desk, "sys_choice", "name=incident^element=state")}
    assert codes <= labels


@pytest.fixture(scope="module")
def told() -> ServiceNowDesk:
    clock = SandboxClock(speed=0)
    return ServiceNowDesk.from_stories(stories(42, clock.now()), PEOPLE, clock)


def test_all_stories_of_this_system_are_played(told: ServiceNowDesk) -> None:
    own = [s for s in stories(42, SandboxClock(speed=0).now()) if s.system == "servicenow"]
    incidents = list(told.rows("incident"))
    assert {row["number"] for row in incidents} == {story.key for story in own}
    comments = sum(act.verb in ("comment", "note") for story in own for act in story.acts)
    assert len(told.rows("sys_journal_field")) == comments


def test_stories_happen_at_their_own_time(told: ServiceNowDesk) -> None:
    story = next(s for s in stories(42, SandboxClock(speed=0).now()) if s.key == "INC0010042")
    created = told.rows("incident").where("number", story.key)[0]
    assert created["opened_at"] == created["sys_created_on"] == stamp(story.acts[0].at)
    assert created["sys_created_by"] == story.acts[0].actor
    assert all(
        row["sys_created_on"] <= row["sys_updated_on"] <= "2026-11-21 09:52:00"
        for row in told.rows("incident")
    )


def test_every_reference_leads_somewhere(told: ServiceNowDesk) -> None:
    columns = told.tables["incident"].columns.values()
    lost = {
        (column.name, row[column.name])
        for column in columns
        if column.type == "reference"
        for row in told.rows("incident")
        if row[column.name] and told.get(column.reference, row[column.name]) is None
    }
    assert lost <= {("opened_by", "guest"), ("resolved_by", "guest")}


def test_every_team_has_its_members(told: ServiceNowDesk) -> None:
    groups = {row["group"] for row in told.rows("sys_user_grmember")}
    assert groups == {row["sys_id"] for row in told.rows("sys_user_group")}
    assert {row["assignment_group"] for row in told.rows("incident")} <= groups


def test_new_numbers_are_free_ones(told: ServiceNowDesk) -> None:
    taken = {row["number"] for row in told.rows("incident")}
    assert told.next_number("incident") not in taken


def test_the_same_seed_tells_the_same(told: ServiceNowDesk) -> None:
    clock = SandboxClock(speed=0)
    again = ServiceNowDesk.from_stories(stories(42, clock.now()), PEOPLE, clock)
    assert list(again.rows("sys_audit")) == list(told.rows("sys_audit"))
