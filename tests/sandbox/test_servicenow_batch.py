"""The batch API answers each request as if it had come alone."""

from __future__ import annotations

import base64
import json

from tests.sandbox.servicenow_client import Instance

JSON = [{"name": "Accept", "value": "application/json"}]
SENT = [*JSON, {"name": "Content-Type", "value": "application/json"}]


def test_reads_and_writes_go_together_and_fail_apart() -> None:
    snow = Instance()
    path = f"/api/now/table/incident/{snow.incident()}"
    body = base64.b64encode(json.dumps({"u_sla_status": "Met"}).encode()).decode()
    items = [
        {"id": "1", "method": "PATCH", "url": path, "headers": SENT, "body": body},
        {"id": "2", "method": "GET", "url": f"{path}?sysparm_fields=u_sla_status", "headers": JSON},
        {"id": "3", "method": "GET", "url": "/api/now/table/u_none", "headers": JSON},
        {"id": "4", "method": "GET", "url": path},
    ]
    said = {"batch_request_id": "7", "rest_requests": items}
    answer = snow.http.post("/api/now/v1/batch", json=said, headers=snow.headers).get_json()
    served = {item["id"]: item for item in answer["serviced_requests"]}
    assert {key: item["status_code"] for key, item in served.items()} == {
        "1": 200,
        "2": 200,
        "3": 400,
        "4": 400,  # no Accept header of its own
    }
    read = json.loads(base64.b64decode(served["2"]["body"]))
    assert read == {"result": {"u_sla_status": "Met"}}
    assert (answer["batch_request_id"], answer["unserviced_requests"]) == ("7", [])
    assert len(snow.log.all()) == 1


def test_inside_a_batch_a_query_may_be_long() -> None:
    snow = Instance()
    sys_id = snow.incident()
    query = "sysparm_suppress_pagination_header=true&sysparm_query=sys_idIN" + f"{sys_id}," * 400
    url = f"/api/now/table/incident?{query}"
    assert snow.http.get(url, headers=snow.headers).status_code == 414
    said = {"rest_requests": [{"id": "1", "method": "GET", "url": url, "headers": JSON}]}
    answer = snow.http.post("/api/now/v1/batch", json=said, headers=snow.headers).get_json()
    assert [item["status_code"] for item in answer["serviced_requests"]] == [200]


def test_a_batch_needs_a_list_and_a_caller() -> None:
    snow = Instance()
    assert snow.http.post("/api/now/v1/batch", json={}, headers=snow.headers).status_code == 400
    anyone = {"Accept": "application/json"}
    assert snow.http.post("/api/now/v1/batch", json={}, headers=anyone).status_code == 401
