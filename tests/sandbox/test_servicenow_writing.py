"""Writes change what differs and leave the traces that the real server leaves."""

from __future__ import annotations

import pytest

from tests.sandbox.servicenow_client import SECOND, Instance


@pytest.fixture
def snow() -> Instance:
    return Instance()


@pytest.fixture
def ticket(snow: Instance) -> str:
    """An incident made two seconds ago."""
    sys_id = snow.incident()
    snow.clock.advance(2 * SECOND)
    return sys_id


def stored(snow: Instance, sys_id: str) -> dict[str, str]:
    row: dict[str, str] = snow.rows("incident", f"sys_id={sys_id}")[0]
    return row


def changes(snow: Instance, sys_id: str) -> list[tuple[str, str, str]]:
    order = "ORDERBYinternal_checkpoint^ORDERBYfieldname"
    rows = snow.rows("sys_audit", f"tablename=incident^documentkey={sys_id}^{order}")
    return [(row["fieldname"], row["oldvalue"], row["newvalue"]) for row in rows]


def test_creation_fills_in_defaults_and_leaves_no_audit_rows(snow: Instance, ticket: str) -> None:
    row = stored(snow, ticket)
    assert (row["state"], row["priority"], row["active"]) == ("1", "4", "true")
    assert (row["sys_mod_count"], row["sys_created_by"]) == ("0", "carla")
    assert row["opened_at"] == row["sys_created_on"] == "2026-11-16 09:00:00"
    assert row["number"].startswith("INC00")
    assert changes(snow, ticket) == []


def test_insert_rows_can_be_switched_on(snow: Instance) -> None:
    snow.desk.dials.audit_inserts = True
    assert ("state", "", "1") in changes(snow, snow.incident())


def test_a_change_is_audited_field_by_field_under_one_checkpoint(
    snow: Instance, ticket: str
) -> None:
    snow.patch(ticket, impact="1", urgency="1")
    rows = snow.rows("sys_audit", f"documentkey={ticket}^ORDERBYfieldname")
    assert [(r["fieldname"], r["oldvalue"], r["newvalue"]) for r in rows] == [
        ("impact", "3", "1"),
        ("priority", "4", "1"),
        ("urgency", "3", "1"),
    ]
    assert {r["internal_checkpoint"] for r in rows} == {
        "1a1e395b6500000001"
    }  # 09:00:02 in hexadecimal milliseconds, first update
    assert {(r["user"], r["record_checkpoint"], r["sys_created_on"]) for r in rows} == {
        ("sla-bot", "1", "2026-11-16 09:00:02")
    }


def test_stamps_have_whole_seconds_and_move_with_a_change_only(snow: Instance, ticket: str) -> None:
    snow.clock.advance(999)
    changed = snow.patch(ticket, short_description="Printer smokes").get_json()["result"]
    assert changed["sys_updated_on"] == "2026-11-16 09:00:02"
    assert (changed["sys_updated_by"], changed["sys_mod_count"]) == ("sla-bot", "1")
    snow.clock.advance(5 * SECOND)
    again = snow.patch(ticket, short_description="Printer smokes").get_json()["result"]
    assert (again["sys_updated_on"], again["sys_mod_count"]) == ("2026-11-16 09:00:02", "1")


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        pytest.param("u_sla_status", "At risk", "At risk", id="a choice"),
        pytest.param("u_sla_status", "Late", "", id="off the list: emptied"),
        pytest.param("u_sla_due", "2026-11-20 10:00:00", "2026-11-20 10:00:00", id="a moment"),
        pytest.param("u_sla_due", "2026-11-20T10:00:00Z", "", id="ISO 8601 is no date here"),
        pytest.param("u_sla_summary", "x" * 200, "x" * 160, id="too long: cut"),
        pytest.param("u_sla_missed", None, "", id="null clears"),
        pytest.param("knowledge", True, "true", id="a JSON boolean"),
        pytest.param("impact", 2, "2", id="a JSON number"),
        pytest.param("notify", "often", "", id="no number"),
        pytest.param("escalation", "3", "0", id="read-only"),
        pytest.param("sys_updated_by", "nobody", "carla", id="a stamp"),
        pytest.param("priority", "1", "4", id="priority is calculated"),
    ],
)
def test_what_becomes_of_a_value(
    snow: Instance, ticket: str, field: str, sent: object, kept: str
) -> None:
    answer = snow.patch(ticket, **{field: sent})
    assert answer.status_code == 200
    assert answer.get_json()["result"][field] == kept


