"""R4: the first, second, third, ... request or commit of a pass fails, until a pass needs none so
high.

After each, one sound pass makes what a pass without a fault would have made: nothing is lost, and
nothing is said twice. Every third request, every fifth commit; each with HYPOTHESIS_PROFILE=deep.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

import sync
from sandbox.people import PEOPLE, SYNC_BOT
from sla_engine.units import HOUR, MINUTE, Instant, to_iso
from tests.conftest import examples
from tests.connectors.jira_desk import JiraTown

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


def settle(folder: Path, kind: str, number: int) -> tuple[list[State], int, int]:
    """What stands in the tickets after a pass whose request of that number met the fault, and a
    sound pass; how many requests the first of them sent, and its exit code."""
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
        before = len(town.log)
        if number:
            town.faults.add(kind=kind, path=".", after=number - 1, status=503)
        code = run(5 * HOUR)
        sent = len(town.log) - before
        town.faults.reset()
        run(40 * MINUTE)
        return [state_of(town, one) for one in ids], sent, code


def state_of(town: JiraTown, identity: str) -> State:
    issue = town.issue(identity)
    ours = {f.id for f in town.desk.fields.values() if f.name.startswith("SLA ")}
    comments = [one.properties.get("sla-sync") for one in issue.comments]
    return {name: value for name, value in issue.fields.items() if name in ours}, comments


@pytest.mark.parametrize("kind", ["status", "drop", "apply-then-drop"])
def test_whichever_request_fails_nothing_is_lost_or_said_twice(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)  # else the next try would heal it
    sound, requests, code = settle(tmp_path / "sound", kind, 0)
    assert code == 0
    assert all(len(comments) == 1 for _, comments in sound)
    felt = 0
    for number in range(1, requests + 1, examples(3, 1)):
        found, _, code = settle(tmp_path / str(number), kind, number)
        assert found == sound, f"request {number} of {requests}"
        felt += code != 0
    assert felt  # a few are not needed, such as what is asked once more
