"""`sla backtest` and `sla diff` as a policy author types them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import sync
from service.state import keeping
from service.state.store import open_store
from sla_engine.units import HOUR, Instant
from tests.service import desks

LOG = """ticket,at,status,priority
OPS-1,2026-11-02T09:00:00Z,Open,P1
OPS-1,2026-11-02T10:00:00Z,Done,P1
OPS-2,2026-11-09T09:00:00Z,Open,P1
OPS-2,2026-11-09T12:00:00Z,Done,P1
OPS-3,2026-11-16T09:00:00Z,Open,P2
"""
SETTINGS = """
connections:
  log:
    system: event_log
    path: log.csv
    columns: {ticket: ticket, at: at}
    done_states: [Done]
"""
POLICY = """schema: sla/v1
fields:
  status: {event_log: status}
  priority: {event_log: priority}
policies:
  operations:
    match: {system: event_log}
    calendar: 24x7
    targets: {resolution: {P1: 4h, default: 200d}}
"""


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Author:
    """Types commands in a folder that is a repository; POLICY is committed, 2 h lies there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.policy = folder / "policies" / "operations.yaml"
        self._capsys = capsys

    def __call__(self, *words: str) -> Ended:
        self._capsys.readouterr()
        return Ended(sync.run(words), *self._capsys.readouterr())

    def changes(self, *words: str) -> list[tuple[str, str]]:
        """(ticket, fate after) of what `sla diff` or `sla backtest` finds."""
        ended = self(*words, "--format", "json")
        assert ended.code == 0, ended.err
        told: dict[str, Any] = json.loads(ended.out)
        return [(change["ticket"], change["after"]["fate"]) for change in told["changes"]]


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@desk.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)


@pytest.fixture
def author(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Author:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("SLA_CONFIG", raising=False)
    made = Author(tmp_path, capsys)
    made.policy.parent.mkdir()
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "service.yaml").write_text(SETTINGS)
    made.policy.write_text(POLICY)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "4 h")
    made.policy.write_text(POLICY.replace("4h", "2h"))
    return made


MISSED = [("OPS-2", "breached")]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("main",),
        ("main..",),
        ("HEAD", "policies"),
        ("main..", "--jobs", "2"),
        ("main", "policies/operations.yaml"),
        ("--connection", "log"),
    ],
    ids=" ".join,
)
def test_a_diff_tells_who_fares_otherwise(author: Author, words: tuple[str, ...]) -> None:
    assert author.changes("diff", *words) == MISSED


def test_two_revisions_are_compared(author: Author) -> None:
    git(Path(), "commit", "-q", "-a", "-m", "2 h")
    author.policy.unlink()
    assert author.changes("diff", "main~1..main") == MISSED
    assert author.changes("diff", "main", "main~1") == [("OPS-2", "met")]


def test_a_backtest_tries_a_draft(author: Author) -> None:
    Path("draft.yaml").write_text(POLICY.replace("4h", "30m"))
    found = author.changes("backtest", "--policy", "draft.yaml")
    assert found == [("OPS-1", "breached")]


def test_the_screen_reads_as_agreed(author: Author) -> None:
    ended = author("diff", "--until", "2026-11-20")
    assert ended.code == 0
    assert ended.err == ""
    head, answer, *_, last = ended.out.splitlines()
    assert head.startswith("Policies HEAD (")
    assert answer == "Met 100.0 % → 50.0 % (-50.0 pt): 1 new breach, 0 gone."
    assert last == "3 tickets, whole history · nothing was written"


def test_markdown_begins_with_a_heading(author: Author) -> None:
    ended = author("diff", "--format", "markdown")
    assert ended.out.startswith("### SLA policies: HEAD → working tree\n\n**Met ")
    assert "| OPS-2 | operations.resolution | met → missed | 3 h | limit 4 h → 2 h |" in ended.out


