"""Who may do what: accounts, the three ways to sign in, roles and the rows they open."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from sandbox.servicenow.query import Row
    from sandbox.servicenow.state import Desk

SYNC_USER: Final = "sla-bot"
PASSWORD: Final = "sandbox-token"  # noqa: S105  # everybody's: a sandbox keeps no secret
API_KEY: Final = PASSWORD
CLIENT_ID: Final = "sandbox-client"
CLIENT_SECRET: Final = "sandbox-secret"  # noqa: S105  # the same
TOKEN_LASTS: Final = 1800

_READERS: Final[Mapping[str, Collection[str]]] = {
    "sys_audit": ("audit_viewer",),
    "sys_journal_field": ("audit_viewer",),
    "sys_dictionary": ("personalize_dictionary",),
    "sys_user_has_role": ("user_admin",),
    "sys_properties": (),
    "task_sla": ("itil", "sla_admin", "sla_manager"),
}
"""Tables that not everyone reads; admin always does."""


class Caller(NamedTuple):
    """Who asks: user_name, sys_id, roles, and the time zone in which they see times."""

    name: str
    sys_id: str
    roles: Collection[str]
    zone: str

    def has(self, *roles: str) -> bool:
        """One of these roles, or admin, which opens everything."""
        return any(role in self.roles for role in ("admin", *roles))


class Access:
    """Signs callers in. Tokens last by the wall clock, whatever the sandbox's clock does."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tokens: dict[str, tuple[str, float]] = {}

    def issue(self, client_id: str, client_secret: str) -> str | None:
        """A bearer token for the client credentials; None where they are wrong."""
        if (client_id, client_secret) != (CLIENT_ID, CLIENT_SECRET):
            return None
        token = secrets.token_urlsafe(32)
        self._tokens[token] = (SYNC_USER, time.monotonic() + TOKEN_LASTS)
        return token

    def expire_tokens(self) -> None:
        """Every token issued so far is refused from now on."""
        self._tokens.clear()

    def caller(self, headers: Headers) -> Caller | None:
        """Whom the headers prove; None where they prove nobody."""
        name = self._name(headers)
        with self._desk.lock:
            user = self._user(name) if name else None
            if user is None:
                return None
            zone = user["time_zone"] or "UTC"
            return Caller(user["user_name"], user["sys_id"], self._roles(user), zone)

    def _user(self, name: str) -> Row | None:
        """By user_name, or by the address that the sandbox's greeting gives for both systems."""
        users = self._desk.rows("sys_user")
        return next(iter(users.where("user_name", name) or users.where("email", name)), None)

    def _name(self, headers: Headers) -> str:
        if "x-sn-apikey" in headers:
            return SYNC_USER if headers["x-sn-apikey"] == API_KEY else ""
        scheme, _, proof = headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            name, until = self._tokens.get(proof, ("", 0.0))
            return name if time.monotonic() < until else ""
        if scheme.lower() == "basic" and self._desk.dials.basic_auth:
            return _basic(proof)
        return ""

    def _roles(self, user: Row) -> Collection[str]:
        if user["user_name"] == SYNC_USER:
            return self._desk.dials.roles
        held = (e for e in self._desk.rows("sys_user_has_role") if e["user"] == user["sys_id"])
        roles = (self._desk.rows("sys_user_role").get(entry["role"]) for entry in held)
        return {role["name"] for role in roles if role is not None}


def _basic(proof: str) -> str:
    try:
        name, _, password = base64.b64decode(proof, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return name if password == PASSWORD else ""


def may_query(table: str, caller: Caller) -> bool:
    """Is the table open at all? sys_audit is refused aloud; others just look empty."""
    return table != "sys_audit" or caller.has(*_READERS[table])


def may_read(desk: Desk, table: str, row: Row, caller: Caller) -> bool:
    """Row-level read: hidden rows, and tickets of others for those who are no agents."""
    if table in _READERS and not caller.has(*_READERS[table]):
        return False
    if "task" in desk.tables[table].line and not caller.has("itil"):
        return caller.sys_id in {row.get("caller_id"), row.get("opened_by")}
    return row["sys_id"] not in desk.dials.hidden or caller.has()


def may_write(
    desk: Desk, table: str, row: Row | None, values: Collection[str], caller: Caller
) -> bool:
    """Agents write tasks, callers comment on their own, everything else is the admin's."""
    if row is not None and row["sys_id"] in desk.dials.refused:
        return False
    if "task" not in desk.tables[table].line:
        return caller.has()
    own = row is None or row.get("caller_id") == caller.sys_id
    return caller.has("itil") or (own and set(values) <= {"comments"})
