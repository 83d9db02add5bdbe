"""What sla doctor makes of systems and of this machine; what only writers need waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path

import msgspec
import pytest

from connectors.base import Allowance, AuthError, Connector, Finding, Use
from connectors.memory import MemoryConnector
from service.delivery.channels import Channel, Channels
from service.delivery.skew import HOLD, WARN
from service.setup.settings import load_text
from service.setup.sources import Mode, Source
from service.state.store import open_store
from service.watch.examining import Examined, examine, expiry_finding, uses_of
from service.watch.machine import examine_machine, resets_wal_badly
from service.watch.metrics import Metrics
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import DAY, MINUTE, Instant, Millis, parse_iso

NOW = Instant(1_794_846_600_000)
POLICIES = """
schema: sla/v1
policies:
  support:
    match: {system: jira}
    calendar: 24x7
    targets: {resolution: 8h}
    escalate: [{at: breach, do: [{assign: Duty}, {comment: Late}]}]
"""


class Strict(MemoryConnector):
    """Lacks a right to write."""

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        yield Finding("problem", "edit issues", "missing", "grant it", True)


def looked(connector: Connector, mode: Mode = "write", took: float = 0.1) -> Examined:
    source = Source("memory", "memory", mode, "", lambda: connector)
    times = iter([0.0, took])
    return examine(source, "here", Policies(), lambda: NOW, lambda: next(times))


def mark(examined: Examined, what: str) -> str:
    return next(one.mark for one in examined.findings if one.what == what)


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (NOW - WARN, "ok"),
        (NOW - WARN - 1, "warning"),
        (NOW + HOLD, "warning"),
        (NOW + HOLD + 1, "problem"),
    ],
)
def test_clocks_that_are_apart_are_told(theirs: int, expected: str) -> None:
    connector = MemoryConnector()
    connector.theirs = Instant(theirs)
    assert mark(looked(connector), "clock") == expected


@pytest.mark.parametrize(
    ("grants", "mark", "said"),
    [
        (Allowance(1200, 5000), "ok", "1,200 of 5,000 left"),
        (Allowance(10, 50, Millis(12 * MINUTE)), "ok", "10 of 50 left, whole again in 12 min"),
        (Allowance(9, 50), "warning", "9 of 50 left"),
        (Allowance(3), "ok", "3 left"),
        (
            Allowance(None, 500, Millis(MINUTE)),
            "ok",
            "500 granted, how much is left is not told, whole again in 1 min",
        ),
    ],
)
def test_what_a_system_still_grants_is_told(grants: Allowance, mark: str, said: str) -> None:
    connector = MemoryConnector()
    assert "rate limit" not in {one.what for one in looked(connector).findings}
    connector.grants = grants
    found = looked(connector).findings[-1]
    assert (found.mark, found.what, found.said) == (mark, "rate limit", said)
    assert ("connections.memory.rate" in found.mend) == (mark == "warning")


def test_what_only_writing_needs_is_no_problem_in_mode_observe() -> None:
    assert mark(looked(Strict(), "write"), "edit issues") == "problem"
    seen = looked(Strict(), "observe")
    assert mark(seen, "edit issues") == "warning"
    assert "mode write will need it" in seen.findings[-1].said


def test_a_system_that_refuses_is_a_problem_with_its_fix() -> None:
    connector = MemoryConnector()
    facts = (("token", "from X, 9 characters  (never printed)"), ("likely", "it expired"))
    connector.broken = AuthError("no token", (("tried", "GET /"), *facts, ("fix", "make one")))
    connector.check = lambda: connector._raise_if_broken()  # type: ignore[method-assign]
    found = looked(connector).findings[-1]
    assert (found.mark, found.said, found.mend) == (
        "problem",
        "SLA401 no token: from X, 9 characters (never printed); it expired",
        "make one",
    )


def test_a_slow_answer_is_worth_a_word() -> None:
    assert mark(looked(MemoryConnector(), took=6.0), "answers") == "warning"


def test_the_ladders_and_published_fields_say_which_rights_are_needed() -> None:
    policies, problems = load_texts({"p.yaml": POLICIES})
    assert not problems
    assert uses_of(policies, "jira") == {"edit", "assign", "comment"}
    bare = msgspec.structs.replace(policies, policies=())
    assert uses_of(bare, "jira") == {"edit"}
    assert uses_of(bare, "event_log") == set()


def machine(folder: Path, channels: Channels) -> Examined:
    text = "connections: {log: {system: event_log, path: x.csv, columns: {ticket: a, at: b}}}"
    settings, _ = load_text(text, folder / "service.yaml", {})
    assert settings is not None
    return examine_machine(settings, channels)


def test_a_state_is_looked_at_and_never_made(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    assert mark(machine(tmp_path, Channels()), "state") == "ok"
    assert not state.exists()
    open_store(str(state), writer=True).close()
    assert mark(machine(tmp_path, Channels()), "state") == "ok"
    state.chmod(0o644)
    assert "others on this machine" in machine(tmp_path, Channels()).findings[-2].said
    whole = state.read_bytes()
    state.write_bytes(whole[:-8192] + b"x" * 4096 + whole[-4096:])
    found = next(one for one in machine(tmp_path, Channels()).findings if one.what == "state")
    assert (found.mark, found.said[:14]) == ("problem", "damaged: Page ")
    assert "sla restore FILE" in found.mend
    state.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert mark(machine(tmp_path, Channels()), "state") == "problem"


BAD_SQLITE = [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 2)]
GOOD_SQLITE = [(3, 6, 23), (3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 52, 0), (3, 53, 1)]


@pytest.mark.parametrize("version", BAD_SQLITE + GOOD_SQLITE)
def test_versions_of_sqlite_that_may_damage_a_file_are_known(version: tuple[int, int, int]) -> None:
    assert resets_wal_badly(version) == (version in BAD_SQLITE)


EXPIRY = [
    (31, "ok", "they end on 2027-03-01, in 31 days"),
    (30, "warning", "in 30 days"),
    (8, "warning", "in 8 days"),
    (7, "problem", "in 7 days"),
    (0, "problem", "in 0 days"),
    (-1, "problem", "they ended on 2027-03-01"),
]


@pytest.mark.parametrize(("days", "expected", "said"), EXPIRY)
def test_credentials_that_end_soon_are_told(days: int, expected: str, said: str) -> None:
    end = parse_iso("2027-03-01T00:00:00Z")
    assert end is not None
    found = expiry_finding(end, Instant(end - days * DAY))
    assert found.mark == expected
    assert said in found.said
    assert bool(found.mend) == (expected != "ok")


def test_a_channel_without_an_address_is_told(tmp_path: Path) -> None:
    channels = Channels({"ops": Channel(lambda: ""), "lead": Channel(lambda: "x")}, lambda *_: True)
    found = machine(tmp_path, channels).findings[-1]
    assert (found.mark, found.said) == ("warning", "no address for ops: nobody gets those messages")


def test_a_metric_tells_when_credentials_end_where_it_is_known(tmp_path: Path) -> None:
    text = """
connections:
  a: {system: jira, url: https://a.example, token_expires: 2027-03-01}
  b: {system: jira, url: https://b.example}
"""
    settings, problems = load_text(text, tmp_path / "service.yaml", {})
    assert settings is not None, problems
    told = Metrics(settings, "v1").text().decode()
    ends = [line for line in told.splitlines() if line.startswith("sla_token_expiry")]
    assert ends == ['sla_token_expiry_timestamp_seconds{source="a"} 1.8038592e+09']
