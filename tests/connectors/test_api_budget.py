"""What tickets cost in API calls: exact counts, told by the server. Every ticket has a past
of ten changes or more, and all of it must be there."""

from __future__ import annotations

import pytest

from benchmarks.api_calls import HOUR, Reads, Writes, reads, writes
from benchmarks.sites import (
    CLOUD,
    DATA_CENTER,
    KEYED_SERVICENOW,
    SERVICENOW,
    SITES,
    UNREAD_CLOUD,
    Past,
    Site,
)

NAMES = [site.name for site in SITES]


@pytest.mark.parametrize("number", [10, 100])
@pytest.mark.parametrize(
    ("site", "changed", "first", "idle"),
    [
        (CLOUD, 2, 2, 1),
        (UNREAD_CLOUD, 3, 3, 2),
        (DATA_CENTER, 1, 1, 1),
        (SERVICENOW, 4, 6, 1),  # the first time two more learn what people are called
        (KEYED_SERVICENOW, 4, 6, 1),
    ],
    ids=NAMES,
)
def test_few_changed_tickets_cost_a_handful_of_calls(
    site: Site, changed: int, first: int, idle: int, number: int
) -> None:
    assert reads(site, number) == Reads(number, changed, first, idle)


@pytest.mark.parametrize(
    ("site", "changed"),
    [(CLOUD, 12), (UNREAD_CLOUD, 3), (DATA_CENTER, 11), (SERVICENOW, 4), (KEYED_SERVICENOW, 4)],
    ids=NAMES,
)
def test_a_thousand_changed_tickets_cost_about_a_call_in_a_hundred(
    site: Site, changed: int
) -> None:
    past = Past(site.past.changes, 1)  # comments come along, whatever their number up to 100
    found = reads(site._replace(past=past), 1_000)
    assert found.changed == changed
    assert found.idle == site.idle, "however much was changed before the quiet hour"


def test_a_busy_site_is_looked_back_at_until_its_index_must_be_complete() -> None:
    with CLOUD.begin() as running:
        connector, log = CLOUD.connect(running), running.jira_log
        ids = [CLOUD.add(running, Past(1)) for _ in range(150)]
        *_, last = connector.pull("")
        for identity in ids:
            CLOUD.change(running, identity)
        *_, last = connector.pull(last.cursor)
        log.reset()
        *_, last = connector.pull(last.cursor)
        assert len(log) == 2, "150 of the last five minutes, by pages of a hundred"
        running.clock.advance(HOUR)
        *_, last = connector.pull(last.cursor)
        log.reset()
        *_, last = connector.pull(last.cursor)
        assert len(log) == 1
        running.jira.edit(
            running.jira.issues[int(ids[0])], "ada", running.clock.now(), {"priority": "4"}
        )
        *_, last = connector.pull(last.cursor)
        assert [ticket.ref.id for ticket in last.tickets] == [ids[0]]


@pytest.mark.parametrize("site", SITES, ids=NAMES)
def test_fields_cost_one_call_and_all_that_can_be_said_two(site: Site) -> None:
    assert writes(site, 5) == Writes(fields=1, all=2)
