"""The Table API's parameters, headers and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flask import Response, jsonify

from sandbox.servicenow.listing import Slice
from sandbox.servicenow.render import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request

    from sandbox.servicenow.access import Caller
    from sandbox.servicenow.listing import Page

LONGEST_QUERY: Final = 10_000
"""PySNC turns to the batch API above this; no limit is documented."""
LONGEST_HEADER: Final = 8192
INNER: Final = "sandbox.inner"
"""Marks a request that came inside a batch: its length is nobody's concern."""


class RefusedError(Exception):
    """The API says no, in its own shape."""

    def __init__(self, status: int, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.detail = status, message, detail

    def response(self) -> Response:
        error = {"message": self.message, "detail": self.detail}
        answer = jsonify(error=error, status="failure")
        answer.status_code = self.status
        return answer


def unauthenticated() -> RefusedError:
    """Nobody, or a wrong password: the server does not say which."""
    return RefusedError(401, "User Not Authenticated", "Required to provide Auth information")


def not_found() -> RefusedError:
    """No such row, or one that the caller may not know of."""
    return RefusedError(
        404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval"
    )


def forbidden(what: str) -> RefusedError:
    """A refusal for one record or table; the account itself is fine."""
    return RefusedError(
        403, "Operation Failed", f"ACL Exception {what} Failed due to security constraints"
    )


def is_true(request: Request, name: str) -> bool:
    """Is this `sysparm_` parameter switched on?"""
    return request.args.get(f"sysparm_{name}", "false").lower() == "true"


def view_of(request: Request, caller: Caller) -> View:
    """How rows are to be shown."""
    display = request.args.get("sysparm_display_value", "false")
    fields = request.args.get("sysparm_fields", "")
    return View(
        tuple(name for part in fields.split(",") if (name := part.strip())),
        display if display in {"true", "all"} else "false",  # type: ignore[arg-type]  # narrowed
        not is_true(request, "exclude_reference_link"),
        caller.zone,
        request.host_url.rstrip("/"),
    )


def slice_of(request: Request) -> Slice:
    """Which rows are wanted; a negative offset is refused, a strange limit is the default."""
    offset, limit = (request.args.get(f"sysparm_{name}", "") for name in ("offset", "limit"))
    if offset.startswith("-"):
        raise RefusedError(400, "Invalid offset", f"sysparm_offset must not be negative: {offset}")
    return Slice(
        int(offset) if offset.isdecimal() else 0,
        int(limit) if limit.isdecimal() else 10_000,
        not is_true(request, "no_count"),
    )


def query_of(request: Request) -> str:
    """The encoded query; plain `name=value` pairs count only where there is none."""
    if "sysparm_query" in request.args:
        return request.args["sysparm_query"]
    plain = (f"{k}={v}" for k, v in request.args.items() if not k.startswith("sysparm_"))
    return "^".join(plain)


def page_headers(request: Request, part: Slice, found: Page) -> dict[str, str]:
    """X-Total-Count, and Link unless it is suppressed; refused where the links get too long."""
    if found.total is None:
        return {}
    headers = {"X-Total-Count": str(found.total)}
    if is_true(request, "suppress_pagination_header"):
        return headers
    link = ",".join(
        f'<{request.base_url}?{urlencode({**request.args, "sysparm_offset": offset})}>;rel="{rel}"'
        for rel, offset in _offsets(part, found.total).items()
    )
    if len(link) > LONGEST_HEADER and found.total > part.limit:
        raise RefusedError(
            400,
            "Pagination not supported",
            "The requested query is too long to build the response pagination header URLs. "
            "Please do one of the following: shorten the sysparm_query, or query without "
            "pagination by setting the parameter 'sysparm_suppress_pagination_header' to true, or "
            f"set 'sysparm_limit' with a value larger then {found.total} to bypass the need for "
            "pagination.",
        )
    return headers | ({"Link": link} if link else {})


def _offsets(part: Slice, total: int) -> Mapping[str, int]:
    if not part.limit or total <= part.limit:
        return {}
    offsets = {"first": 0}
    if part.offset > 0:
        offsets["prev"] = max(0, part.offset - part.limit)
    if part.offset + part.limit < total:
        offsets["next"] = part.offset + part.limit
    return offsets | {"last": (total - 1) // part.limit * part.limit}
