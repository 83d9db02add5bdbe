"""Accounts: who a person is to Jira Cloud (accountId) and to Data Center (name, key)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from sandbox.people import AUTOMATION, Person

TOKEN = "sandbox-token"  # noqa: S105  # the sandbox's only secret, written in its documentation
"""API token (with an e-mail address) and password of every account; the sync bot's PAT.

`sandbox-token.ada` is the PAT of Ada.
"""
SCOPED_TOKEN = "scoped-token"  # noqa: S105  # as above
"""A token with scopes, as service accounts have: works through the gateway only."""


class User(NamedTuple):
    id: str  # the person's
    account_id: str
    name: str  # of Data Center
    key: str  # of Data Center
    display_name: str
    email: str
    account_type: str  # atlassian, app, customer
    tz: str


def user_of(person: Person, number: int) -> User:
    """The account of a person, the `number`th of the site."""
    digest = hashlib.sha256(person.id.encode()).hexdigest()
    kind = "customer" if person.role == "customer" else "atlassian"
    return User(
        person.id,
        f"712020:{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}",
        person.email.split("@")[0] if kind == "atlassian" else person.email,
        f"JIRAUSER{10100 + number}",
        person.name,
        person.email,
        "app" if person.id == AUTOMATION else kind,
        person.tz,
    )


def users_of(people: Mapping[str, Person]) -> dict[str, User]:
    """Accounts by the person's id."""
    return {id_: user_of(person, number) for number, (id_, person) in enumerate(people.items())}
