"""What is written into tickets: words, instants and frozen figures, never a countdown."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine import wording
from sla_engine.conditions import ALWAYS
from sla_engine.model import At, Reached, Ref, Span, Verdict
from sla_engine.terms import Policy
from sla_engine.units import HOUR, MINUTE, Instant, Millis, parse_iso

BERLIN = ZoneInfo("Europe/Berlin")
REF = Ref("jira", "SUP-1", "10001")
H4 = Millis(4 * HOUR)
WARNED = (Reached("75%", Instant(0)),)
SUPPORT = Policy("support", ALWAYS, (), describe="Promises for paying customers.")


def at(text: str) -> Instant:
    found = parse_iso(f"2026-11-{text}:00+01:00")
    assert found is not None
    return found


def span(phase: str, start: str, end: str, counted: int, reason: str, cause: str) -> Span:
    return msgspec.convert(
        {
            "start": at(start),
            "end": at(end),
            "phase": phase,
            "cause": cause,
            "reason": reason,
            "counted": counted,
            "calendar": "berlin",
            "limit": H4,
        },
        Span,
    )


BASE = Verdict(REF, "support", "a1f3c9e", "resolution", 1, "running", "running", at("20T08:00"))
RUNNING = msgspec.structs.replace(
    BASE, limit=H4, elapsed=Millis(HOUR), left=Millis(3 * HOUR), due_at=at("21T11:30")
)
AT_RISK = msgspec.structs.replace(
    RUNNING, elapsed=Millis(202 * MINUTE), left=Millis(38 * MINUTE), steps=WARNED
)
BREACHED = msgspec.structs.replace(
    AT_RISK,
    state="breached",
    elapsed=Millis(5 * HOUR),
    left=Millis(-HOUR),
    breached_at=at("21T11:30"),
)
PAUSED = msgspec.structs.replace(
    RUNNING,
    state="paused",
    phase="paused",
    due_at=None,
    left=Millis(185 * MINUTE),
    steps=WARNED,
    spans=(
        span("running", "20T08:00", "20T08:55", 55 * MINUTE, "created", "created"),
        span("paused", "20T08:55", "20T12:00", 0, "Waiting for customer", "history 88240"),
    ),
)
LATE_PAUSED = msgspec.structs.replace(BREACHED, phase="paused", spans=PAUSED.spans)
MISSED = msgspec.structs.replace(
    BREACHED, phase="stopped", due_at=None, stopped_at=at("21T12:30"), spans=PAUSED.spans
)
DOWNGRADED = msgspec.structs.replace(MISSED, limit=Millis(27 * HOUR), left=Millis(22 * HOUR))
MET = msgspec.structs.replace(
    BASE,
    clock="first_response",
    state="met",
    phase="stopped",
    stopped_at=at("20T08:12"),
    elapsed=Millis(12 * MINUTE),
    limit=Millis(30 * MINUTE),
    left=Millis(18 * MINUTE),
)
TOLERATED = msgspec.structs.replace(MET, state="tolerated")
NOTHING = msgspec.structs.replace(BASE, state="none")
UNKNOWN = msgspec.structs.replace(BASE, state="unknown", reason="40 of 55 changes are readable")
LATE_OLA = msgspec.structs.replace(
    BREACHED, policy="net", clock="handoff", of="Network", type="ola"
)
CANCELLED = msgspec.structs.replace(MET, state="cancelled")
EVERY = (RUNNING, AT_RISK, BREACHED, PAUSED, LATE_PAUSED, MISSED, MET, TOLERATED, NOTHING, UNKNOWN)


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        pytest.param((), "", id="no clock"),
        pytest.param((NOTHING, UNKNOWN), "", id="nothing promised or nothing known"),
        pytest.param((RUNNING,), "On track", id="running"),
        pytest.param((AT_RISK, RUNNING), "At risk", id="a step reached"),
        pytest.param((PAUSED,), "Paused", id="paused though warned before"),
        pytest.param((PAUSED, RUNNING), "On track", id="another clock runs"),
        pytest.param((LATE_PAUSED, AT_RISK), "Breached", id="late even while paused"),
        pytest.param((MET, BREACHED), "Breached", id="open and over"),
        pytest.param((MISSED, RUNNING), "On track", id="what is finished waits"),
        pytest.param((MET, MISSED), "Missed", id="finished, one over"),
        pytest.param((MET, TOLERATED), "Met", id="over the aim is within the promise"),
        pytest.param(
            (LATE_OLA, MET), "Met", id="a team was late, the customer was not kept waiting"
        ),
        pytest.param((LATE_OLA, UNKNOWN), "", id="a promise of which nothing is known"),
        pytest.param((LATE_OLA, NOTHING, CANCELLED), "Breached", id="no customer was promised it"),
    ],
)
def test_the_status_is_the_most_urgent_word(verdicts: tuple[Verdict, ...], word: str) -> None:
    assert wording.status_word(verdicts) == word


@pytest.mark.parametrize(
    ("verdicts", "line"),
    [
        ((), ""),
        ((RUNNING,), "Resolution due Sat 21 Nov 11:30 CET · target 4 h"),
        (
            (MET, PAUSED),
            (
                "Resolution paused (Waiting for customer), 3 h 05 min left"
                " · First response met in 12 min"
            ),
        ),
        ((BREACHED,), "Resolution breached, was due Sat 21 Nov 11:30 CET · target 4 h"),
        ((LATE_PAUSED,), "Resolution breached by 1 h, paused (Waiting for customer)"),
        ((MISSED,), "Resolution missed by 1 h, was due Sat 21 Nov 11:30 CET"),
        ((DOWNGRADED,), "Resolution missed, was due Sat 21 Nov 11:30 CET"),
        (
            (msgspec.structs.replace(DOWNGRADED, left=Millis(0)),),
            "Resolution missed, was due Sat 21 Nov 11:30 CET",
        ),
        ((UNKNOWN,), "SLA unknown: 40 of 55 changes are readable"),
        (
            (LATE_OLA, MET),
            (
                "First response met in 12 min"
                " · Handoff of Network (OLA) breached, was due Sat 21 Nov 11:30 CET · target 4 h"
            ),
        ),
        (
            (msgspec.structs.replace(RUNNING, due_at=None),),
            "Resolution has no due date · target 4 h",
        ),
        ((NOTHING,), ""),
    ],
)
def test_the_summary_reads_as_a_sentence(verdicts: tuple[Verdict, ...], line: str) -> None:
    assert wording.summary_line(verdicts, BERLIN) == line


def test_the_summary_tells_the_latest_cycle_only() -> None:
    again = msgspec.structs.replace(RUNNING, cycle=2)
    assert wording.summary_line((again, MISSED), BERLIN).startswith("Resolution due")


def test_looking_later_changes_no_field() -> None:
    for verdict in (RUNNING, AT_RISK, BREACHED):
        later = msgspec.structs.replace(
            verdict,
            elapsed=Millis(verdict.elapsed + MINUTE),
            left=Millis((verdict.left or 0) - MINUTE),
        )
        for kind in ("due", "state", "summary", "missed", "policy", "breached_at"):
            assert wording.published(kind, (verdict,), BERLIN) == wording.published(
                kind, (later,), BERLIN
            )


@given(st.lists(st.sampled_from(EVERY), max_size=5), st.text(max_size=200), st.randoms())
def test_the_summary_fits_and_the_order_of_verdicts_is_nothing(
    verdicts: list[Verdict], clock: str, random: object
) -> None:
    named = [
        msgspec.structs.replace(v, clock=f"{clock}{n}", cycle=n) for n, v in enumerate(verdicts)
    ]
    line = wording.summary_line(named, BERLIN)
    assert len(line) <= wording.SUMMARY_LENGTH
    assert line == wording.summary_line(named[::-1], BERLIN)
    assert wording.status_word(named) == wording.status_word(named[::-1])


def test_due_is_the_next_deadline_of_what_runs() -> None:
    earlier = msgspec.structs.replace(RUNNING, clock="update", due_at=at("21T09:00"))
    assert wording.due((RUNNING, earlier, MET, PAUSED)) == at("21T09:00")
    assert wording.due((PAUSED, MET, MISSED, LATE_PAUSED)) is None


def test_missed_names_each_clock_once_and_only_when_finished() -> None:
    again = msgspec.structs.replace(MISSED, cycle=2)
    response = msgspec.structs.replace(MISSED, clock="first_response")
    assert wording.missed((MISSED, again, response)) == ("first-response", "resolution")
    assert wording.missed((BREACHED, MET)) == ()


@pytest.mark.parametrize(
    ("kind", "verdicts", "value"),
    [
        ("due", (RUNNING,), At(at("21T11:30"))),
        ("due", (PAUSED,), None),
        ("state", (RUNNING,), "On track"),
        ("state", (), None),
        ("summary", (), None),
        ("missed", (MISSED,), ("resolution",)),
        ("missed", (MET,), None),
        ("policy", (MET, RUNNING, NOTHING), "support"),
        ("policy", (UNKNOWN,), None),
        ("breached_at", (MISSED, RUNNING), At(at("21T11:30"))),
        ("breached_at", (RUNNING,), None),
        ("due", (LATE_OLA, RUNNING), At(at("21T11:30"))),
        ("due", (LATE_OLA, PAUSED), None),
        ("breached_at", (LATE_OLA, RUNNING), None),
        (
            "missed",
            (msgspec.structs.replace(LATE_OLA, stopped_at=at("21T12:30")),),
            ("ola-handoff-network",),
        ),
    ],
)
def test_a_field_shows_a_value_of_its_kind(
    kind: str, verdicts: tuple[Verdict, ...], value: object
) -> None:
    assert wording.published(kind, verdicts, BERLIN) == value  # type: ignore[arg-type] # from a table


@pytest.mark.parametrize(
    ("verdict", "step", "told", "attention", "lines"),
    [
        pytest.param(
            AT_RISK,
            "75%",
            ("slack:#duty",),
            ("assignee",),
            (
                "[At risk] Resolution: 38 min left, due Sat 21 Nov 11:30 CET (84 % of 4 h used).",
                "Promise: Promises for paying customers (support).",
                "Told: #duty.",
                "For the attention of: assignee.",
                "Next: resolve it, or set a waiting status if it waits for the customer.",
            ),
            id="a warning",
        ),
        pytest.param(
            BREACHED,
            "breach",
            ("slack:#payments", "pager"),
            ("assignee", "team_lead"),
            (
                "[Breached] Resolution was due Sat 21 Nov 11:30 CET; 5 h used of 4 h.",
                "Promise: Promises for paying customers (support).",
                "Escalated to: #payments, pager.",
                "For the attention of: assignee, team lead.",
                "Next: resolve it, or set a waiting status if it waits for the customer.",
            ),
            id="a breach",
        ),
        pytest.param(
            MISSED,
            "breach",
            (),
            (),
            (
                "[Missed] Resolution was due Sat 21 Nov 11:30 CET; 5 h used of 4 h.",
                "Promise: Promises for paying customers (support).",
            ),
            id="told late, after the end",
        ),
        pytest.param(
            MET,
            "50%",
            (),
            (),
            (
                "[Met] First response done in 12 min of 30 min.",
                "Promise: Promises for paying customers (support).",
            ),
            id="a warning told late",
        ),
    ],
)
def test_a_comment_tells_the_truth_of_now(
    verdict: Verdict,
    step: str,
    told: tuple[str, ...],
    attention: tuple[str, ...],
    lines: tuple[str, ...],
) -> None:
    assert wording.comment_lines(verdict, step, SUPPORT, BERLIN, told, attention) == lines


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [(0, "at once"), (59_999, "at once"), (60_000, "in 1 min"), (12 * MINUTE, "in 12 min")],
)
def test_what_took_less_than_a_minute_was_met_at_once(elapsed: int, said: str) -> None:
    swift = msgspec.structs.replace(MET, elapsed=Millis(elapsed))
    assert wording.summary_line((swift,), BERLIN) == f"First response met {said}"


def test_a_comment_names_the_aim_when_that_is_passed() -> None:
    aimed = msgspec.structs.replace(AT_RISK, aim=Millis(2 * HOUR))
    silent = msgspec.structs.replace(SUPPORT, describe="")
    line = wording.comment_lines(aimed, "aim", silent, BERLIN, ())[0]
    assert line.endswith("used). The aim of 2 h is passed.")


def test_the_detail_lists_every_segment_with_its_cause() -> None:
    assert wording.comment_detail(PAUSED, BERLIN) == (
        "Fri 20 Nov 08:00 CET → Fri 20 Nov 08:55 CET · running · 55 min · total 55 min · created",
        (
            "Fri 20 Nov 08:55 CET → Fri 20 Nov 12:00 CET · paused · 0 min · total 55 min"
            " · Waiting for customer (history 88240)"
        ),
    )