@pytest.mark.parametrize(
    ("since", "until", "decided"),
    [
        ("2026-11-09", "2026-11-20", 1),
        ("2026-11-09T12:01:00Z", "2026-11-20", 0),
        ("2026-11-09T13:00:00+01:00", "2026-11-20", 1),
        ("2026-11-01", "2026-11-09", 1),
        ("19d", "2026-11-20", 2),
        ("2w", "2026-11-20", 1),
    ],
)
def test_only_what_was_decided_in_the_time_counts(
    author: Author, since: str, until: str, decided: int
) -> None:
    author.policy.write_text(POLICY)
    ended = author("diff", "--since", since, "--until", until, "--format", "json")
    promises = json.loads(ended.out)["promises"]
    assert sum(one["before"]["met"] for one in promises) == decided


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("diff", "nope.."), 64, '"nope" is neither a policy folder nor a revision git knows'),
        (("backtest",), 64, "missing option '--policy'"),
        (("backtest", "--policy", "nope"), 64, "Path 'nope' does not exist"),
        (("diff", "--since", "tomorrow"), 64, "'tomorrow' is no time; write 90d"),
        (("diff", "--since", "3bd"), 64, "'3bd' is no time"),
        (("diff", "--since", "2026-02-30"), 64, "'2026-02-30' is no time"),
        (
            ("diff", "--since", "2026-02-02", "--until", "2026-02-02"),
            64,
            "--since is not before --until",
        ),
        (("diff", "--connection", "lag"), 64, 'no connection "lag" in service.yaml; did you mean'),
        (("diff", "--jobs", "0"), 64, "--jobs"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_typed_wrong_is_told(
    author: Author, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = author(*words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_a_mistake_in_a_revision_is_told_where_it_is(author: Author) -> None:
    author.policy.write_text(POLICY.replace("4h", "4hh"))
    git(Path(), "commit", "-q", "-a", "-m", "a slip")
    ended = author("diff", "HEAD..")
    assert ended.code == 1
    assert "--> HEAD:policies/operations.yaml:9:32" in ended.err
    assert "targets: {resolution: {P1: 4hh, default: 200d}}" in ended.err


def test_a_log_without_its_column_is_told(author: Author) -> None:
    Path("log.csv").write_text("ticket,when\nA,B\n")
    ended = author("diff")
    assert ended.code == 3
    assert 'has no column "at"' in ended.err


def test_what_cannot_be_read_is_told_and_the_rest_is_judged(author: Author) -> None:
    with Path("log.csv").open("a") as log:
        log.write("OPS-9,never,Open,P1\n")
    ended = author("diff")
    assert ended.code == 3
    assert "OPS-9: line 7: " in ended.err
    assert "1 new breach" in ended.out


# What is kept


def keep(author: Author) -> None:
    """A desk whose tickets are kept, four hours old and open, beside the log."""
    Path("service.yaml").write_text(
        "connections:\n  desk:\n    system: jira\n    url: https://desk.example\n"
        "    user: sla-bot@desk.example\n    projects: [SUP]\n"
    )
    text = POLICY.replace("system: event_log", "priority: P2").replace("200d", "9h")
    author.policy.write_text(text)
    git(Path(), "commit", "-q", "-a", "-m", "9 h")
    author.policy.write_text(text.replace("9h", "3h"))
    with open_store("state.db", writer=True) as store, store.write() as db:
        keeping.keep(db, [desks.ticket(1), desks.ticket(2)], desks.T0)


def until(hours: int) -> tuple[str, str]:
    from sla_engine.units import to_iso

    return "--until", to_iso(Instant(desks.T0 + hours * HOUR))


def test_a_kept_desk_is_judged_as_of_then(author: Author) -> None:
    keep(author)
    late = [("SUP-1", "breached"), ("SUP-2", "breached")]
    assert author.changes("diff", *until(4)) == late
    assert author.changes("diff", *until(4), "--jobs", "2") == late
    assert author.changes("diff", *until(2)) == []


def test_a_field_read_elsewhere_is_warned_of(author: Author) -> None:
    keep(author)
    text = author.policy.read_text()
    author.policy.write_text(text.replace("status: {", "status: {jira: customfield_1, "))
    ended = author("diff", *until(4))
    assert ended.code == 0
    assert 'warning: the two read "status" from other fields' in ended.err


def test_where_nothing_is_kept_the_next_step_is_told(author: Author) -> None:
    keep(author)
    Path("state.db").unlink()
    ended = author("diff")
    assert ended.code == 1
    assert "nothing is kept yet at " in ended.err
    assert "run: sla run --once" in ended.err
