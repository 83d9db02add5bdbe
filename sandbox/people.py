"""Who works at, and who calls, the invented service desk."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["agent", "customer", "bot", "manager"]


class Person(NamedTuple):
    id: str
    name: str
    role: Role
    email: str
    tz: str
    organization: str


SYNC_BOT = "sla-bot"
"""The account that a sync signs in with by default."""
AUTOMATION = "automation"
"""The desk's own rules: greets, resumes and closes tickets."""
NOBODY = ""
"""An actor whose account was deleted: what they did bears no author."""

OWN = "Lumen Desk"
TEAMS: dict[str, tuple[str, ...]] = {
    "Payments": ("ada", "tomas"),
    "Identity": ("bob", "yuki"),
    "Network": ("imke", "ravi"),
    "Workplace": ("odile", "jonas"),
}
TIERS: dict[str, str] = {
    "Acme Freight": "gold",
    "Borealis Bank": "gold",
    "Cobalt Clinics": "silver",
    "Dune Outfitters": "silver",
}


def _staff(id_: str, name: str, role: Role = "agent", tz: str = "Europe/Berlin") -> Person:
    email = f"{name.lower().replace(' ', '.')}@lumen.example"
    return Person(id_, name, role, email, tz, OWN)


def _customer(id_: str, name: str, organization: str, tz: str = "Europe/Berlin") -> Person:
    domain = organization.split()[0].lower()
    return Person(id_, name, "customer", f"{id_}@{domain}.example", tz, organization)


PEOPLE: dict[str, Person] = {
    person.id: person
    for person in (
        _staff("ada", "Ada Lovelake"),
        _staff("bob", "Bob Kettle"),
        _staff("tomas", "Tomas Umbra"),
        _staff("yuki", "Yuki Lantern", tz="Asia/Tokyo"),
        _staff("imke", "Imke Stromfeld"),
        _staff("ravi", "Ravi Quill", tz="Asia/Kolkata"),
        _staff("odile", "Odile Fabricant"),
        _staff("jonas", "Jonas Brindle"),
        _staff("mona", "Mona Lead", role="manager"),
        Person(AUTOMATION, "Desk Automation", "bot", "automation@lumen.example", "UTC", OWN),
        Person(SYNC_BOT, "SLA Bot", "bot", "sla-bot@lumen.example", "Europe/Berlin", OWN),
        _customer("carla", "Carla Moss", "Acme Freight"),
        _customer("dmitri", "Dmitri Vane", "Acme Freight"),
        _customer("estelle", "Estelle Crane", "Borealis Bank", "Europe/London"),
        _customer("farid", "Farid Ember", "Borealis Bank"),
        _customer("greta", "Greta Holm", "Cobalt Clinics"),
        _customer("hugo", "Hugo Pebble", "Cobalt Clinics", "America/New_York"),
        _customer("ines", "Ines Marlow", "Dune Outfitters"),
        _customer("kofi", "Kofi Reed", "Dune Outfitters", "Africa/Accra"),
    )
}
CUSTOMERS = tuple(p.id for p in PEOPLE.values() if p.role == "customer")
