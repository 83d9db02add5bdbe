"""The pretended Table API reads as the real one does, traps included."""

from __future__ import annotations

import pytest

from tests.sandbox.servicenow_client import SECOND, Instance


@pytest.fixture
def snow() -> Instance:
    instance = Instance()
    for number, priority in (("1", "1"), ("2", "2"), ("3", "3"), ("4", "3"), ("5", "3")):
        instance.incident(number=f"INC000000{number}", impact=priority, urgency="1")
        instance.clock.advance(SECOND)
    return instance


def numbers(rows: list[dict[str, str]]) -> list[str]:
    return [row["number"][-1] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("ORDERBYnumber", "12345", id="all"),
        pytest.param("ORDERBYDESCnumber", "54321", id="downward"),
        pytest.param("priority=3^ORDERBYnumber", "345", id="priority follows impact and urgency"),
        pytest.param("priority=3^ORDERBYDESCnumber", "543", id="downward within"),
        pytest.param("numberININC0000002,INC0000004^ORDERBYnumber", "24", id="in"),
        pytest.param("u_typo=1^ORDERBYnumber", "12345", id="an unknown field drops its part"),
        pytest.param("priority=1^NQpriority=2^ORDERBYnumber", "12", id="union"),
        pytest.param("priority=1^NQactive=true^ORDERBYnumber", "12345", id="no row twice"),
        pytest.param("caller_id.name=Carla Moss^priority=1", "1", id="along a reference"),
        pytest.param("caller_id.company.nameSTARTSWITHacme^priority=1", "1", id="two steps"),
        pytest.param("caller_id.name=Bob Kettle", "", id="nobody's"),
    ],
)
def test_queries(snow: Instance, query: str, found: str) -> None:
    assert numbers(snow.rows("incident", query)) == list(found)


def test_a_dial_makes_wrong_queries_find_nothing(snow: Instance) -> None:
    snow.desk.dials.no_rows_on_invalid_query = True
    assert snow.rows("incident", "u_typo=1") == []
    assert len(snow.rows("incident", "active=true")) == 5


def test_plain_pairs_are_a_filter_unless_there_is_a_query(snow: Instance) -> None:
    path = "/api/now/table/incident?number=INC0000002"
    assert len(snow.http.get(path, headers=snow.headers).get_json()["result"]) == 1
    both = snow.http.get(f"{path}&sysparm_query=active=true", headers=snow.headers)
    assert len(both.get_json()["result"]) == 5


def test_the_limit_cuts_before_rows_are_hidden(snow: Instance) -> None:
    rows = snow.rows("incident", "ORDERBYnumber")
    snow.desk.dials.hidden = [row["sys_id"] for row in rows[:2]]
    first = snow.ask("table/incident", query="ORDERBYnumber", limit=2)
    assert first.get_json()["result"] == []
    assert first.headers["X-Total-Count"] == "5"
    assert numbers(snow.rows("incident", "ORDERBYnumber", limit=2, offset=2)) == ["3", "4"]
    assert snow.ask(f"table/incident/{rows[0]['sys_id']}").status_code == 404


def test_links_lead_to_the_other_pages(snow: Instance) -> None:
    answer = snow.ask("table/incident", query="ORDERBYnumber", limit=2, offset=2)
    links = {link.split(";")[1]: link for link in answer.headers["Link"].split(",")}
    assert set(links) == {'rel="first"', 'rel="prev"', 'rel="next"', 'rel="last"'}
    assert "sysparm_offset=4" in links['rel="next"']
    silent = snow.ask("table/incident", limit=2, no_count="true")
    assert "Link" not in silent.headers
    assert "X-Total-Count" not in silent.headers
    assert (
        "Link" not in snow.ask("table/incident", limit=2, suppress_pagination_header="true").headers
    )


def test_a_long_query_cannot_have_links(snow: Instance) -> None:
    query = "sys_idIN" + ",".join(row["sys_id"] for row in snow.rows("incident") * 20)
    refused = snow.ask("table/incident", query=query, limit=2)
    assert refused.status_code == 400
    assert refused.get_json()["error"]["message"] == "Pagination not supported"
    assert len(snow.rows("incident", query, limit=2, suppress_pagination_header="true")) == 2
    too_long = snow.ask("table/incident", query=query * 4)
    assert too_long.status_code == 414


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        pytest.param("table/u_nothing", 400, "Invalid table u_nothing", id="no such table"),
        pytest.param("table/incident/0000", 404, "No Record found", id="no such row"),
        pytest.param("v1/table/incident?number=X", 404, "No Record found", id="v1, no match"),
        pytest.param("table/incident?sysparm_offset=-1", 400, "Invalid offset", id="offset"),
        pytest.param("nothing", 404, "Not Found", id="no such path"),
    ],
)
def test_refusals(snow: Instance, path: str, status: int, message: str) -> None:
    answer = snow.http.get(f"/api/now/{path}", headers=snow.headers)
    said = answer.get_json()
    assert (answer.status_code, said["error"]["message"]) == (status, message)
    assert said["status"] == "failure"
    assert "detail" in said["error"]


