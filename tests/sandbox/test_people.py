"""Invented people, all of whom both systems can know."""

from __future__ import annotations

from sandbox.jira.users import users_of
from sandbox.people import AUTOMATION, CUSTOMERS, PEOPLE, SYNC_BOT, TEAMS, TIERS


def test_everybody_has_addresses_and_names_of_their_own() -> None:
    assert len({person.email for person in PEOPLE.values()}) == len(PEOPLE)
    assert len({person.name for person in PEOPLE.values()}) == len(PEOPLE)
    assert all(person.email.endswith(".example") for person in PEOPLE.values())


def test_customers_have_a_tier_and_agents_a_team() -> None:
    assert {PEOPLE[id_].organization for id_ in CUSTOMERS} == set(TIERS)
    agents = {person.id for person in PEOPLE.values() if person.role == "agent"}
    assert {id_ for team in TEAMS.values() for id_ in team} == agents


def test_accounts_are_told_apart_by_every_name_they_have() -> None:
    users = users_of(PEOPLE).values()
    for names in zip(*((user.account_id, user.name, user.key) for user in users), strict=True):
        assert len(set(names)) == len(PEOPLE)


def test_account_types_are_those_of_jira() -> None:
    kinds = {id_: user.account_type for id_, user in users_of(PEOPLE).items()}
    assert (kinds[AUTOMATION], kinds[SYNC_BOT], kinds["carla"]) == ("app", "atlassian", "customer")
