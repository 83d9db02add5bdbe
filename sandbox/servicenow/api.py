"""The Table API over a desk: list, read, create, change and delete rows, and count them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, jsonify, request

from sandbox.servicenow.access import Caller, may_query, may_read, may_write
from sandbox.servicenow.fields import find_field
from sandbox.servicenow.http import (
    RefusedError,
    forbidden,
    is_true,
    not_found,
    page_headers,
    query_of,
    slice_of,
    view_of,
)
from sandbox.servicenow.inputs import stored_values
from sandbox.servicenow.listing import Slice, page
from sandbox.servicenow.query import parse
from sandbox.servicenow.render import render, shown_fields
from sandbox.servicenow.writing import Hand, delete, insert, update

if TYPE_CHECKING:
    from sandbox.clock import SandboxClock
    from sandbox.servicenow.query import Query, Row
    from sandbox.servicenow.state import Desk

NOTHING_FOUND = ("No Record found", "Records matching query not found")


def table_api(desk: Desk, clock: SandboxClock) -> Blueprint:
    """The routes under /api/now, each with and without a version."""
    api = _TableApi(desk, clock)
    routes = Blueprint("table", __name__)
    for prefix in ("/api/now", "/api/now/<any(v1, v2):version>"):
        name = "plain" if prefix == "/api/now" else "versioned"
        routes.add_url_rule(f"{prefix}/table/<table>", f"rows_{name}", api.rows, methods=["GET"])
        routes.add_url_rule(f"{prefix}/table/<table>", f"new_{name}", api.create, methods=["POST"])
        one = f"{prefix}/table/<table>/<sys_id>"
        routes.add_url_rule(one, f"row_{name}", api.row, methods=["GET"])
        routes.add_url_rule(one, f"change_{name}", api.change, methods=["PATCH", "PUT"])
        routes.add_url_rule(one, f"delete_{name}", api.remove, methods=["DELETE"])
        routes.add_url_rule(f"{prefix}/stats/<table>", f"stats_{name}", api.stats, methods=["GET"])
    return routes


class _TableApi:
    """One method a route; every method sees and changes the desk as one."""

    def __init__(self, desk: Desk, clock: SandboxClock) -> None:
        self._desk, self._clock = desk, clock

    def rows(self, table: str, version: str = "v2") -> Response:
        part, view = slice_of(request), view_of(request, _caller())
        with self._desk.lock:
            query = self._query(table)
            found = page(self._desk, table, query, part, _caller(), self._clock.now())
            headers = page_headers(request, part, found)
            fields = shown_fields(self._desk, table, view)
            result = [render(self._desk, row, fields, view) for row in found.rows]
        if version == "v1" and not result:
            raise RefusedError(404, *NOTHING_FOUND)
        answer = jsonify(result=result)
        answer.headers.update(headers)
        return answer

    def row(self, table: str, sys_id: str, version: str = "v2") -> Response:  # noqa: ARG002  # both alike
        with self._desk.lock:
            return self._shown(table, self._readable(table, sys_id))

    def create(self, table: str, version: str = "v2") -> Response:  # noqa: ARG002  # both alike
        with self._desk.lock:
            values = self._values(table, None)
            row = insert(self._desk, table, values, self._hand())
            answer = self._shown(table, row)
        answer.status_code = 201
        answer.headers["Location"] = f"{request.base_url}/{row['sys_id']}"
        return answer

    def change(self, table: str, sys_id: str, version: str = "v2") -> Response:  # noqa: ARG002  # alike
        with self._desk.lock:
            values = self._values(table, self._readable(table, sys_id))
            return self._shown(table, update(self._desk, table, sys_id, values, self._hand()))

    def remove(self, table: str, sys_id: str, version: str = "v2") -> Response:  # noqa: ARG002  # alike
        with self._desk.lock:
            self._readable(table, sys_id)
            if not _caller().has("itil_admin"):
                raise forbidden("Delete")
            delete(self._desk, table, sys_id, self._hand())
        return Response(status=204)

    def stats(self, table: str, version: str = "v1") -> Response:  # noqa: ARG002  # both alike
        with self._desk.lock:
            query = self._query(table)
            none = Slice(limit=0)
            found = page(self._desk, table, query, none, _caller(), self._clock.now())
        counted = {"count": str(found.total)} if is_true(request, "count") else {}
        return jsonify(result={"stats": counted})

    def _query(self, table: str) -> Query:
        self._open(table)
        zone = _caller().zone
        return parse(query_of(request), lambda name: find_field(self._desk, table, name), zone)

    def _open(self, table: str) -> None:
        if table not in self._desk.tables:
            raise RefusedError(400, f"Invalid table {table}")
        if not may_query(table, _caller()):
            raise RefusedError(403, "User Not Authorized", f"Failed read ACL on table {table}")

    def _readable(self, table: str, sys_id: str) -> Row:
        self._open(table)
        row = self._desk.get(table, sys_id)
        if row is None or not may_read(self._desk, table, row, _caller()):
            raise not_found()
        return row

    def _values(self, table: str, row: Row | None) -> Mapping[str, str]:
        """The body's values, once it is sure that the caller may write them."""
        self._open(table)
        table = table if row is None else self._desk.table_of(table, row)
        body = _body()
        zone = _caller().zone if is_true(request, "input_display_value") else None
        values = stored_values(self._desk, table, body, zone)
        if not may_write(self._desk, table, row, values, _caller()):
            raise forbidden("Insert" if row is None else "Update")
        return values

    def _shown(self, table: str, row: Row) -> Response:
        if request.headers.get("X-no-response-body", "").lower() == "true":
            return Response(status=200)
        view = view_of(request, _caller())
        fields = shown_fields(self._desk, table, view)
        return jsonify(result=render(self._desk, row, fields, view))

    def _hand(self) -> Hand:
        return Hand(_caller().name, self._clock.now())


def _caller() -> Caller:
    caller = g.caller
    assert isinstance(caller, Caller)
    return caller


def _body() -> Mapping[str, object]:
    if not request.mimetype:
        raise RefusedError(400, "Content-Type header is required", None)
    if not request.is_json:
        raise RefusedError(415, "Unsupported media type", f"{request.mimetype} is not supported")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise RefusedError(400, "Exception while reading request", "The payload is not valid JSON.")
    return body
