"""The batch API: many requests in one, each answered as if it had come alone."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request

from sandbox.servicenow.http import INNER, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

CREDENTIALS = ("Authorization", "x-sn-apikey")


def batch_api(app: Flask) -> None:
    """POST /api/now/v1/batch. What is inside is counted and disturbed as one request."""

    def answer() -> Response:
        said = request.get_json(silent=True)
        if not isinstance(said, dict) or not isinstance(said.get("rest_requests"), list):
            raise RefusedError(400, "Exception while reading request", "rest_requests is missing")
        served = [_served(app, item) for item in said["rest_requests"]]
        batch_id = str(said.get("batch_request_id", ""))
        return jsonify(batch_request_id=batch_id, serviced_requests=served, unserviced_requests=[])

    for name, prefix in (("batch", "/api/now/batch"), ("batch_v1", "/api/now/v1/batch")):
        app.add_url_rule(prefix, name, answer, methods=["POST"])


def _served(app: Flask, item: Mapping[str, Any]) -> dict[str, object]:
    """Any: the item is JSON that the caller wrote."""
    own = {header["name"]: header["value"] for header in item.get("headers", [])}
    signed = {name: request.headers[name] for name in CREDENTIALS if name in request.headers}
    body = base64.b64decode(item.get("body", ""))
    with app.test_request_context(
        item["url"],
        method=item["method"],
        headers=own | signed,
        data=body,
        base_url=request.host_url,
        environ_overrides={INNER: True},
    ):
        answer = app.full_dispatch_request()
    return {
        "id": str(item["id"]),
        "status_code": answer.status_code,
        "status_text": answer.status.partition(" ")[2],
        "body": base64.b64encode(answer.get_data()).decode(),
        "headers": [{"name": name, "value": value} for name, value in answer.headers],
        "execution_time": 1,
    }
