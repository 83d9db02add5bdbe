"""A person sees on a page what the API wrote, and moves incidents as an agent does."""

from __future__ import annotations

import html
import re

import pytest

from tests.sandbox.servicenow_client import SECOND, Instance


@pytest.fixture
def snow() -> Instance:
    instance = Instance()
    for number, due in (("1", ""), ("2", "2026-11-20 10:00:00"), ("3", "2026-11-18 10:00:00")):
        sys_id = instance.incident(number=f"INC000000{number}", assigned_to="", u_tier="gold")
        instance.patch(sys_id, u_sla_due=due)
    return instance


def page(snow: Instance, path: str = "/now/INC0000001") -> str:
    answer = snow.http.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<(style.*?/style|[^>]+)>", " ", answer.text)))


def post(snow: Instance, path: str, **form: str) -> None:
    assert snow.http.post(f"/now/INC0000001/{path}", data=form).status_code == 303


def first(snow: Instance) -> dict[str, str]:
    row: dict[str, str] = snow.rows("incident", "number=INC0000001")[0]
    return row


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        pytest.param("", "321", id="by due, those without one last"),
        pytest.param("?sort=number", "321", id="newest first"),
        pytest.param("?sort=assigned_to", "321", id="equal ones newest first"),
        pytest.param("?sort=nonsense", "321", id="as if not asked"),
    ],
)
def test_the_list(snow: Instance, sort: str, order: str) -> None:
    assert re.findall(r"INC000000(\d)", page(snow, f"/{sort}")) == list(order)


def test_long_lists_have_pages(snow: Instance) -> None:
    for _ in range(100):
        snow.incident()
    assert "1–100 of 103" in page(snow, "/")
    assert "101–103 of 103" in page(snow, "/?page=1")


def test_a_ticket_shows_fields_sla_words_and_history(snow: Instance) -> None:
    snow.clock.advance(SECOND)
    snow.patch(
        first(snow)["sys_id"],
        u_sla_status="At risk",
        u_sla_due="2026-11-20 10:00:00",
        u_sla_summary="Resolution due Fri",
        work_notes="[At risk] 38 min left <b>",
    )
    text = page(snow)
    assert "At risk Resolution due Fri Due Fri 20 Nov 2026 11:00" in text
    assert "SLA Bot Mon 16 Nov 2026 10:00 · Work note, internal [At risk] 38 min left <b>" in text
    assert "SLA status: empty → At risk" in text
    assert "Tier gold" in text
    assert "<b> " not in snow.http.get("/now/INC0000001").text.split("Work note, internal")[1][:80]


def test_moving_and_replying(snow: Instance) -> None:
    post(snow, "state", state="3", hold_reason="1")
    assert (first(snow)["state"], first(snow)["hold_reason"]) == ("3", "1")
    assert first(snow)["sys_updated_by"] == "admin"
    assert "State: New → On Hold" in page(snow)
    post(snow, "say", text="Try again", **{"as": "agent"})
    assert first(snow)["state"] == "3"
    post(snow, "say", text="It works", **{"as": "caller"})
    assert first(snow)["state"] == "2"
    post(snow, "say", text="Phew", **{"as": "note"})
    said = snow.rows("sys_journal_field", "ORDERBYvalue")
    assert [(row["value"], row["element"], row["sys_created_by"]) for row in said] == [
        ("It works", "comments", "carla"),
        ("Phew", "work_notes", "admin"),
        ("Try again", "comments", "admin"),
    ]


def test_the_assigned_agent_moves_it(snow: Instance) -> None:
    snow.patch(first(snow)["sys_id"], assigned_to=snow.desk.user_id("bob"))
    post(snow, "state", state="6")
    assert first(snow)["sys_updated_by"] == "bob"


@pytest.mark.parametrize("path", ["/now/INC9999999", "/nothing"])
def test_no_such_page(snow: Instance, path: str) -> None:
    assert snow.http.get(path).status_code == 404
