"""The command as people meet it: screens, exit codes, and what is left when things go wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import sync
from commands.demo_desk import prepare
from sandbox.clock import moment_of
from sandbox.jira.users import TOKEN
from sandbox.running import Running, start
from sla_engine.units import to_iso

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).resolve().parents[1]


class Ended(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in a folder, as a person would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        self._capsys.readouterr()
        code = sync.run(arguments)
        return Ended(code, *self._capsys.readouterr())


@pytest.fixture
def sla(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in [name for name in os.environ if name.startswith("SLA_")]:
        monkeypatch.delenv(name)
    return Shell(capsys)


LOG = """ticket,at,status,priority,who
OPS-1,2026-11-16T09:00:00Z,Open,P1,dan
OPS-1,2026-11-16T10:00:00Z,Done,P1,ada
OPS-2,2026-11-16T09:00:00Z,Open,P1,dan
OPS-2,2026-11-16T15:00:00Z,Done,P1,ada
OPS-3,2026-11-16T09:00:00Z,Open,P2,dan
"""
SETTINGS = """
connections:
  log:
    system: event_log
    path: log.csv
    columns: {ticket: ticket, at: at, actor: who}
    done_states: [Done]
"""
POLICY = """
schema: sla/v1
fields:
  status: {event_log: status}
  priority: {event_log: priority}
policies:
  operations:
    match: {system: event_log}
    calendar: 24x7
    targets: {resolution: {P1: 4h, default: 8h}}
"""
NOW = ("--now", "2026-11-16T16:00:00Z")


@pytest.fixture
def desk(sla: Shell, tmp_path: Path) -> Shell:
    """A desk of three tickets in a file, and a policy."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "service.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "policies/operations.yaml").write_text(POLICY, encoding="utf-8")
    return sla


# Help, usage, bugs


