"""Plays neutral stories into a desk, act by act, through the same path as every other write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sandbox.people import TEAMS, TIERS
from sandbox.servicenow.access import SYNC_USER
from sandbox.servicenow.furniture import add_user, furnish
from sandbox.servicenow.writing import Hand, insert, update
from sandbox.story import played_in_order

if TYPE_CHECKING:
    from sandbox.servicenow.state import Desk
    from sandbox.story import Act, Fields, Person, Story

_STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "Open": {"state": "1"},
    "In Progress": {"state": "2"},
    "Waiting for customer": {"state": "3", "hold_reason": "1"},
    "Waiting for vendor": {"state": "3", "hold_reason": "4"},
    "Resolved": {"state": "6"},
    "Closed": {"state": "7"},
}
_PRIORITIES: Final[Mapping[str, Mapping[str, str]]] = {
    "P1": {"impact": "1", "urgency": "1"},
    "P2": {"impact": "1", "urgency": "2"},
    "P3": {"impact": "2", "urgency": "2"},
    "P4": {"impact": "2", "urgency": "3"},
}
_GONE: Final = "guest"
"""Who did what a deleted account did: its name is all that is left."""
_DAY: Final = 86_400_000


def play(desk: Desk, stories: Sequence[Story], people: Mapping[str, Person], now: int) -> None:
    """Staff an empty desk, then let happen what the stories tell of this system up to now."""
    own = [story for story in stories if story.system == "servicenow"]
    _staff(desk, people, min((story.acts[0].at for story in own), default=now) - _DAY)
    made: dict[str, str] = {}
    for act, story in played_in_order(own):
        if act.at <= now:
            _perform(desk, story, act, made)


def _perform(desk: Desk, story: Story, act: Act, made: dict[str, str]) -> None:
    hand, values = Hand(act.actor or _GONE, act.at), _values(desk, act)
    if act.verb == "create":
        told = {"number": story.key, "short_description": story.title, "description": act.text}
        made[story.key] = insert(desk, "incident", told | values, hand)["sys_id"]
    else:
        update(desk, "incident", made[story.key], values, hand)


def _staff(desk: Desk, people: Mapping[str, Person], began: int) -> None:
    furnish(desk, began)
    for company in dict.fromkeys(person.organization for person in people.values()):
        desk.add("core_company", {"name": company, "u_tier": TIERS.get(company, "")}, began)
    for person in people.values():
        _hire(desk, person, began)
    for team, members in TEAMS.items():
        group = desk.add("sys_user_group", {"name": team}, began)
        for member in members:
            held = {"group": group["sys_id"], "user": desk.user_id(member)}
            desk.add("sys_user_grmember", held, began)
    if SYNC_USER not in people:
        add_user(desk, {"user_name": SYNC_USER, "name": "SLA Bot"}, ("itil",), began)


def _hire(desk: Desk, person: Person, at: int) -> None:
    first, _, last = person.name.partition(" ")
    values = {"user_name": person.id, "name": person.name, "first_name": first, "last_name": last}
    values |= {"email": person.email, "time_zone": person.tz}
    values["company"] = _id_of(desk, "core_company", person.organization)
    roles = {"customer": (), "manager": ("itil", "sla_manager")}.get(person.role, ("itil",))
    add_user(desk, values, roles, at)


def _values(desk: Desk, act: Act) -> dict[str, str]:
    if act.verb == "comment":
        return {"comments": act.text}
    if act.verb == "note":
        return {"work_notes": act.text}
    return _fields(desk, act.fields)


def _fields(desk: Desk, fields: Fields) -> dict[str, str]:
    """Neutral fields in this system's columns; what it has no column for is left out."""
    values: dict[str, str] = {}
    for name, value in fields.items():
        text = value if isinstance(value, str) else ""
        if name == "status":
            values |= _STATES[text]
        elif name == "priority":
            values |= _PRIORITIES[text]
        elif name == "team":
            values["assignment_group"] = _id_of(desk, "sys_user_group", text)
        elif name == "organization":
            values["company"] = _id_of(desk, "core_company", text)
        elif name in _PEOPLE:
            values[_PEOPLE[name]] = desk.user_id(text) if text else ""
        elif name in _PLAIN:
            values[_PLAIN[name]] = text
    return values


_PEOPLE: Final = {"assignee": "assigned_to", "requester": "caller_id"}
_PLAIN: Final = {"tier": "u_tier", "resolution": "close_code"}


def _id_of(desk: Desk, table: str, name: str) -> str:
    found = desk.rows(table).where("name", name) if name else []
    return found[0]["sys_id"] if found else ""