def test_unknown_columns_are_passed_over_in_silence(snow: Instance, ticket: str) -> None:
    answer = snow.patch(ticket, u_typo="x")
    assert answer.status_code == 200
    assert "u_typo" not in answer.get_json()["result"]
    snow.desk.drop_column("incident", "u_sla_due")
    assert (
        "u_sla_due" not in snow.patch(ticket, u_sla_due="2026-11-20 10:00:00").get_json()["result"]
    )
    assert snow.rows("sys_dictionary", "element=u_sla_due") == []


def test_display_values_can_be_written(snow: Instance, ticket: str) -> None:
    snow.patch(
        ticket,
        "?sysparm_input_display_value=true",
        state="In Progress",
        assigned_to="Bob Kettle",
        u_sla_due="2026-11-20 10:00:00",
    )
    row = stored(snow, ticket)
    assert (row["state"], row["assigned_to"]) == ("2", snow.desk.user_id("bob"))
    assert row["u_sla_due"] == "2026-11-20 09:00:00"  # the account lives in Berlin


def test_notes_are_kept_apart_and_read_back_empty(snow: Instance, ticket: str) -> None:
    changed = snow.patch(ticket, work_notes="Toner ordered", u_sla_status="On track")
    assert changed.get_json()["result"]["work_notes"] == ""
    assert changed.get_json()["result"]["sys_mod_count"] == "1"
    [entry] = snow.rows("sys_journal_field", f"name=incident^element_id={ticket}")
    assert (entry["element"], entry["value"]) == ("work_notes", "Toner ordered")
    assert (entry["sys_created_by"], entry["sys_created_on"]) == ("sla-bot", "2026-11-16 09:00:02")
    assert [field for field, _, _ in changes(snow, ticket)] == ["u_sla_status"]
    snow.patch(ticket, work_notes="Toner came")
    shown = snow.ask(f"table/incident/{ticket}", display_value="true", fields="work_notes")
    assert shown.get_json()["result"]["work_notes"] == (
        "2026-11-16 10:00:02 - SLA Bot (Work notes)\nToner came\n\n"
        "2026-11-16 10:00:02 - SLA Bot (Work notes)\nToner ordered\n\n"
    )


def test_the_same_note_twice_is_two_notes(snow: Instance, ticket: str) -> None:
    for _ in range(2):
        snow.patch(ticket, work_notes="Once?")
    assert len(snow.rows("sys_journal_field", f"element_id={ticket}")) == 2
    assert stored(snow, ticket)["sys_mod_count"] == "2"


def test_journals_can_be_audited(snow: Instance, ticket: str) -> None:
    snow.desk.dials.audit_journals = True
    snow.patch(ticket, work_notes="Seen")
    assert changes(snow, ticket) == [("work_notes", "", "Seen")]


def test_resolving_closing_and_reopening(snow: Instance, ticket: str) -> None:
    snow.patch(ticket, state="3", hold_reason="1")
    resolved = snow.patch(ticket, state="6", close_code="Solved").get_json()["result"]
    assert resolved["resolved_at"] == "2026-11-16 09:00:02"
    assert (resolved["hold_reason"], resolved["active"]) == ("", "true")
    assert resolved["incident_state"] == "6"
    closed = snow.patch(ticket, state="7").get_json()["result"]
    assert (closed["closed_at"], closed["active"]) == ("2026-11-16 09:00:02", "false")
    opened = snow.patch(ticket, state="2").get_json()["result"]
    assert (opened["reopen_count"], opened["active"]) == ("1", "true")
    assert (opened["resolved_at"], opened["closed_at"]) == ("", "")


