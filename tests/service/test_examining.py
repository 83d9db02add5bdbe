"""What sla doctor makes of systems and of this machine; what only writers need waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path

import msgspec
import pytest

from connectors.base import AuthError, Connector, Finding, Use
from connectors.memory import MemoryConnector
from service.delivery.channels import Channel, Channels
from service.delivery.skew import HOLD, WARN
from service.setup.settings import load_text
from service.setup.sources import Mode, Source
from service.state.store import open_store
from service.watch.examining import Examined, examine, uses_of
from service.watch.machine import examine_machine
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import Instant

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


def test_what_only_writing_needs_is_no_problem_in_mode_observe() -> None:
    assert mark(looked(Strict(), "write"), "edit issues") == "problem"
    seen = looked(Strict(), "observe")
    assert mark(seen, "edit issues") == "warning"
    assert "mode write will need it" in seen.findings[-1].said


def test_a_system_that_refuses_is_a_problem_with_its_fix() -> None:
    connector = MemoryConnector()
    connector.broken = AuthError("no token", (("likely", "it expired"), ("fix", "make one")))
    connector.check = lambda: connector._raise_if_broken()  # type: ignore[method-assign]
    found = looked(connector).findings[-1]
    assert (found.mark, found.said, found.mend) == (
        "problem",
        "SLA401 no token: it expired",
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
    state.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert mark(machine(tmp_path, Channels()), "state") == "problem"


def test_a_channel_without_an_address_is_told(tmp_path: Path) -> None:
    channels = Channels({"ops": Channel(lambda: ""), "lead": Channel(lambda: "x")}, lambda *_: True)
    found = machine(tmp_path, channels).findings[-1]
    assert (found.mark, found.said) == ("warning", "no address for ops: nobody gets those messages")