def test_v2_finds_nothing_with_success(snow: Instance) -> None:
    answer = snow.ask("v2/table/incident", query="number=X")
    assert (answer.status_code, answer.get_json()) == (200, {"result": []})


def test_fields_are_shown_as_asked(snow: Instance) -> None:
    def shown(**sysparm: str) -> dict[str, object]:
        fields = "number,state,caller_id,caller_id.name,opened_at,u_typo,sla_due,assigned_to"
        query = {"fields": fields, "query": "number=INC0000001"} | sysparm
        result: dict[str, object] = snow.ask("table/incident", **query).get_json()["result"][0]
        return result

    carla = snow.desk.user_id("carla")
    link = f"http://localhost/api/now/table/sys_user/{carla}"
    stored = {
        "number": "INC0000001",
        "state": "1",
        "caller_id": {"value": carla, "link": link},
        "caller_id.name": "Carla Moss",
        "opened_at": "2026-11-16 09:00:00",
        "sla_due": "",
        "assigned_to": "",
    }
    local = {"state": "New", "opened_at": "2026-11-16 10:00:00", "sla_due": "UNKNOWN"}
    person = {"display_value": "Carla Moss", "link": link}
    assert shown() == stored
    assert shown(exclude_reference_link="true") == stored | {"caller_id": carla}
    assert shown(display_value="true") == stored | local | {"caller_id": person}
    both = shown(display_value="all", exclude_reference_link="true")
    assert both["state"] == {"display_value": "New", "value": "1"}
    assert both["caller_id"] == {"display_value": "Carla Moss", "value": carla}
    assert both["assigned_to"] == {"display_value": "", "value": ""}
    assert both["opened_at"] == {
        "display_value": "2026-11-16 10:00:00",
        "value": "2026-11-16 09:00:00",
    }


def test_hidden_fields_are_missing_and_drop_out_of_queries(snow: Instance) -> None:
    snow.desk.dials.hidden_fields = ["incident.priority"]
    rows = snow.rows("incident", "priority=1", fields="number,priority")
    assert len(rows) == 5
    assert set(rows[0]) == {"number"}


def test_incidents_are_tasks(snow: Instance) -> None:
    tasks = snow.rows("task", "sys_class_name=incident^ORDERBYnumber")
    assert numbers(tasks) == list("12345")
    assert "caller_id" not in tasks[0]


def test_equal_rows_have_no_order_of_their_own(snow: Instance) -> None:
    """Readers that page by an order with ties see rows twice, and others never."""
    seen = {tuple(numbers(snow.rows("incident", "ORDERBYactive"))) for _ in range(8)}
    assert len(seen) > 1
    sure = {tuple(numbers(snow.rows("incident", "ORDERBYactive^ORDERBYsys_id"))) for _ in range(8)}
    assert len(sure) == 1


def test_a_second_order_decides_between_equal_firsts() -> None:
    """The index by time must not answer what it does not know."""
    snow = Instance()
    for number, impact in (("1", "3"), ("2", "1"), ("3", "2")):
        snow.incident(number=f"INC000000{number}", impact=impact, urgency="1")
    order = "ORDERBYsys_updated_on^ORDERBYpriority"
    assert numbers(snow.rows("incident", order)) == ["2", "3", "1"]
    ties = {tuple(numbers(snow.rows("incident", "ORDERBYsys_updated_on"))) for _ in range(12)}
    assert len(ties) > 1


def test_counts(snow: Instance) -> None:
    answer = snow.ask("stats/incident", query="priority=3", count="true")
    assert answer.get_json() == {"result": {"stats": {"count": "3"}}}


def test_the_dictionary_and_the_choices_are_readable(snow: Instance) -> None:
    table = snow.rows("sys_dictionary", "name=incident^element=NULL")
    assert [row["audit"] for row in table] == ["true"]
    columns = snow.rows("sys_dictionary", "nameINincident,task^elementSTARTSWITHu_sla")
    assert {(row["element"], row["internal_type"]) for row in columns} >= {
        ("u_sla_status", "choice"),
        ("u_sla_due", "glide_date_time"),
    }
    states = snow.rows("sys_choice", "name=incident^element=state^inactive=false^ORDERBYsequence")
    assert [row["label"] for row in states] == [
        "New",
        "In Progress",
        "On Hold",
        "Resolved",
        "Closed",
        "Canceled",
    ]


def test_the_date_header_is_the_sandboxs_time(snow: Instance) -> None:
    assert snow.ask("table/incident").headers["Date"] == "Mon, 16 Nov 2026 09:00:05 GMT"


def test_a_missing_accept_header_is_refused(snow: Instance) -> None:
    key = {"x-sn-apikey": snow.headers["x-sn-apikey"]}
    assert snow.http.get("/api/now/table/incident", headers=key).status_code == 400
    assert (
        snow.http.get("/api/now/table/incident", headers=key | {"Accept": "*/*"}).status_code == 200
    )
    html = snow.http.get("/api/now/table/incident", headers=key | {"Accept": "text/html"})
    assert html.status_code == 406
