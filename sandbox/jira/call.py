"""One request to the Jira API: who asks, in which flavour, with which body; and how it fails."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Request, Response, g, jsonify, request

from sandbox.faults import Faults
from sandbox.jira.desk import JiraDesk
from sandbox.jira.model import Issue
from sandbox.jira.render import Flavour, Json
from sandbox.jira.users import SCOPED_TOKEN, TOKEN, User
from sandbox.people import SYNC_BOT

CLOUD_ID = "8f0e7a54-5b1c-4d2e-9a70-51a5a2db0c01"
GATEWAY = f"/ex/jira/{CLOUD_ID}"
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
ANONYMOUS = ("serverInfo", "field", "status", "statuscategory", "priority", "search/jql")
"""What Cloud answers without any credentials; a search then finds nothing."""


class ApiError(Exception):
    """A refusal: status, `errorMessages`, and `errors` by field."""

    def __init__(
        self, status: int, message: str = "", errors: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.messages = [message] if message else []
        self.errors = errors or {}

    def answer(self) -> Response:
        answer = jsonify(errorMessages=self.messages, errors=self.errors)
        answer.status_code = self.status
        return answer


class NotSignedInError(ApiError):
    """401, with the header by which Jira says why."""

    def __init__(self) -> None:
        super().__init__(401, "Client must be authenticated to access this resource.")

    def answer(self) -> Response:
        answer = jsonify({"message": self.messages[0], "status-code": 401})
        answer.status_code = 401
        answer.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        answer.headers["WWW-Authenticate"] = 'OAuth realm="sandbox"'
        return answer


@dataclass(frozen=True)
class Call:
    desk: JiraDesk
    flavour: Flavour
    account: User | None  # None: anonymous

    @property
    def who(self) -> User:
        """The account; NotSignedInError where there is none."""
        if self.account is None:
            raise NotSignedInError
        return self.account

    @property
    def now(self) -> int:
        return self.desk.clock.now()

    def issue(self, said: str) -> Issue:
        """The issue with this id or key; 404 where there is none."""
        found = self.desk.find(said) if self.account else None
        if found is None:
            raise ApiError(404, NO_ISSUE)
        return found

    def has(self, permission: str, project: str) -> bool:
        """Whether the account may do this there; a forbidden project can only be browsed."""
        dials = self.desk.dials
        if permission in ("ADMINISTER", "ADMINISTER_PROJECTS") and dials["admin"]:
            return True
        closed = project in dials["forbidden"] and permission != "BROWSE_PROJECTS"
        return permission in dials["granted"] and not closed

    def may_edit(self, issue: Issue, permission: str = "EDIT_ISSUES") -> None:
        if not self.has(permission, self.desk.project_of(issue).key):
            what = permission.lower().replace("_", " ")
            raise ApiError(403, f"You do not have permission to {what} in this project.")


def this_call() -> Call:
    """The call that is being answered."""
    call: Call = g.call
    return call


def begin_call(desk: JiraDesk, faults: Faults, api: str) -> Call:
    """Who asks and how we speak; NotSignedInError for credentials that are wrong or missing."""
    if api not in (("2", "3", "latest") if desk.cloud else ("2", "latest")):
        raise ApiError(404, "null for uri: " + request.path)
    account = _account(desk, request)
    if account is not None and faults.token_expired():
        raise NotSignedInError
    if account is None and not (desk.cloud and request.path.endswith(ANONYMOUS)):
        raise NotSignedInError
    zone = desk.dials["time_zone"] or (account.tz if account else "UTC")
    root = request.url_root.rstrip("/")
    return Call(
        desk, Flavour(desk.cloud, "3" if api == "3" else "2", ZoneInfo(zone), root), account
    )


def _account(desk: JiraDesk, asked: Request) -> User | None:
    """The account of the Authorization header; None without one."""
    header = asked.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, said = header.partition(" ")
    user = _basic(desk, said) if scheme.lower() == "basic" else None
    if scheme.lower() == "bearer" and not desk.cloud:
        user = _bearer(desk, said)
    if user is None:
        raise NotSignedInError
    return user


def _basic(desk: JiraDesk, said: str) -> User | None:
    try:
        name, _, password = base64.b64decode(said, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    scoped = desk.cloud and password == SCOPED_TOKEN and bool(request.script_root)
    if password != TOKEN and not scoped:
        return None
    return next((user for user in desk.users.values() if name in (user.email, user.name)), None)


def _bearer(desk: JiraDesk, said: str) -> User | None:
    token, _, who = said.partition(".")
    return desk.users.get(who or SYNC_BOT) if token == TOKEN else None


def said_json(allowed: Collection[str] | None = None) -> Json:
    """The body, an object; 400 where it is none or, with `allowed`, says anything else."""
    said: Any = request.get_json(silent=True, force=True)
    if not isinstance(said, dict):
        raise ApiError(
            400, "There was an error parsing JSON. Check that your request body is valid."
        )
    if allowed is not None and set(said) - set(allowed):
        raise ApiError(400, BAD_PAYLOAD)
    return {key: value for key, value in said.items() if value is not None}


def texts(said: Json, name: str) -> tuple[str, ...]:
    """A list of texts out of a body; 400 where it is anything else."""
    value = said.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ApiError(400, BAD_PAYLOAD)
    return tuple(value)


def whole(said: object, default: int) -> int:
    """A number from a body or a query; 400 where it is none."""
    if said is None:
        return default
    if isinstance(said, bool) or not str(said).isdecimal():
        raise ApiError(400, BAD_PAYLOAD)
    return int(str(said))


def commas(name: str) -> tuple[str, ...]:
    """A query parameter that lists names by commas, also when it is repeated."""
    parts = (part.strip() for value in request.args.getlist(name) for part in value.split(","))
    return tuple(part for part in parts if part)
