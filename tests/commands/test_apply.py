"""sla plan --out, apply, revert and status --runs over HTTP, as people type them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from sandbox.jira.schema import STATUSES
from sandbox.running import start
from sandbox.servicenow.writing import Hand, update
from sla_engine.units import HOUR, MINUTE, Instant, to_iso
from tests.crash.desk import INCIDENTS, ISSUES, CrashDesk
from tests.test_sync import Ended, Shell

STATUS_IDS = {status.name: status.id for status in STATUSES.values()}


CLOUD = pytest.mark.parametrize("town", ["cloud"], indirect=True)


class Town:
    """Seven tickets in two systems, a service that was armed yesterday, and a shell beside it."""

    def __init__(self, desk: CrashDesk, shell: Shell) -> None:
        self.desk, self.shell, self.now = desk, shell, desk.now

    def sla(self, *words: str) -> Ended:
        return self.shell(*words, "--now", to_iso(self.now))

    def told(self, *words: str) -> Any:
        ended = self.sla(*words, "--json")
        return json.loads(ended.out) | {"code": ended.code}

    def later(self, by: int) -> None:
        self.now = Instant(self.now + by)
        self.desk.running.clock.set(self.now)

    def writes(self) -> int:
        """Requests that changed something, by now."""
        reads = ("/search/jql", "/search", "/issue/bulkfetch", "/changelog/bulkfetch", "/batch")
        logs = (self.desk.running.jira_log, self.desk.running.servicenow_log)
        return sum(len(log.writes(reads)) for log in logs)

    def people_close(self, key: str) -> None:
        jira = self.desk.running.jira
        issue = jira.find(key)
        assert issue is not None
        jira.set_status(issue, "ada", self.now, STATUS_IDS["In Progress"], {})

    def people_note(self, number: str) -> None:
        world = self.desk.running.servicenow
        (row,) = world.rows("incident").where("number", number)
        values = {"work_notes": "had a look"}
        update(world, "incident", row["sys_id"], values, Hand("ada", self.now))

    def people_write(self, key: str, field: str, value: str) -> None:
        jira = self.desk.running.jira
        issue = jira.find(key)
        assert issue is not None
        (identity,) = [f.id for f in jira.fields.values() if f.name == field]
        jira.edit(issue, "ada", self.now, {identity: value})


@pytest.fixture(params=["cloud", "dc"])
def town(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Town]:
    monkeypatch.setenv("COLUMNS", "100")
    for name in [name for name in os.environ if name.startswith("SLA_")]:
        monkeypatch.delenv(name)
    with start(speed=0, deployment=request.param) as running:
        desk = CrashDesk(tmp_path, running)
        monkeypatch.chdir(desk.settings.parent)
        if request.param == "dc":
            text = desk.settings.read_text(encoding="utf-8")
            changed = text.replace("deployment: cloud", "deployment: data_center")
            desk.settings.write_text(changed, encoding="utf-8")
        yield Town(desk, Shell(capsys))


def test_a_plan_is_kept_applied_once_and_taken_back(town: Town) -> None:
    empty = town.desk.fields()
    kept = town.sla("plan", "--out", "p.plan", "--detailed-exitcode")
    assert (kept.code, kept.err) == (2, "")
    assert "sla apply p.plan   writes exactly this" in kept.out
    assert (town.desk.fields(), town.writes()) == (empty, 0)
    plan = json.loads(Path("p.plan").read_text(encoding="utf-8"))
    assert {one["ref"]["key"] for one in plan["tickets"]} == {*ISSUES, *INCIDENTS}
    deeds = [c for one in plan["tickets"] for c in one["changes"] if c["type"] == "AddComment"]
    assert deeds

    looked = town.sla("apply", "p.plan", "--dry-run")
    assert (looked.code, town.writes()) == (0, 0)
    applied = town.told("apply", "p.plan")
    assert (applied["code"], applied["left"]) == (0, [])
    assert sum(one["written"]["tickets"] for one in applied["connections"]) == 7
    assert sum(town.desk.said().values()) == len(deeds)
    sent, said = town.writes(), town.desk.said()

    again = town.told("apply", "p.plan")
    assert again["code"] == 0
    assert {one["fate"] for one in again["left"]} == {"done"}
    assert again["run"] == applied["run"]
    passed = town.sla("run", "--once")
    assert passed.code == 0, passed.err
    assert (town.writes(), town.desk.said()) == (sent, said)

    (run,) = town.told("status", "--runs")["runs"]
    assert (run["run"], run["kind"], run["tickets"]) == (applied["run"], "apply", 7)
    town.people_write(ISSUES[0], "SLA summary", "ask Ada")
    wanted = town.told("revert", run["run"], "--dry-run")
    assert town.writes() == sent
    undone = town.sla("revert", run["run"])
    assert undone.code == 0, undone.err
    assert town.desk.said() == said, "comments stay"
    assert "comments are never deleted" in undone.out
    assert f"  {ISSUES[0]}" in undone.out
    assert "somebody changed it since" in undone.out
    left = town.desk.fields()
    assert left[ISSUES[0]].pop("SLA summary") == "ask Ada"
    assert not any(value for fields in left.values() for value in fields.values())
    assert sum(one["planned"]["tickets"] for one in wanted["connections"]) == 7


def test_what_people_did_since_is_left_out_and_listed(town: Town) -> None:
    town.sla("plan", "--out", "p.plan")
    town.later(MINUTE)
    town.people_close(ISSUES[0])
    town.people_note(INCIDENTS[0])
    ended = town.sla("apply", "p.plan")
    assert ended.code == 3, ended.out + ended.err
    assert "Left as it is:" in ended.out
    assert "Ada Lovelake" in ended.out
    shown = town.desk.fields()
    assert not any(shown[ISSUES[0]].values())
    assert not any(shown[INCIDENTS[0]].values())
    assert all(any(shown[key].values()) for key in ISSUES[1:])
    assert {key for key, _ in town.desk.said()} <= {*ISSUES[1:], *_ids(town, INCIDENTS[1])}
    town.sla("run", "--once")
    assert all(any(fields.values()) for fields in town.desk.fields().values())


def _ids(town: Town, number: str) -> list[str]:
    rows = town.desk.running.servicenow.rows("incident").where("number", number)
    return [row["sys_id"] for row in rows]


@CLOUD
def test_a_plan_of_other_policies_or_of_other_hands_is_refused(town: Town) -> None:
    town.sla("plan", "--out", "p.plan")
    text = Path("p.plan").read_text(encoding="utf-8")
    Path("edited.plan").write_text(text.replace("SLA status", "SLA stat"), encoding="utf-8")
    edited = town.sla("apply", "edited.plan")
    assert (edited.code, edited.out) == (6, "")
    assert "error[SLA311]: edited.plan was changed after sla plan wrote it" in edited.err
    policy = Path("policies/support.yaml")
    policy.write_text(policy.read_text(encoding="utf-8").replace("P1: 4h", "P1: 3h"))
    ended = town.sla("apply", "p.plan")
    assert (ended.code, ended.out) == (6, "")
    assert "error[SLA312]: p.plan was made by policies" in ended.err
    assert town.writes() == 0


@CLOUD
def test_mode_observe_is_never_written_to(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.sla("run", "--once")
    (run,) = town.told("status", "--runs")["runs"]
    town.later(48 * HOUR)
    town.sla("plan", "--out", "p.plan")
    sent = town.writes()
    settings = town.desk.settings
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("mode: write", "mode: observe"), encoding="utf-8")
    for words in (("apply", "p.plan"), ("revert", run["run"])):
        ended = town.sla(*words)
        assert ended.code == 6
        assert "error[SLA313]: jira/demo is in mode observe" in ended.err
        assert "say mode: write in service.yaml" in ended.err
    settings.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SLA_MODE", "observe")
    assert "unset SLA_MODE" in town.sla("apply", "p.plan").err
    assert town.writes() == sent


class Terminal(StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@CLOUD
def test_on_a_terminal_it_asks_first(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.sla("plan", "--out", "p.plan")
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    ended = town.sla("apply", "p.plan")
    assert ended.code == 130
    assert "7 tickets: " in ended.err
    assert "to jira/demo and snow/demo. Go on? [y/N]: stopped" in ended.err
    assert town.writes() == 0
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert town.sla("apply", "p.plan").code == 0
    (run,) = town.told("status", "--runs")["runs"]
    sent = town.writes()
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    ended = town.sla("revert", run["run"])
    assert (ended.code, town.writes()) == (130, sent)
    assert town.sla("revert", run["run"], "--yes").code == 0
    assert town.writes() > sent


@CLOUD
def test_changed_policies_are_told_in_figures(town: Town) -> None:
    town.sla("run", "--once")
    town.sla("run", "--once")
    before = town.told("plan")
    assert before["impact"] is None
    policy = Path("policies/support.yaml")
    policy.write_text(policy.read_text(encoding="utf-8").replace("P1: 4h", "P1: 3h"))
    ended = town.sla("plan")
    assert "Impact of this policy change" in ended.out
    assert f"Policies {before['policies']} → " in ended.out
    impact = town.told("plan")["impact"]
    assert impact["now"]["open"] == impact["after"]["open"] > 0
    assert impact["now"] != impact["after"]


@CLOUD
def test_a_system_that_does_not_answer_is_no_quiet_plan(town: Town) -> None:
    town.sla("run", "--once")
    town.desk.running.servers[1].stop()
    ended = town.sla("plan", "--detailed-exitcode")
    assert ended.code == 3
    assert "The plan is made on what was read before." in ended.err
    assert town.sla("plan", "--offline").code == 0
    town.desk.running.servers[0].stop()
    assert town.sla("plan").code == 5


MISTAKES = (
    (("apply", "nope.plan"), 64, "does not exist"),
    (("apply", "service.yaml"), 6, "error[SLA311]: service.yaml is no plan"),
    (("revert", "nope"), 1, "error[SLA314]: there is no run nope"),
    (("plan", "--offline", "--out", "no/such/folder/p.plan"), 1, "cannot be written"),
)


@CLOUD
def test_a_plan_that_reaches_nobody_says_so_and_so_does_the_status(town: Town) -> None:
    town.sla("plan", "--out", "p.plan")
    town.desk.running.stop()
    ended = town.sla("apply", "p.plan")
    assert ended.code == 5
    assert "✗ nothing was written" in ended.out
    assert "Next  sla apply p.plan   tries it again, once that is mended" in ended.out
    stands = town.told("status")["sources"]
    assert {one["failure"][:6] for one in stands} == {"SLA503"}


@CLOUD
def test_mistakes_are_told(town: Town) -> None:
    town.sla("run", "--once")
    for words, code, said in MISTAKES:
        ended = town.sla(*words)
        assert (ended.code, said in ended.err) == (code, True), ended
