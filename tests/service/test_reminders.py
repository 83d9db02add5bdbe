"""Reviews that are due: said once to those who hold them, and again for the next day."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from service.delivery import deeds
from service.delivery.channels import Channel, Channels
from service.delivery.reminders import POLICIES, notices, remind
from service.state.store import Store, open_store
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import DAY, Instant, parse_iso
from tests.service.desks import state_at

pytestmark = pytest.mark.usefixtures("each_backend")

BERLIN_MIDNIGHT = parse_iso("2027-02-28T23:00:00Z")
assert BERLIN_MIDNIGHT is not None
DUE = BERLIN_MIDNIGHT


def reviewed(review: str, owner: str = "lead") -> Policies:
    text = f"""\
schema: sla/v1
policies:
  gold:
    describe: Everything for gold.
    owner: {owner}
    match: {{project: SUP}}
    calendar: mon-fri 09:00-17:00 Europe/Berlin
    targets: {{resolution: 4h}}
    review: {review}
"""
    policies, problems = load_texts({"p.yaml": text})
    assert not problems
    return policies


class Post:
    """Channels that keep what they are sent; `shut` ones take nothing."""

    def __init__(self, *names: str) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.shut: set[str] = set()
        self.names = names

    def send(self, address: str, title: str, text: str) -> bool:
        if address in self.shut:
            return False
        self.sent.append((address, title, text))
        return True

    def channels(self) -> Channels:
        return Channels({name: Channel(partial(str, name)) for name in self.names}, self.send)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as opened:
        yield opened


def told(store: Store, post: Post, policies: Policies, now: Instant) -> list[str]:
    return [one.channel for one in remind(store, policies, post.channels(), lambda: now, now)]


def test_from_the_day_on_it_is_said_once(store: Store) -> None:
    post, policies = Post("a", "b", "lead"), reviewed("{next: 2027-03-01, by: [a, b], plan: P}")
    assert told(store, post, policies, Instant(DUE - 1)) == []
    assert told(store, post, policies, DUE) == ["a", "b"]
    assert told(store, post, policies, DUE) == []
    assert told(store, post, policies, Instant(DUE + 90 * DAY)) == []
    address, title, text = post.sent[0]
    assert (address, title) == ("a", "SLA gold")
    assert text.splitlines() == [
        "The review of the policy gold was due on 2027-03-01.",
        "It promises: Everything for gold.",
        "Owner: lead.",
        "Plan: P",
        "Afterwards set review.next to the day of the next one.",
    ]
    later = reviewed("{next: 2027-09-01, by: [a, b]}")
    assert told(store, post, later, Instant(DUE + 200 * DAY)) == ["a", "b"]


def test_the_owner_is_told_where_nobody_else_has_a_channel(store: Store) -> None:
    post = Post("lead")
    assert told(store, post, reviewed("{next: 2027-03-01, by: [mona@x.example]}"), DUE) == ["lead"]
    assert not list(notices(reviewed("{next: 2027-03-01}", "nobody").policies[0], ["lead"], DUE))
    assert not list(notices(reviewed("{every: 6mo}").policies[0], ["lead"], DUE))


def test_a_channel_that_did_not_take_it_is_tried_again_and_no_other(store: Store) -> None:
    post, policies = Post("a", "b"), reviewed("{next: 2027-03-01, by: [a, b]}")
    post.shut.add("b")
    assert told(store, post, policies, DUE) == ["a"]
    post.shut.clear()
    assert told(store, post, policies, DUE) == ["b"]


def test_after_a_kill_it_is_said_once_more_rather_than_never(store: Store) -> None:
    policies = reviewed("{next: 2027-03-01, by: a}")
    (notice,) = notices(policies.policies[0], ["a"], DUE)
    with store.write() as db:
        assert deeds.intend(db, [notice], DUE)
    assert told(store, Post("a"), policies, DUE) == ["a"]
    with store.read() as db:
        assert deeds.counts(db, POLICIES) == {"done": 1}


def test_versions_of_a_policy_remind_of_one_review_once(store: Store) -> None:
    policies = reviewed("{next: 2027-03-01, by: a}")
    twice = msgspec.structs.replace(policies, policies=policies.policies * 2)
    assert told(store, Post("a"), twice, DUE) == ["a"]
