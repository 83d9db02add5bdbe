"""The status screen: fresh or not is told by a word and a symbol."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec

from reports import screen
from reports.held import MENDS, Failing, Holding
from reports.status import Source, render_status, status_json
from service.delivery.withheld import REASONS
from sla_engine.units import DAY, HOUR, MINUTE, SECOND, Instant, Millis
from tests.reports.desk import NOW

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")
LIMIT = Millis(10 * MINUTE)


def ago(length: int) -> Instant:
    return Instant(NOW - length)


JIRA = Source(
    "jira/acme", ago(41 * SECOND), ago(41 * SECOND), "", 0, 312, "write", 1204, LIMIT,
    ago(3 * HOUR), 1198, 0, [(f"SUP-{n}", ago(n * DAY)) for n in (1, 2, 3, 4)],
)  # fmt: skip
SNOW = Source(
    "snow/acme", ago(14 * MINUTE), ago(20 * SECOND), "timed out", 96, 40, "observe", 412, LIMIT,
    ago(30 * HOUR), 412, 37,
)  # fmt: skip
NEW = Source("snow/new", None, None, "", 0, 0, "observe", 0, LIMIT)


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    found = render_status(
        (JIRA, SNOW, NEW),
        now=NOW,
        zone=BERLIN,
        policies="a1f3c9e",
        clocks=1616,
        state="state.db 34 MB",
    )
    golden("reports/status.txt", screen.text(found))


def test_a_failing_source_is_counted_while_its_data_are_young() -> None:
    failing = msgspec.structs.replace(JIRA, failure="SLA401 no token")
    found = [
        screen.text(render_status(
            sources, now=NOW, zone=BERLIN, policies="p", clocks=0, state="s"
        ))
        for sources in ((JIRA,), (JIRA, failing), (failing, SNOW), (JIRA, NEW))
    ]  # fmt: skip
    ends = [text.partition("Policies p · ")[2].rpartition("s · ")[2].splitlines() for text in found]
    doctor = "Next  sla doctor asks each system, now"
    assert ends == [
        ["all connections fresh"],
        ["connections: 1 failing", doctor],
        ["connections: 1 not fresh, 2 failing", doctor],
        [
            "connections: 1 not fresh",
            "Next  sla run keeps the data fresh; sla run --once pulls now",
        ],
    ]
    assert "▲ jira/acme" in found[1]


def test_data_is_fresh_up_to_its_limit() -> None:
    edge = Source("x", ago(LIMIT), ago(LIMIT), "", 0, 0, "write", 1, LIMIT)
    late = Source("y", ago(LIMIT + 1), ago(LIMIT + 1), "", 0, 0, "write", 1, LIMIT)
    told = status_json((edge, late, NEW), now=NOW, policies="p", clocks=0)
    assert isinstance(told, dict)
    sources = told["sources"]
    assert isinstance(sources, list)
    assert [source["fresh"] for source in sources if isinstance(source, dict)] == [
        True,
        False,
        False,
    ]


def test_a_source_that_was_never_read_has_no_age() -> None:
    told = status_json((NEW,), now=NOW, policies="p", clocks=0)
    assert isinstance(told, dict)
    assert '"age": None' in str(told["sources"]).replace("'", '"')


def test_what_holds_writing_back_and_what_fails_is_told(golden: Golden) -> None:
    holding = (
        Holding("", "halted", "they complain", ago(3 * HOUR), by="ada"),
        Holding("jira/acme", "approval", "the policies changed", ago(MINUTE), plan="k7m2qd"),
    )
    failing = [
        Failing("jira/acme", f"SUP-{n}", "write", "SLA due: not on the screen", ago(n * HOUR), n,
                Instant(NOW + HOUR), quarantined=n > 5)
        for n in range(1, 13)
    ]  # fmt: skip
    failing[0] = msgspec.structs.replace(failing[0], stage="read", next_at=NOW)
    found = render_status(
        (JIRA,),
        now=NOW,
        zone=BERLIN,
        policies="a1f3c9e",
        clocks=1616,
        state="state.db 34 MB",
        holding=holding,
        failing=failing,
    )
    golden("reports/status_held.txt", screen.text(found))


def test_every_reason_has_its_end() -> None:
    assert {"halted", *REASONS} == {*MENDS}