def test_help_is_there_at_once() -> None:
    heavy = [
        "rich",
        "sqlalchemy",
        "pydantic",
        "requests",
        "yaml",
        "flask",
        "alembic",
        "holidays",
        "jira",
        "msgspec",
    ]
    code = (
        f"import sync, sys; sync.run(['--help']); print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"  {name} " in done.stdout for name in sync.COMMANDS)


@pytest.mark.parametrize("name", sync.COMMANDS)
def test_every_command_has_help(sla: Shell, name: str) -> None:
    ended = sla(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.out.splitlines()) > 4


@pytest.mark.parametrize(
    "arguments",
    [("rnu",), ("run", "--twice"), ("explain",), ("run", "--now", "tomorrow"), ("evaluate",)],
    ids=" ".join,
)
def test_wrong_usage_is_64(sla: Shell, arguments: tuple[str, ...]) -> None:
    ended = sla(*arguments)
    assert ended.code == 64
    first, last = ended.err.splitlines()
    assert first.startswith("error: ")
    assert last == f"  help   sla {arguments[0]} --help".replace("sla rnu ", "sla ")


def test_without_settings_it_says_where_it_looked(sla: Shell) -> None:
    ended = sla("run", "--once")
    assert ended.code == 64
    assert "config/service.yaml, service.yaml, /etc/sla/service.yaml" in ended.err


def test_a_bug_leaves_a_report_without_secrets(
    sla: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLA_JIRA_TOKEN", "planted-secret")

    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted-secret is in the message")

    monkeypatch.setattr(sync.sla, "main", explode)
    ended = sla("run")
    (report,) = tmp_path.glob("sla-crash-*.txt")
    said = report.read_text(encoding="utf-8") + ended.err
    assert ended.code == 70
    assert "ZeroDivisionError" in said
    assert "planted-secret" not in said


# Without a server


def test_rows_of_a_log(desk: Shell) -> None:
    ended = desk("evaluate", "--connection", "log", *NOW)
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert ended.code == 0
    assert [(row["ticket"], row["state"], row["elapsed"]) for row in rows] == [
        ("OPS-1", "met", "3600"),
        ("OPS-2", "breached", "21600"),
        ("OPS-3", "running", "25200"),
    ]
    assert "3 rows" in ended.err
    told = json.loads(desk("evaluate", "--connection", "log", "--format", "json", *NOW).out)
    assert [str(value or "") for value in told[1].values()] == list(rows[1].values())


def test_an_unknown_connection_is_wrong_usage(desk: Shell) -> None:
    ended = desk("evaluate", "--connection", "logg")
    assert (ended.code, ended.out) == (64, "")
    assert 'did you mean "log"?' in ended.err


@pytest.mark.parametrize("name", ["check", "run", "plan", "status"])
def test_a_settings_file_that_is_not_there_is_all_that_is_said(sla: Shell, name: str) -> None:
    ended = sla(name, "--config", "nope.yaml")
    assert (ended.code, ended.out) == (64, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("error: no settings file nope.yaml; ")
    assert "sla demo" in line


def test_a_pass_then_explain_and_status(desk: Shell) -> None:
    assert desk("status").code == 1
    ended = desk("run", "--once", *NOW)
    assert ended.code == 0
    assert "3 changed, for the first time" in ended.out
    assert "3 tickets, 3 clocks, 3 transitions" in ended.out
    assert "1 clock open" in ended.out
    assert ended.err == ""
    again = json.loads(desk("run", "--once", "--json", *NOW).out)
    assert [one["changed"] for one in again["connections"]] == [0]
    told = desk("explain", "ops-2", *NOW)
    assert told.code == 0
    assert "missed by 2 h" in told.out
    assert "running" in desk("explain", "OPS-2", "--at", "2026-11-16T12:00:00Z").out
    assert json.loads(desk("explain", "OPS-2", "--json", *NOW).out)["ticket"] == "OPS-2"
    assert desk("explain", "OPS-9").code == 1
    assert desk("status", *NOW).code == 0
    late = desk("status", "--json", "--now", "2026-11-16T17:00:00Z")
    assert (late.code, json.loads(late.out)["sources"][0]["fresh"]) == (1, False)


def test_what_was_known_then_is_told_again(desk: Shell, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(LOG.replace("OPS-2,2026-11-16T15:00:00Z,Done,P1,ada\n", ""), encoding="utf-8")
    desk("run", "--once", *NOW)
    log.write_text(LOG, encoding="utf-8")
    desk("run", "--once", "--now", "2026-11-16T17:00:00Z")
    now = ("--now", "2026-11-16T17:00:00Z")
    assert "missed by 2 h" in desk("explain", "OPS-2", *now).out
    then = desk("explain", "OPS-2", "--known-at", "2026-11-16T16:30:00Z", *now).out
    assert "breached by 4 h" in then
    then = desk("explain", "OPS-2", "--known-at", "2026-11-16T16:30:00Z").out
    assert "breached by 3 h 30 min" in then
    assert "not known then: Mon 15:00 → Done" in then
    told = json.loads(desk("explain", "OPS-2", "--known-at", NOW[1], "--json", *now).out)
    assert "status" in {event["field"] for event in told["known"]["learnt_since"]}
    early = desk("explain", "OPS-2", "--known-at", "2026-11-16T12:00:00Z", *now)
    assert (early.code, early.out) == (1, "")
    assert "OPS-2 was not known yet at 2026-11-16T12:00:00Z" in early.err


def test_a_recorded_ticket_is_a_test_that_passes(desk: Shell, tmp_path: Path) -> None:
    desk("run", "--once", *NOW)
    place = tmp_path / "policies/ops-2.test.yaml"
    ended = desk("test", "--record", "OPS-2", "--out", str(place))
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"✓ wrote {place}\n"
    assert desk("test").out.splitlines()[:2] == [
        "policies/ops-2.test.yaml",
        "  ✓ OPS-2 as it was",
    ]
    assert "ada" not in place.read_text(encoding="utf-8")
    assert desk("test", "--record", "OPS-2").out == place.read_text(encoding="utf-8")
    stricter = POLICY.replace("P1: 4h", "P1: 12h")
    (tmp_path / "policies/operations.yaml").write_text(stricter, encoding="utf-8")
    failed = desk("test", "--format", "junit", "--out", "junit.xml")
    assert (failed.code, failed.out) == (1, "")
    assert 'failures="1"' in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert desk("test", "--record", "OPS-9").code == 1
    assert desk("test", "--record", "OPS-2", "policies").code == sync.USAGE
    other = POLICY.replace("system: event_log", "priority: P9")
    (tmp_path / "policies/operations.yaml").write_text(other, encoding="utf-8")
    none = desk("test", "--record", "OPS-2", *NOW)
    assert (none.code, none.out) == (1, "")
    assert "OPS-2 has no clock as of 2026-11-16T16:00:00Z" in none.err
    assert "operations: priority is P1" in none.err
    assert "sla explain OPS-2" in none.err
    assert desk("test", *NOW).code == sync.USAGE


def test_a_draft_is_tried_on_what_is_kept(desk: Shell, tmp_path: Path) -> None:
    desk("run", "--once", *NOW)
    draft = tmp_path / "stricter.yaml"
    draft.write_text(POLICY.replace("P1: 4h", "P1: 30m"), encoding="utf-8")
    for place in ("stricter.yaml", "policies/operations.yaml", "policies"):
        told = desk("explain", "OPS-1", "--policy", place, *NOW)
        changed = place == "stricter.yaml"
        assert ("4 h → 30 min" in told.out) is changed
        assert ("Nothing changes for this ticket." in told.out) is not changed
    draft.write_text(POLICY.replace("calendar:", "calender:"), encoding="utf-8")
    wrong = desk("explain", "OPS-1", "--policy", "stricter.yaml", *NOW)
    assert (wrong.code, wrong.out) == (1, "")
    assert "stricter.yaml:9:5" in wrong.err
    assert desk("explain", "OPS-1", "--policy", "nowhere.yaml").code == sync.USAGE
    assert desk("explain", "OPS-1", "--policy", "policies", "--format", "html").code == sync.USAGE
    assert desk("explain", "OPS-1", "--at", NOW[1], *NOW).code == sync.USAGE


def test_old_data_are_told_as_of_then(desk: Shell) -> None:
    desk("run", "--once", *NOW)
    ended = desk("explain", "OPS-3")
    assert "data of Mon 16 Nov 2026 16:00 UTC, told as of then" in ended.err
    assert "7 h" in ended.out


def test_check_finds_everything_wrong_at_once(desk: Shell, tmp_path: Path) -> None:
    assert desk("check").code == 0
    (tmp_path / "policies/operations.yaml").write_text(
        POLICY.replace("calendar: 24x7", "calender: 24x7").replace("4h", "4 hours"),
        encoding="utf-8",
    )
    ended = desk("check")
    assert ended.code == 1
    assert 'unknown key "calender"' in ended.out
    assert '"4 hours" is not a duration' in ended.out
    assert len(json.loads(desk("check", "--json").out)["problems"]) == 2
    run = desk("run", "--once")
    assert run.code == 1
    assert 'did you mean "calendar"?' in run.err


def test_a_channel_that_nobody_named_is_a_warning(desk: Shell, tmp_path: Path) -> None:
    ladder = """    escalate: [{at: breach, do: [{notify: [assignee, "slack:#duty"]}]}]\n"""
    (tmp_path / "policies/operations.yaml").write_text(POLICY + ladder, encoding="utf-8")
    ended = desk("check")
    assert (ended.code, desk("check", "--strict").code) == (0, 1)
    assert '"slack:#duty" is told at breach, but no channel has that name' in ended.out
    named = SETTINGS + 'channels: {"slack:#duty": {url_env: SLA_CHANNEL_DUTY}}\n'
    (tmp_path / "service.yaml").write_text(named, encoding="utf-8")
    assert desk("check", "--strict").code == 0


POLICY_TEST = """
schema: sla-test/v1
files: [operations.yaml]
tests:
  - name: five hours are too long
    ticket: {system: event_log, priority: P1}
    history:
      "2026-11-16 09:00": created
      "2026-11-16 14:00": {status: Done}
    expect:
      end: {resolution: STATE}
"""


@pytest.mark.parametrize(("state", "code"), [("breached", 0), ("met", 1)])
def test_policy_tests_pass_or_fail(desk: Shell, tmp_path: Path, state: str, code: int) -> None:
    assert desk("test").code == 1  # nothing was tested
    path = tmp_path / "policies/operations.test.yaml"
    path.write_text(POLICY_TEST.replace("STATE", state), encoding="utf-8")
    ended = desk("test")
    assert ended.code == code
    assert "five hours are too long" in ended.out
    assert desk("test", "policies").code == code
    assert desk("test", "policies/operations.yaml").code == code
    assert json.loads(desk("test", "--json").out)["passed"] is (code == 0)
    assert desk("check").code == code


def test_check_says_what_it_could_not_look_for_until_tickets_are_kept(desk: Shell) -> None:
    said = " ".join(desk("check").out.split())
    assert "not looked at: tickets; no ticket is kept yet; run: sla run --once" in said
    desk("run", "--once", *NOW)
    said = " ".join(desk("check", *NOW).out.split())
    assert "run --once" not in said
    assert "not looked at: the words of log; not read yet; run: sla check --online" in said
    desk("check", "--online", *NOW)
    assert "not looked" not in desk("check", *NOW).out


def test_a_value_that_no_ticket_had_is_found_in_what_is_kept(desk: Shell, tmp_path: Path) -> None:
    text = POLICY + "    pause: {status: Opne}\n"
    (tmp_path / "policies/operations.yaml").write_text(text, encoding="utf-8")
    assert "SLA221" not in desk("check").out
    desk("run", "--once", *NOW)
    ended = desk("check", *NOW)
    assert (ended.code, desk("check", "--strict", *NOW).code) == (0, 1)
    assert 'status "Opne" was never seen in 3 tickets' in ended.out
    assert 'did you mean "Open"?' in ended.out
    github = desk("check", "--format", "github", *NOW).out
    assert "::warning file=policies/operations.yaml,line=" in github
    (run,) = json.loads(desk("check", "--format", "sarif", *NOW).out)["runs"]
    assert "SLA221" in {result["ruleId"] for result in run["results"]}


def test_the_schema_is_json(sla: Shell) -> None:
    assert "policies" in json.loads(sla("schema").out)["properties"]


# Against the sandbox


class Site(NamedTuple):
    """A running sandbox, settings that look at it, and its present."""

    running: Running
    settings: Path
    now: tuple[str, str]


@pytest.fixture
def site(sla: Shell, tmp_path: Path) -> Iterator[Site]:
    with start(speed=0) as running:
        settings = prepare(tmp_path, running.jira_url, running.servicenow_url, TOKEN, reset=False)
        yield Site(running, settings, ("--now", moment_of(running.clock.now()).isoformat()))


def written(ended: Ended) -> list[int]:
    told = json.loads(ended.out)["connections"]
    return [one["requests"]["write"] for one in told]


@pytest.mark.parametrize("deployment", ["cloud", "dc"])
def test_a_second_run_at_the_same_instant_makes_no_write(
    sla: Shell, tmp_path: Path, deployment: str
) -> None:
    with start(speed=0, deployment=deployment) as running:
        settings = prepare(tmp_path, running.jira_url, running.servicenow_url, TOKEN, reset=False)
        if deployment == "dc":
            text = settings.read_text(encoding="utf-8")
            text = text.replace("deployment: cloud", "deployment: data_center")
            settings.write_text(text, encoding="utf-8")
        now = ("--now", moment_of(running.clock.now()).isoformat())
        planned = sla("plan", "--detailed-exitcode", *now)
        assert planned.code == 2
        first = sla("run", "--once", "--json", *now)
        assert first.code == 0, first.err
        assert all(requests > 10 for requests in written(first))
        assert written(sla("run", "--once", "--json", *now)) == [0, 0]
        assert sla("plan", "--detailed-exitcode", *now).code == 0


def test_check_online_finds_words_that_no_system_has_and_remembers_them(
    sla: Shell, site: Site
) -> None:
    assert sla("check", "--online", *site.now).code == 0
    path = site.settings.parent / "policies" / "support.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Waiting for vendor", "Waiting for Godot"), encoding="utf-8")
    asked = len(site.running.jira_log.all())
    ended = sla("check", *site.now)
    assert ended.code == 1
    assert 'status "Waiting for Godot" does not exist in jira/demo or snow/demo' in ended.out
    assert 'did you mean "Waiting for vendor"?' in ended.out
    assert len(site.running.jira_log.all()) == asked


def test_check_online_says_who_does_not_answer(sla: Shell, site: Site) -> None:
    secrets = site.settings.with_name(".env")
    secrets.write_text("", encoding="utf-8")
    ended = sla("check", "--online", *site.now)
    assert ended.code == 4
    assert ended.err.count("error[SLA401]") == 2
    assert "rules" in ended.out


def test_observe_asks_and_changes_nothing(
    sla: Shell, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_MODE", "observe")
    ended = sla("run", "--once", *site.now)
    assert ended.code == 0
    assert "would write" in ended.out
    changing = {"POST", "PUT", "PATCH", "DELETE"}
    asked = {(one.method, one.path) for one in site.running.servicenow_log.all()}
    assert not [one for one in asked if one[0] in changing]
    assert not any(mail for mail in site.running.jira.mails)


def test_a_refused_token_is_told_and_the_other_system_goes_on(sla: Shell, site: Site) -> None:
    secrets = site.settings.with_name(".env")
    secrets.write_text(
        secrets.read_text(encoding="utf-8").replace(
            f"JIRA_DEMO_TOKEN={TOKEN}", "JIRA_DEMO_TOKEN=x1y2z3"
        ),
        encoding="utf-8",
    )
    ended = sla("run", "--once", *site.now)
    assert ended.code == 3
    assert "error[SLA401]" in ended.err
    assert "SLA_JIRA_DEMO_TOKEN" in ended.err
    assert "No ticket was changed; snow/demo went on." in ended.err
    assert "x1y2z3" not in ended.err + ended.out
    assert "snow/demo    write" in ended.out
    secrets.write_text("", encoding="utf-8")
    ended = sla("run", "--once", *site.now)
    assert ended.code == 4
    assert "error[SLA401]: no token for jira/demo: SLA_JIRA_DEMO_TOKEN is not set\n" in ended.err
    assert "no password for snow/demo: SLA_SNOW_DEMO_PASSWORD is not set\n" in ended.err
    assert "or name a file: SLA_JIRA_DEMO_TOKEN_FILE" in ended.err


def test_a_project_closed_to_us_is_told_and_the_others_are_written(sla: Shell, site: Site) -> None:
    site.running.jira.dials["forbidden"] = ["OPS"]
    ended = sla("run", "--once", *site.now)
    assert ended.code == 3
    assert "error[SLA403]: not allowed to edit OPS-" in ended.err
    assert "skipped" in ended.err
    assert "tickets of OPS" in ended.err
    assert "jira/demo    write" in ended.out


def test_over_the_limits_nothing_is_written(sla: Shell, site: Site) -> None:
    text = site.settings.read_text(encoding="utf-8")
    site.settings.write_text(text.replace("comments_per_run: 50", "comments_per_run: 0"))
    sla("run", "--once", *site.now)
    later = to_iso(site.running.clock.now() + 48 * 3_600_000)  # type: ignore[arg-type]  # of the sandbox
    site.running.clock.set(site.running.clock.now() + 48 * 3_600_000)
    ended = sla("run", "--once", "--now", later)
    assert ended.code == 6
    assert "the limit is 0 a pass (limits.comments_per_run)" in ended.err
    assert "limits.comments_per_run" in sla("plan", "--now", later).out
    forced = sla("run", "--once", "--force", "--now", later)
    assert forced.code == 0, forced.err


def test_a_dead_host_is_told(sla: Shell, site: Site) -> None:
    site.running.stop()
    ended = sla("run", "--once", *site.now)
    assert ended.code == 5
    assert ended.err.count("error[SLA503]: cannot reach http://127.0.0.1") == 2


def test_the_demo_keeps_its_promise(sla: Shell, tmp_path: Path) -> None:
    ended = sla("demo")
    assert ended.code == 0, ended.err
    assert "✓ again     a second pass found nothing to do" in ended.out
    assert "240 tickets" in ended.out
    explained = sla("explain", "SUP-118")
    assert "missed by 38 min" in explained.out
    assert sla("plan", "--offline", "--detailed-exitcode").code == 0
    assert sla("test").code == 0
    assert sla("audit", "export", str(tmp_path / "audit.jsonl")).code == 0
    policy = tmp_path / "sla-demo/policies/support.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("P1: 4h", "P1: 3h"))
    assert sla("plan", "--offline", "--detailed-exitcode").code == 2
    shutil.rmtree(tmp_path / "sla-demo")
    proof = json.loads(sla("audit", "verify", "audit.jsonl", "--json").out)
    assert (proof["holds"], proof["verdicts_judged_again"]) == (True, 748), "and nothing else"
