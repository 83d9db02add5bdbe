"""Giving an issue to somebody, and moving it along its workflow: by the names that people use."""

from __future__ import annotations

import msgspec

from connectors.base import PermanentError
from connectors.http import Client, Delivery
from connectors.jira.wire import User
from sla_engine.model import Ref


class _Candidate(User, frozen=True, rename="camel"):
    email_address: str | None = None

    def is_called(self, name: str) -> bool:
        names = (self.account_id, self.key, self.name, self.display_name, self.email_address)
        return name.casefold() in {known.casefold() for known in names if known}


class _Status(msgspec.Struct):
    id: str = ""
    name: str = ""


class _Move(msgspec.Struct):
    id: str
    name: str = ""
    to: _Status = msgspec.field(default_factory=_Status)


class _Fields(msgspec.Struct):
    status: _Status = msgspec.field(default_factory=_Status)


class _Moves(msgspec.Struct):
    fields: _Fields = msgspec.field(default_factory=_Fields)
    transitions: list[_Move] = []


def assign(client: Client, api: str, ref: Ref, to: str) -> Delivery:
    """Makes `to` (account id, name or e-mail address) the assignee; PermanentError where it is not
    exactly one person who can be."""
    of_cloud = api.endswith("3")
    found = client.read(
        "GET",
        f"{api}/user/assignable/search",
        params={"issueKey": ref.key, "query" if of_cloud else "username": to, "maxResults": 50},
    ).into(list[_Candidate])
    called = [user for user in found if user.is_called(to)]
    if len(called) != 1:
        raise PermanentError(
            f'{len(called)} people called "{to}" can be given {ref.key}'
            if called
            else f'nobody called "{to}" can be given {ref.key}'
        )
    who = {"accountId": called[0].account_id} if of_cloud else {"name": called[0].name}
    return client.write("PUT", f"{api}/issue/{ref.id}/assignee", body=who)


def transition(client: Client, api: str, ref: Ref, to: str) -> Delivery:
    """Moves the issue to the status called `to`; done already if it is there. PermanentError where
    its workflow has no such way from where it is."""
    here = client.read(
        "GET",
        f"{api}/issue/{ref.id}",
        params={"fields": "status", "expand": "transitions"},
    ).into(_Moves)
    if here.fields.status.name.casefold() == to.casefold():
        return Delivery("confirmed")
    ways = [way for way in here.transitions if to.casefold() in _names(way)]
    if not ways:
        known = ", ".join(sorted({way.to.name for way in here.transitions})) or "nowhere"
        raise PermanentError(
            f'{ref.key} cannot go to "{to}" from "{here.fields.status.name}", only to: {known}'
        )
    body = {"transition": {"id": ways[0].id}}
    return client.write("POST", f"{api}/issue/{ref.id}/transitions", body=body)


def _names(way: _Move) -> tuple[str, str]:
    return way.to.name.casefold(), way.name.casefold()
