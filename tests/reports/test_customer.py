"""The page for the customer: nothing internal, no names, no request, one sheet of A4."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.customer import MOST_PROMISES, customer_page
from reports.customer_html import WIDTH, customer_html, picture
from reports.explanation import Explanation
from reports.restated import OnRecord, Stands
from sla_engine.evaluate import evaluate
from sla_engine.model import Actor, Ticket
from sla_engine.policy_files import load_texts
from sla_engine.units import Instant
from tests.reports.desk import ADA, KETTLE, LATER, MISSED, POLICIES, at, ticket

Golden = Callable[[str, str], None]


def page(found: Ticket, now: Instant = LATER) -> str:
    verdicts = evaluate(POLICIES, found, now)
    return customer_html(customer_page(Explanation(found, verdicts, POLICIES, now)))


def test_the_page_reads_as_agreed(golden: Golden) -> None:
    golden("reports/customer.html", page(MISSED))


def said(html: str) -> str:
    """The text of the page, as a reader sees it."""
    words: list[str] = []
    parser = HTMLParser()
    parser.handle_data = words.append  # type: ignore[method-assign, assignment]  # all we want of it
    parser.feed(html.partition("<main>")[2])
    return " ".join(" ".join(words).split())


def test_it_says_what_was_promised_and_how_it_was_kept() -> None:
    words = said(page(MISSED))
    assert "Resolution ✗ Missed by 38 min Promised within 4 h Time used 4 h 38 min" in words
    assert "Was due Fri 20 Nov 15:22" in words
    assert "First response ✓ Kept Promised within 30 min Time used 12 min" in words
    assert "paused 2 h 42 min Waiting for customer" in words
    assert "message from the service desk" in words
    assert "a message from an automatic process does not count as an answer" in words


INTERNAL = ("Zq1", "Zq2", "Zq3", "Zq4", "Zq5", "Zq6", "Zq7", "Zq8", "Zq9")


def test_nothing_internal_is_on_it() -> None:
    """Every text that a customer must not read is a marker here, and no marker comes through."""
    ada, kettle = Actor("Zq1", "Zq2", "staff", ("Zq3",)), Actor("Zq4", "Zq5", "customer")
    acts = (
        ("19T14:45:00", ada, "comment Zq6", {"comment": "internal"}),
        ("19T14:50:00", ada, "history Zq6", {"assignee": "Zq1", "team": "Zq7"}),
        ("19T14:52:00", ada, "comment 7", {"comment": "public"}),
        ("19T15:00:00", ada, "history Zq6", {"customfield": "Zq8", "priority": "P2"}),
        ("20T09:22:00", ada, "history 8", {"status": "Waiting for customer"}),
        ("20T14:04:00", kettle, "comment 9", {"comment": "public"}),
        ("20T16:00:00", ada, "history 10", {"status_category": "done", "resolution": "Zq9"}),
    )
    found = ticket("SUP-1", "A title", "19T14:40:00", acts)
    secret = msgspec.structs.replace(
        found,
        created_by=kettle,
        url="https://Zq8.example/",
        initial={**found.initial, "requester": "Zq4", "team": "Zq7"},
        written={"SLA summary": "Zq9"},
    )
    html = page(secret)
    assert [marker for marker in INTERNAL if marker in html] == []
    assert "gold" not in html
    assert "15 min" not in html  # the aim is between us
    assert "the customer replied" in html


def test_a_pause_for_a_reason_of_ours_is_told_without_it() -> None:
    """Paused by a team's name: that is no word for a customer."""
    text = """\
schema: sla/v1
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    pause: {team: "Blame Storage"}
    targets: {resolution: 4h}
"""
    policies = load_texts({"p.yaml": text})[0]
    found = ticket(
        "SUP-2", "T", "20T09:00:00", (("20T10:00:00", ADA, "h 1", {"team": "Blame Storage"}),)
    )
    verdicts = evaluate(policies, found, LATER)
    assert verdicts[0].spans[-1].reason == "Blame Storage"
    html = customer_html(customer_page(Explanation(found, verdicts, policies, LATER)))
    assert "Blame" not in html
    assert "paused as agreed" in html


def test_an_exclusion_is_told_without_its_name() -> None:
    text = """\
schema: sla/v1
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {resolution: 4h}}
exclusions:
  old-san-again: {kind: maintenance, when: {from: "2026-11-20T10:00Z", to: "2026-11-20T11:00Z"}}
"""
    policies, problems = load_texts({"p.yaml": text})
    assert not problems
    found = ticket("SUP-3", "T", "20T09:00:00")
    verdicts = evaluate(policies, found, LATER)
    html = customer_html(customer_page(Explanation(found, verdicts, policies, LATER)))
    assert "old-san" not in html
    assert "excluded by agreement" in html


