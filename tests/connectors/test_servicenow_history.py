"""Histories walked back: what was before the first change, and when that cannot be known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.servicenow.history import Change, updates, walk_back
from connectors.servicenow.steps import steps
from sla_engine.units import parse_iso

COLUMNS = ("state", "priority", "assigned_to")
VALUES = st.sampled_from(["", "1", "2", "3"])
RECORD = st.fixed_dictionaries(dict.fromkeys(COLUMNS, VALUES))
UPDATE = st.dictionaries(st.sampled_from(COLUMNS), VALUES, max_size=3)


def audit(
    column: str, old: str, new: str, second: int = 0, checkpoint: str = "", user: str = "ada"
) -> dict[str, str]:
    return {
        "sys_id": f"{checkpoint}{second:02}{column}",
        "fieldname": column,
        "oldvalue": old,
        "newvalue": new,
        "user": user,
        "sys_created_on": f"2026-11-16 09:00:{second:02}",
        "internal_checkpoint": checkpoint,
    }


def lived(
    first: dict[str, str], changes: Sequence[dict[str, str]]
) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The record at the end, and the audit rows that its life left."""
    record, rows = dict(first), []
    for number, change in enumerate(changes):
        for column, value in change.items():
            if record[column] != value:
                # Two updates a second: only the checkpoint can tell them apart.
                checkpoint = f"19a{number:06x}"
                rows.append(audit(column, record[column], value, number // 2, checkpoint))
                record[column] = value
    return record, rows


@given(first=RECORD, changes=st.lists(UPDATE, max_size=20), seed=st.randoms())
def test_the_first_values_are_found_whatever_order_the_rows_come_in(
    first: dict[str, str], changes: list[dict[str, str]], seed: object
) -> None:
    record, rows = lived(first, changes)
    seed.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    history = updates(rows, record)
    initial, holes = walk_back(record, history, COLUMNS)
    assert (initial, holes) == (first, ())
    assert [update.at for update in history] == sorted(update.at for update in history)


@given(first=RECORD, changes=st.lists(UPDATE, max_size=12), number=st.integers(0, 99))
def test_a_lost_row_is_noticed_unless_it_was_the_first_of_its_column(
    first: dict[str, str], changes: list[dict[str, str]], number: int
) -> None:
    record, rows = lived(first, changes)
    firsts = {row["fieldname"]: row["sys_id"] for row in reversed(rows)}
    followers = [row for row in rows if row["sys_id"] not in firsts.values()]
    if followers:
        lost = followers[number % len(followers)]
        kept = [row for row in rows if row is not lost]
        holes = walk_back(record, updates(kept, record), COLUMNS)[1]
        assert holes == (Change(lost["fieldname"], lost["oldvalue"], lost["newvalue"]),)


def test_a_ticket_without_history_was_always_as_it_is() -> None:
    assert walk_back({"state": "1"}, [], ("state", "u_tier")) == ({"state": "1"}, ())


@pytest.mark.parametrize(
    ("rows", "holes"),
    [
        pytest.param([audit("state", "1", "2")], (), id="whole"),
        pytest.param(
            [audit("state", "1", "6")], (Change("state", "6", "2"),), id="not the present one"
        ),
        pytest.param(
            [audit("state", "1", "6", 1, "a1"), audit("state", "3", "2", 2, "a2")],
            (Change("state", "6", "3"),),
            id="a link is missing",
        ),
        pytest.param([audit("priority", "3", "1")], (), id="a column nobody asked for"),
    ],
)
def test_what_the_history_does_not_explain_is_told(
    rows: list[dict[str, str]], holes: tuple[Change, ...]
) -> None:
    record = {"state": "2"}
    assert walk_back(record, updates(rows, record), ("state",))[1] == holes


def test_rows_of_one_checkpoint_are_one_update_although_a_second_passes() -> None:
    rows = [audit("state", "1", "2", 1, "19a1"), audit("assigned_to", "", "ada", 2, "19a1")]
    (update,) = updates(rows, {})
    assert update.at == parse_iso("2026-11-16T09:00:01Z")
    assert update.changes == (Change("assigned_to", "", "ada"), Change("state", "1", "2"))
    assert update.source_id == "audit 19a1"


def test_without_checkpoints_the_second_and_the_person_make_an_update() -> None:
    rows = [audit("state", "1", "2", 1), audit("priority", "3", "1", 1)]
    rows.append(audit("assigned_to", "", "ada", 1, user="bob"))
    assert [len(update.changes) for update in updates(rows, {})] == [2, 1]


def test_a_column_that_a_rule_changes_again_in_one_update_changed_once() -> None:
    rows = [audit("state", "2", "6", 1, "a1"), audit("state", "1", "2", 1, "a1")]
    (update,) = updates(rows, {})
    assert update.changes == (Change("state", "1", "6"),)


def test_booleans_are_the_same_in_both_spellings() -> None:
    rows = [audit("active", "1", "0")]
    record = {"active": "false"}
    assert walk_back(record, updates(rows, record), ("active",)) == ({"active": "true"}, ())


def entry(second: int, by: str, element: str = "comments") -> dict[str, str]:
    stamp = f"2026-11-16 09:00:{second:02}"
    return {"sys_id": f"j{second}{by}", "element": element, "sys_created_on": stamp} | {
        "sys_created_by": by
    }


def test_a_reply_and_the_change_it_made_are_one_step() -> None:
    history = updates([audit("state", "3", "2", 5, "a1", user="carla")], {})
    (step,) = steps(history, [entry(5, "carla")])
    assert (step.spoken, len(step.changes), step.source_id) == (["public"], 1, "audit a1")


def test_what_two_people_did_in_one_second_are_two_steps_comments_first() -> None:
    history = updates([audit("state", "2", "6", 5, "a1", user="ada")], {})
    told = steps(history, [entry(5, "carla"), entry(4, "bob", "work_notes"), entry(6, "bob")])
    assert [(step.user, step.spoken) for step in told] == [
        ("bob", ["internal"]),
        ("carla", ["public"]),
        ("ada", []),
        ("bob", ["public"]),
    ]
