"""The lines of a pass, as the people who run it read them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from reports import run_text
from sla_engine.units import MINUTE, Millis
from tests.reports.desk import NOW

Golden = Callable[[str, str], None]


def test_a_pass_reads_as_agreed(golden: Golden) -> None:
    when = run_text.clock_text(NOW, ZoneInfo("Europe/Berlin"))
    lines = [
        run_text.pull_line(
            when, "jira/acme", tickets=1204, changed=37, since="10:52:01", requests=6, seconds=1.9
        ),
        run_text.pull_line(
            when, "snow/acme", tickets=412, changed=412, since="", requests=1, seconds=1.1
        ),
        *run_text.count_lines(when, "jira/acme", missed=2, absent=["SUP-7", "SUP-9", "SUP-10"]),
        *run_text.count_lines(when, "snow/acme", missed=0, absent=[]),
        *run_text.rewritten_lines(when, "jira/acme", ["SUP-7"]),
        *run_text.rewritten_lines(when, "jira/acme", ["SUP-7", "SUP-8", "SUP-9"]),
        *run_text.rewritten_lines(when, "snow/acme", []),
        run_text.engine_line(when, tickets=49, clocks=93, transitions=9, seconds=0.04),
        *run_text.record_lines(when, restated=1, standing=14),
        *run_text.record_lines(when, restated=0, standing=0),
        run_text.write_line(
            when, "jira/acme", tickets=6, fields=11, comments=2, escalations=1, requests=9
        ),
        run_text.write_line(
            when, "snow/acme", tickets=1, fields=2, comments=0, escalations=0, requests=0,
            observe=True,
        ),
        run_text.write_line(
            when, "jira/idle", tickets=0, fields=0, comments=0, escalations=0, requests=0
        ),
        run_text.behind_line(when, "jira/acme"),
        run_text.held_line(when, "jira/acme", "k7m2qd"),
        run_text.held_line(when, "snow/acme", ""),
        run_text.done_line(
            seconds=3.4, clocks=1616, breached=7, at_risk=31, next_ticket="SUP-231",
            next_in=Millis(37 * MINUTE + 40_000),
        ),
        run_text.done_line(seconds=3.4, clocks=12, breached=0, at_risk=0, failed=1),
        run_text.start_line(version="0.1.0", mode="observe", every=60),
        run_text.sync_line(when, 1, "jira/acme 37 changed · would write 7 tickets", 3.4),
        run_text.stopping_line(when),
    ]  # fmt: skip
    golden("reports/run.txt", "".join(f"{line}\n" for line in lines))
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.004, "0.00 s"), (0.04, "0.04 s"), (1.94, "1.9 s"), (61.0, "61.0 s")]
)
def test_seconds_have_two_figures(seconds: float, said: str) -> None:
    assert run_text.seconds_text(seconds) == said