def test_a_deadline_is_told_as_one() -> None:
    text = """\
schema: sla/v1
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {resolution: {due: 17:00 today}}}
"""
    policies, problems = load_texts({"p.yaml": text})
    assert not [problem for problem in problems if problem.severity == "error"]
    found = ticket("SUP-4", "T", "20T09:00:00")
    late = at("20T20:00:00")
    verdicts = evaluate(policies, found, late)
    words = said(customer_html(customer_page(Explanation(found, verdicts, policies, late))))
    assert "Promised within" not in words
    assert "Was due Fri 20 Nov 17:00" in words
    assert "past the promise" in words
    assert "promise of" not in words


def test_agreements_between_teams_are_not_on_it() -> None:
    verdicts = evaluate(POLICIES, MISSED, LATER)
    ours = [msgspec.structs.replace(verdict, type="ola") for verdict in verdicts]
    found = customer_page(Explanation(MISSED, ours, POLICIES, LATER))
    assert found.promises == ()
    assert "Nothing was promised for this request." in customer_html(found)


def test_a_promise_that_stands_names_the_policies_that_judged_it() -> None:
    verdicts = evaluate(POLICIES, MISSED, LATER)
    record = OnRecord((Stands("Resolution", "0ld0ld0", None),), ())
    found = customer_page(Explanation(MISSED, verdicts, POLICIES, LATER, record=record))
    assert found.version == f"0ld0ld0 and {POLICIES.version}"


def test_a_history_with_holes_accuses_nobody() -> None:
    holes = msgspec.structs.replace(MISSED, incomplete="Zq1 of Zq2 changes are readable")
    html = page(holes)
    assert "Not measured: the history is incomplete" in html
    assert "Zq" not in html


def test_it_asks_for_nothing_and_runs_nothing() -> None:
    html = page(MISSED)
    assert not re.search(r"<script|<img|<link|src=|href=|@import|url\((?!#)|\son\w+=|style=", html)
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html


@given(st.text(min_size=1))
def test_a_title_stays_a_title(title: str) -> None:
    html = page(msgspec.structs.replace(MISSED, title=f"<b>{title}</b>\u202e\x1b"))
    assert html.count("<h1>") == html.count("</h1>") == 1
    assert "<b>" not in html
    assert "\u202e" not in html
    assert "\x1b" not in html


def test_the_picture_is_as_wide_as_the_page_and_in_order() -> None:
    found = customer_page(Explanation(MISSED, evaluate(POLICIES, MISSED, LATER), POLICIES, LATER))
    drawn = picture(found.promises[0], found.zone)
    edges = [(block.x, block.x + block.width) for block in drawn.blocks]
    assert edges[0][0] == 0
    assert edges[-1][1] == pytest.approx(WIDTH, abs=0.1)
    assert all(end == pytest.approx(start, abs=0.1) for (_, end), (start, _) in pairwise(edges))
    assert drawn.due == next(block.x for block in drawn.blocks if block.kind == "over")


def test_a_long_story_is_drawn_whole_though_it_is_written_shortly() -> None:
    found = busy(5)
    told = customer_page(Explanation(found, evaluate(POLICIES, found, LATER), POLICIES, LATER))
    (promise,) = (promise for promise in told.promises if promise.stretches)
    assert len(promise.rows) > 50 > len(promise.stretches)
    drawn = picture(promise, told.zone)
    assert sum(block.kind == "paused" for block in drawn.blocks) == 35


def busy(days: int) -> Ticket:
    """A ticket that waits and goes on, hour by hour."""
    acts = [
        (f"{2 + day:02}T{hour:02}:{minute:02}:00", who, f"h {day} {hour} {minute}", fields)
        for day in range(days)
        for hour in range(9, 16)
        for minute, who, fields in (
            (0, KETTLE, {"comment": "public"}),
            (20, ADA, {"status": "Waiting for customer", "comment": "public"}),
            (40, ADA, {"status": "In Progress"}),
        )
    ]
    return ticket("SUP-9", "A long story " * 12, "02T09:00:00", tuple(acts))


def test_what_does_not_fit_is_counted() -> None:
    found = busy(5)
    verdict = evaluate(POLICIES, found, LATER)[-1]
    many = [msgspec.structs.replace(verdict, cycle=n) for n in range(1, 10)]
    told = customer_page(Explanation(found, many, POLICIES, LATER))
    assert len(told.promises) == MOST_PROMISES
    html = customer_html(told)
    assert "And 5 more promises, not on this page." in html
    assert "stretches in between" in html


def test_it_prints_on_one_sheet(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here to print with")
    found = busy(5)
    verdict = evaluate(POLICIES, found, LATER)[-1]
    many = [msgspec.structs.replace(verdict, cycle=n) for n in range(1, 10)]
    html = customer_html(customer_page(Explanation(found, many, POLICIES, at("20T17:00:00"))))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    done = subprocess.run(
        [
            browser,
            *options,
            f"--user-data-dir={tmp_path}/profile",
            f"--print-to-pdf={tmp_path}/page.pdf",
            f"file://{tmp_path}/page.html",
        ],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = (tmp_path / "page.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
