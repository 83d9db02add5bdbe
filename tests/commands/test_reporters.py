"""What `sla run` says: a trouble once, while the line of each pass has it in a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands.pass_text import said_of
from commands.reporters import Lines
from connectors.base import UnreachableError
from service.delivery.outcome import PassReport, SourceReport
from tests.service.desks import T0

if TYPE_CHECKING:
    from collections.abc import Sequence

WAITS = SourceReport("desk", "memory", "write", refused="30 tickets wait", held="k7m2qd")
OVER = SourceReport("desk", "memory", "write", refused="60 comments would be written at once")
PART = SourceReport("desk", "memory", "write", braked=(("3 comments an hour are most", 2),))
WELL = SourceReport("desk", "memory", "write")


@pytest.mark.parametrize(
    ("passes", "codes"),
    [
        ([WAITS] * 4, ["SLA308"]),
        ([WAITS, OVER, OVER], ["SLA308", "SLA306"]),
        ([WAITS, WELL, WAITS], ["SLA308", "SLA308"]),
        ([PART, PART], ["SLA319"]),
    ],
)
def test_a_trouble_is_told_as_it_begins(
    passes: Sequence[SourceReport], codes: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    for number, source in enumerate(passes, start=1):
        lines.passed(PassReport(T0, (source,)), number, ())
    said = capsys.readouterr()
    told = [line[6:12] for line in said.err.splitlines() if line.startswith("error[")]
    assert (told, said.out.count("sync #")) == (codes, len(passes))


def test_each_line_has_in_a_word_what_goes_on() -> None:
    words = {
        "desk 0 changed · desk waits for sla approve k7m2qd": WAITS,
        "desk 0 changed · desk over the limits": OVER,
        "desk 0 changed · desk held back in part": PART,
        "desk 0 changed": WELL,
    }
    assert {said_of(PassReport(T0, (source,)), {}): source for source in words.values()} == words


def test_a_connection_that_is_left_alone_stays_in_the_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    down = SourceReport("far", "jira", "write", error=UnreachableError("no way to it"))
    far = SourceReport("far", "jira", "write")
    lines = Lines()
    for number, sources in enumerate([(WELL, down), (WELL,), (), (WELL, far), (WELL,)], start=1):
        lines.passed(PassReport(T0, sources), number, ())
    said = [line.split("  ")[1:] for line in capsys.readouterr().out.splitlines()]
    assert [next(part.strip() for part in parts if part.strip()) for parts in said] == [
        "desk 0 changed · far SLA503",
        "desk 0 changed · far waits after SLA503",
        "far waits after SLA503",
        "desk 0 changed · far 0 changed",
        "desk 0 changed",
    ]
