"""A plan as a file: read back as it was written, and refused when it is anything else."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from service.errands.plan_file import Plan, PlanFileError, PlannedTicket, judged_on, load, save
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
    Why,
)
from sla_engine.model import Actor, At, Event, FieldValue, Journal
from sla_engine.problems import Where
from tests.service.desks import ADA, CLEO, T0, ticket

if TYPE_CHECKING:
    from pathlib import Path

REF = ticket(1).ref
WHY = Why("breach reached", Where("policies/gold.yaml", 14), "history 1")
CHANGES: tuple[Change, ...] = (
    SetFields(REF, (("SLA status", "Breached"), ("SLA due", At(T0)), ("SLA missed", ("a",))), WHY),
    SetFields(REF, (("SLA summary", None),), WHY),
    AddComment(REF, "k1", ("late",), WHY, ("detail",)),
    Assign(REF, "k2", "tier2", WHY),
    Transition(REF, "k3", "Escalated", WHY),
    AddLabels(REF, "k4", ("sla",), WHY),
    SetTicketFields(REF, "k5", (("impact", "High"),), WHY),
    Notify(REF, "k6", "duty", "late", WHY),
)
BEFORE: dict[str, FieldValue] = {
    "SLA status": "At risk",
    "SLA due": At(T0),
    "SLA missed": ("a", "b"),
    "SLA summary": "",
}
ONE = PlannedTicket(REF, "0" * 16, BEFORE, CHANGES, T0, ("~ SLA status: At risk → Breached",))
PLAN = Plan("2026-09-21T12:26:40Z", "ada@desk", T0, "v1", (ONE,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(PLAN, tmp_path / "p.plan")
    return tmp_path / "p.plan"


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    saved = save(PLAN, tmp_path / "p.plan")
    assert msgspec.structs.replace(saved, sha256="") == PLAN
    assert load(tmp_path / "p.plan") == saved
    assert stat.S_IMODE((tmp_path / "p.plan").stat().st_mode) == 0o600


def test_how_it_is_laid_out_does_not_matter(path: Path) -> None:
    plan = load(path)
    plain = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(reversed(plain.items()))), encoding="utf-8")
    assert load(path) == plan


def everything_in(value: Any, trail: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every single value of a JSON document."""
    if isinstance(value, dict):
        return [at for k, v in value.items() for at in everything_in(v, (*trail, k))]
    if isinstance(value, list):
        return [at for k, v in enumerate(value) for at in everything_in(v, (*trail, k))]
    return [trail]


def test_no_value_can_be_changed_by_hand(path: Path) -> None:
    sound = path.read_text(encoding="utf-8")
    places = everything_in(json.loads(sound))
    assert len(places) > 60
    for *trail, last in places:
        plain = json.loads(sound)
        inner = plain
        for step in trail:
            inner = inner[step]
        inner[last] = "another"
        path.write_text(json.dumps(plain), encoding="utf-8")
        with pytest.raises(PlanFileError, match="make it anew"):
            load(path)


def test_nothing_can_be_added_by_hand(path: Path) -> None:
    plain = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(plain | {"force": True}), encoding="utf-8")
    with pytest.raises(PlanFileError, match="was changed after sla plan wrote it"):
        load(path)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '"sla-plan/1"', "[" * 5000, "\x00"])
def test_anything_else_is_no_plan(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.plan").write_text(text, encoding="utf-8")
    with pytest.raises(PlanFileError, match="is no plan"):
        load(tmp_path / "p.plan")


def test_a_plan_of_another_shape_is_told_and_never_a_crash(tmp_path: Path) -> None:
    class Other(Plan, frozen=True):
        more: str = "of a later program"

    save(Other(*msgspec.structs.astuple(PLAN)), tmp_path / "p.plan")
    with pytest.raises(PlanFileError, match="is no plan that we know"):
        load(tmp_path / "p.plan")


OURSELVES = Actor("sla", "SLA sync", "self")
EVENT = Event(T0, 1, "status", "Open", "Closed", ADA, "history 1")


@pytest.mark.parametrize(
    "event",
    [
        EVENT,
        msgspec.structs.replace(EVENT, new="Done"),
        msgspec.structs.replace(EVENT, field="priority"),
        msgspec.structs.replace(EVENT, actor=CLEO),
        msgspec.structs.replace(EVENT, at=T0 + 1),
    ],
)
def test_whatever_people_do_changes_what_was_judged(event: Event) -> None:
    changed = msgspec.structs.replace(ticket(1), journal=Journal([event]))
    other = msgspec.structs.replace(EVENT, source_id="history 2")
    twice = msgspec.structs.replace(ticket(1), journal=Journal([event, other]))
    assert len({judged_on(one) for one in (ticket(1), changed, twice)}) == 3


def test_fields_that_nobody_recorded_and_holes_change_what_was_judged() -> None:
    one = ticket(1)
    others = (
        msgspec.structs.replace(one, initial={**one.initial, "priority": "P1"}),
        msgspec.structs.replace(one, incomplete="history has holes"),
        msgspec.structs.replace(one, created_at=T0 - 1),
    )
    assert len({judged_on(other) for other in (one, *others)}) == 4


def test_what_we_did_ourselves_and_the_order_of_maps_change_nothing() -> None:
    one = ticket(1)
    ours = msgspec.structs.replace(EVENT, actor=OURSELVES)
    others = (
        msgspec.structs.replace(one, journal=Journal([ours])),
        msgspec.structs.replace(one, written={"SLA status": "Breached"}, updated_at=T0),
        msgspec.structs.replace(one, initial=dict(sorted(one.initial.items(), reverse=True))),
    )
    assert {judged_on(other) for other in others} == {judged_on(one)}
