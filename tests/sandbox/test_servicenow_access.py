"""Who is let in, and what they then see of the pretended ServiceNow."""

from __future__ import annotations

import pytest

from sandbox.servicenow.access import CLIENT_ID, CLIENT_SECRET
from tests.sandbox.servicenow_client import Instance

REFUSED = {
    "error": {
        "message": "User Not Authenticated",
        "detail": "Required to provide Auth information",
    },
    "status": "failure",
}


@pytest.fixture
def snow() -> Instance:
    return Instance()


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"x-sn-apikey": "wrong"}, id="a wrong key"),
        pytest.param({"Authorization": "Bearer wrong"}, id="a wrong token"),
        pytest.param({"Authorization": "Basic c2xhLWJvdDp3cm9uZw=="}, id="a wrong password"),
        pytest.param({"Authorization": "Basic ???"}, id="no base64"),
        pytest.param({"Authorization": "Basic bm9ib2R5OnNhbmRib3gtdG9rZW4="}, id="an unknown user"),
    ],
)
def test_who_proves_nothing_is_refused(snow: Instance, proof: dict[str, str]) -> None:
    headers = {"Accept": "application/json"} | proof
    answer = snow.http.get("/api/now/table/incident", headers=headers)
    assert (answer.status_code, answer.get_json()) == (401, REFUSED)


@pytest.mark.parametrize("name", ["sla-bot", "sla-bot@lumen.example"])
def test_basic_authentication_can_be_closed(snow: Instance, name: str) -> None:
    snow.sign_in(name)
    assert snow.ask("table/incident").status_code == 200
    snow.desk.dials.basic_auth = False
    assert snow.ask("table/incident").status_code == 401


def token(snow: Instance, **form: str) -> tuple[int, dict[str, object]]:
    credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    said = {"grant_type": "client_credentials"} | credentials | form
    answer = snow.http.post("/oauth_token.do", data=said)
    return answer.status_code, answer.get_json()


def test_client_credentials_give_a_token(snow: Instance) -> None:
    status, granted = token(snow)
    assert (status, granted["token_type"], granted["expires_in"]) == (200, "Bearer", 1799)
    assert "refresh_token" not in granted
    snow.headers = {"Accept": "*/*", "Authorization": f"Bearer {granted['access_token']}"}
    assert snow.ask("table/incident").status_code == 200


@pytest.mark.parametrize("form", [{"client_secret": "no"}, {"grant_type": "password"}])
def test_wrong_client_credentials_give_none(snow: Instance, form: dict[str, str]) -> None:
    assert token(snow, **form) == (
        401,
        {"error": "server_error", "error_description": "access_denied"},
    )


def test_credentials_must_come_as_a_form(snow: Instance) -> None:
    body = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    assert snow.http.post("/oauth_token.do", json=body).status_code == 401


def test_a_token_runs_out_after_so_many_requests(snow: Instance) -> None:
    snow.faults.say({"chaos": "expire-token=after:2"})
    snow.headers = {"Accept": "*/*", "Authorization": f"Bearer {token(snow)[1]['access_token']}"}
    assert [snow.ask("table/incident").status_code for _ in range(3)] == [200, 200, 401]
    snow.headers["Authorization"] = f"Bearer {token(snow)[1]['access_token']}"
    assert snow.ask("table/incident").status_code == 200


def test_without_audit_viewer_history_is_refused_and_journals_look_empty(snow: Instance) -> None:
    sys_id = snow.incident()
    snow.patch(sys_id, work_notes="Seen", state="2")
    snow.desk.dials.roles = ["itil"]
    assert snow.ask("table/sys_audit").status_code == 403
    journals = snow.ask("table/sys_journal_field")
    assert (journals.status_code, journals.get_json()) == (200, {"result": []})
    shown = snow.ask(f"table/incident/{sys_id}", display_value="true").get_json()["result"]
    assert "Seen" in shown["work_notes"]


def test_a_refused_record_is_403_and_stays_as_it_is(snow: Instance) -> None:
    sys_id = snow.incident()
    snow.desk.dials.refused = [sys_id]
    answer = snow.patch(sys_id, u_sla_status="Met")
    assert answer.status_code == 403
    assert answer.get_json()["error"]["message"] == "Operation Failed"
    assert snow.rows("incident")[0]["u_sla_status"] == ""


def test_customers_see_and_comment_their_own_only(snow: Instance) -> None:
    own = snow.incident(number="INC0000001")
    others = snow.incident(number="INC0000002", caller_id=snow.desk.user_id("greta"), by="greta")
    snow.sign_in("carla")
    assert [row["sys_id"] for row in snow.rows("incident")] == [own]
    assert snow.patch(own, comments="Still broken").status_code == 200
    assert snow.patch(own, state="7").status_code == 403
    assert snow.patch(others, comments="Mine too").status_code == 404


def test_only_admins_write_what_is_no_task(snow: Instance) -> None:
    path = f"/api/now/table/sys_user/{snow.desk.user_id('bob')}"
    assert snow.http.patch(path, json={"name": "Bob"}, headers=snow.headers).status_code == 403
    snow.desk.dials.roles = ["admin"]
    assert snow.http.patch(path, json={"name": "Bob"}, headers=snow.headers).status_code == 200


def test_dials_are_turned_over_http(snow: Instance) -> None:
    snow.incident()
    ids = [row["sys_id"] for row in snow.rows("incident")]
    assert snow.http.post("/_sandbox/dials", json={"hidden": ids}).status_code == 200
    assert snow.rows("incident") == []
    assert snow.http.post("/_sandbox/dials", json={"hiden": ids}).status_code == 400


def test_a_session_is_given_once(snow: Instance) -> None:
    assert "JSESSIONID" in snow.ask("table/incident").headers["Set-Cookie"]
    assert "Set-Cookie" not in snow.ask("table/incident").headers


@pytest.mark.parametrize(
    ("body", "content"),
    [
        pytest.param("null", None, id="null under load"),
        pytest.param(
            '{"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}',
            {"error": {"message": "Transaction cancelled: maximum execution time exceeded"}},
            id="an error in a success",
        ),
    ],
)
def test_success_may_carry_failure(snow: Instance, body: str, content: object) -> None:
    snow.faults.add(kind="body", path="/table/incident", body=body)
    first, second = snow.ask("table/incident"), snow.ask("table/incident")
    assert (first.status_code, first.get_json()) == (200, content)
    assert second.get_json() == {"result": []}
