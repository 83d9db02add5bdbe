"""R4: the first, second, third, ... request or commit of a pass fails, until a pass needs none so
high.

After each, one sound pass makes what a pass without a fault would have made: nothing is lost, and
nothing is said twice. Every third request, every fifth commit; each with HYPOTHESIS_PROFILE=deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import OperationalError
from typing import TYPE_CHECKING

import pytest

import sync
from sandbox.people import PEOPLE, SYNC_BOT
from service.state.store import Store, StoreError
from sla_engine.units import HOUR, MINUTE, Instant, to_iso
from tests.conftest import examples
from tests.connectors.jira_desk import JiraTown

if TYPE_CHECKING:
    from sqlalchemy import Connection

POLICY = """\
schema: sla/v1
policies:
  all:
    match: {project: SUP}
    targets: {resolution: 4h}
    calendar: 24x7
    escalate:
      - at: breach
        do: [{comment: "It is late."}]
"""
TICKETS = 2
State = tuple[dict[str, object], list[object]]
"""Our fields, and the marks of the comments."""


class Requests:
    """Counts the requests of a pass, and lets one of them meet a fault."""

    def __init__(self, kind: str) -> None:
        self.kind, self.count, self._before = kind, 0, 0

    def arm(self, town: JiraTown, number: int) -> None:
        self._before = len(town.log)
        if number:
            town.faults.add(kind=self.kind, path=".", after=number - 1, status=503)

    def disarm(self, town: JiraTown) -> None:
        self.count = len(town.log) - self._before
        town.faults.reset()


class Commits:
    """Counts the transactions of a pass, and lets one of them fail: before it is kept, or after,
    so that nobody knows."""

    def __init__(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kind, self.count, self._wanted = kind, 0, 0
        write = Store.write

        @contextmanager
        def counted(store: Store) -> Iterator[Connection]:
            self.count += 1
            fails = self.count == self._wanted
            with write(store) as db:
                yield db
                if fails and self.kind == "lost":
                    raise OperationalError("disk I/O error")
            if fails:
                raise StoreError("disk I/O error")

        monkeypatch.setattr(Store, "write", counted)

    def arm(self, _: JiraTown, number: int) -> None:
        self.count, self._wanted = 0, number

    def disarm(self, _: JiraTown) -> None:
        self._wanted = 0


def settle(folder: Path, faults: Requests | Commits, number: int) -> tuple[list[State], int, int]:
    """What stands in the tickets after a pass whose request or commit of that number failed, and a
    sound pass; how many of them the first had, and its exit code."""
    folder.mkdir()
    (folder / "policies").mkdir()
    (folder / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    with closing(JiraTown()) as town:
        ids = [town.add(f"ticket {n}") for n in range(TICKETS)]
        entry = f"{{system: jira, url: '{town.served.url}', user: {PEOPLE[SYNC_BOT].email}}}"
        settings = folder / "service.yaml"
        said = (
            f"connections:\n  jira/acme: {entry}\nmode: write\nlimits: {{share_of_tickets: 100%}}\n"
        )
        settings.write_text(said, encoding="utf-8")

        def run(later: int) -> int:
            at = Instant(town.clock.now() + later)
            town.clock.set(at)
            words = ["run", "--once", "--force", "--config", str(settings), "--now", to_iso(at)]
            code = sync.run(words)
            assert code != sync.BUG
            return code

        run(0)  # from here on it counts what it meets
        faults.arm(town, number)
        code = run(5 * HOUR)
        faults.disarm(town)
        met = faults.count
        run(40 * MINUTE)
        return [state_of(town, one) for one in ids], met, code


def state_of(town: JiraTown, identity: str) -> State:
    issue = town.issue(identity)
    ours = {f.id for f in town.desk.fields.values() if f.name.startswith("SLA ")}
    comments = [one.properties.get("sla-sync") for one in issue.comments]
    return {name: value for name, value in issue.fields.items() if name in ours}, comments


def each_fails(folder: Path, faults: Requests | Commits, step: int) -> None:
    sound, met, code = settle(folder / "sound", faults, 0)
    assert code == 0
    assert all(len(comments) == 1 for _, comments in sound)
    felt = 0
    for number in range(1, met + 1, step):
        found, _, code = settle(folder / str(number), faults, number)
        assert found == sound, f"{faults.kind} {number} of {met}"
        felt += code != 0
    assert felt  # a few are not needed, such as what is asked once more


@pytest.mark.parametrize("kind", ["status", "drop", "apply-then-drop"])
def test_whichever_request_fails_nothing_is_lost_or_said_twice(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)  # else the next try would heal it
    each_fails(tmp_path, Requests(kind), examples(3, 1))


@pytest.mark.parametrize("kind", ["lost", "kept"])
def test_whichever_commit_fails_nothing_is_lost_or_said_twice(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    each_fails(tmp_path, Commits(kind, monkeypatch), examples(5, 1))