def test_the_callers_comment_ends_the_hold(snow: Instance, ticket: str) -> None:
    snow.patch(ticket, state="3", hold_reason="1", comments="Which printer?")
    assert stored(snow, ticket)["state"] == "3"
    snow.sign_in("carla")
    assert snow.patch(ticket, comments="The red one").status_code == 200
    row = stored(snow, ticket)
    assert (row["state"], row["hold_reason"]) == ("2", "")


def test_reassignment_is_counted(snow: Instance, ticket: str) -> None:
    counts = []
    for team in ("a" * 32, "b" * 32, "b" * 32, ""):
        snow.patch(ticket, assignment_group=team)
        counts.append(stored(snow, ticket)["reassignment_count"])
    assert counts == ["0", "1", "1", "2"]


def test_creating_over_http(snow: Instance) -> None:
    answer = snow.http.post(
        "/api/now/table/incident",
        json={"short_description": "No sound", "impact": "1", "urgency": "1", "work_notes": "!"},
        headers=snow.headers,
    )
    row = answer.get_json()["result"]
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/api/now/table/incident/{row['sys_id']}")
    assert row["priority"] == "1"
    assert len(snow.rows("sys_journal_field", f"element_id={row['sys_id']}")) == 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b"{", "application/json", 400, id="half a JSON"),
        pytest.param(b"[]", "application/json", 400, id="no object"),
        pytest.param(b"a=b", "application/x-www-form-urlencoded", 415, id="a form"),
        pytest.param(b"{}", None, 400, id="no content type"),
        pytest.param(b"{}", "application/json", 200, id="nothing to change"),
    ],
)
def test_bodies(snow: Instance, ticket: str, body: bytes, kind: str | None, status: int) -> None:
    path = f"/api/now/table/incident/{ticket}"
    answer = snow.http.patch(path, data=body, content_type=kind, headers=snow.headers)
    assert answer.status_code == status


def test_a_body_can_be_declined(snow: Instance, ticket: str) -> None:
    snow.headers["X-no-response-body"] = "true"
    answer = snow.patch(ticket, u_sla_status="Met")
    assert (answer.status_code, answer.data) == (200, b"")
    assert stored(snow, ticket)["u_sla_status"] == "Met"


def test_the_reply_shows_only_the_fields_asked_for(snow: Instance, ticket: str) -> None:
    query = "?sysparm_fields=sys_id,sys_mod_count,sys_updated_on"
    assert snow.patch(ticket, query, u_sla_status="Met").get_json()["result"] == {
        "sys_id": ticket,
        "sys_mod_count": "1",
        "sys_updated_on": "2026-11-16 09:00:02",
    }


def test_deleting_leaves_only_a_trace_in_sys_audit_delete(snow: Instance, ticket: str) -> None:
    path = f"/api/now/table/incident/{ticket}"
    assert snow.http.delete(path, headers=snow.headers).status_code == 403
    snow.desk.dials.roles = ["admin"]
    assert snow.http.delete(path, headers=snow.headers).status_code == 204
    assert snow.rows("incident") == []
    assert [row["documentkey"] for row in snow.rows("sys_audit_delete")] == [ticket]


def test_late_audit_rows_come_later(snow: Instance, ticket: str) -> None:
    snow.desk.dials.audit_lag = 10 * SECOND
    snow.patch(ticket, state="2")
    assert changes(snow, ticket) == []
    snow.clock.advance(10 * SECOND)
    assert [field for field, _, _ in changes(snow, ticket)] == ["incident_state", "state"]
