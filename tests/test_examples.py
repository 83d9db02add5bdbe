"""The examples that we ship: sound, without a remark, and true of what happens on their desks."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path

import pytest

import sync
from sandbox.clock import DEFAULT_NOW
from sandbox.hours import BERLIN
from sandbox.jira.users import TOKEN
from sandbox.running import Running, start

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted(path.name for path in (ROOT / "config" / "examples").glob("0*"))
PRESENT = DEFAULT_NOW
MENDED = {"04-cross-system-ola": ("P2: 6h, default: 24h}   #", "default: 24h}      #")}
"""Where ours says something else than the design, and what the design says: a team may hold a P2
for 24 h there, and the incident is promised in 8 h."""


def copied(name: str, folder: Path) -> Path:
    """The example's settings, in a folder of its own."""
    return Path(shutil.copytree(ROOT / "config" / "examples" / name, folder)) / "service.yaml"


def checked(settings: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, set[tuple[str, str]]]:
    """The exit code of a strict check, and the code and severity of all that it says."""
    capsys.readouterr()
    code = sync.run(["check", "--strict", "--json", "--now", PRESENT, "--config", str(settings)])
    told = json.loads(capsys.readouterr().out)
    return code, {(problem["code"], problem["severity"]) for problem in told["problems"]}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_strict_check_passes_and_notes_what_the_page_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = checked(copied(name, tmp_path / name), capsys)
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if line.startswith(f"| `{name}`"))
    assert said == {(one, "note") for one in re.findall(r"SLA\d+", line)}
    assert code == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_they_are_those_of_the_design_and_so_is_what_is_said_of_them(
    name: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = (shared / "design" / "examples" / f"{name}.yaml").read_text(encoding="utf-8")
    settings = copied(name, tmp_path / name)
    policies = settings.parent / "policies" / f"{name}.yaml"
    assert policies.read_text(encoding="utf-8").replace(*MENDED.get(name, ("", ""))) == theirs
    policies.write_text(theirs, encoding="utf-8")
    warnings = {code for code, severity in checked(settings, capsys)[1] if severity != "note"}
    assert warnings == ({"SLA216"} if name in MENDED else set())


# What they say of the sandbox's tickets (sandbox/examples.py), worked out by hand; Berlin's time


VERDICTS = {
    ("01-minimal", "jira/demo"): """
        SUP-501 first_response 1: met, 0m of 15m                    opened and answered at night
        SUP-501 resolution 1: met, 0m of 4h
        SUP-502 first_response 1: breached, 5h of 1h, at Mon 16 10:00
        SUP-502 resolution 1: met, 5h30m of 8h                      09-14, 16:30-17
        SUP-503 first_response 1: running, 2h of 4h, due Mon 23 11:00
        SUP-503 resolution 1: running, 2h of 24h, due Wed 25 15:00  2 + 8 + 8 + 6
    """,
    ("02-tiers", "jira/demo"): """
        SUP-501 first_response 1: met, 10m of 30m                   P1 counts around the clock
        SUP-501 resolution 1: met, 3h30m of 4h                      22:00-01:30
        SUP-502 first_response 1: breached, 5h of 4h, at Mon 16 13:00
        SUP-502 next_response 1: met, 30m of 9h
        SUP-502 resolution 1: met, 8h of 18h                        09-14, 16-18, 08-09
        SUP-503 first_response 1: running, 1h of 9h, due Mon 23 16:00   Fridays end at 16:00
        SUP-503 resolution 1: running, 1h of 45h, due Fri 27 12:00  1 + 4 x 10 + 4
    """,
    ("03-follow-the-sun", "jira/demo"): """
        PLAT-1190 acknowledge 1: met, 3m of 5m
        PLAT-1190 update 1: met, 28m of 1h
        PLAT-1190 update 2: breached, 1h22m of 1h, at Tue 3 20:08   32 before the cut, 28 after it
        PLAT-1190 update 3: met, 10m of 1h
        PLAT-1190 resolution 1: met, 2h of 4h                       09:12-10:12, 19:40-20:40
        PLAT-1201 acknowledge 1: met, 3m of 5m
        PLAT-1201 update 1: met, 10m of 1h
        PLAT-1201 update 2: met, 50m of 1h                          20 before the patch, 30 after it
        PLAT-1201 update 3: met, 30m of 1h
        PLAT-1201 resolution 1: met, 1h30m of 4h                    01:30-02, 06-07
        PLAT-1215 acknowledge 1: met, 20m of 30m
        PLAT-1215 update 1: met, 3h of 4h
        PLAT-1215 update 2: breached, 4h30m of 4h, at Mon 16 09:00
        PLAT-1215 update 3: met, 4h of 4h                           as long as the limit is in time
        PLAT-1215 resolution 1: met, 11h30m of 12h                  from Singapore on without a gap
        PLAT-1222 acknowledge 1: breached, 50m of 30m, at Mon 16 02:00   used up as New York closes
        PLAT-1222 update 1: breached, 10h30m of 4h, at Mon 16 05:30
        PLAT-1222 resolution 1: met, 10h30m of 12h                  30 m on Friday, 02-12 on Monday
        PLAT-1234 acknowledge 1: met, 3m of 5m
        PLAT-1234 update 1: met, 30m of 1h
        PLAT-1234 update 2: met, 50m of 1h
        PLAT-1234 update 3: met, 50m of 1h
        PLAT-1234 update 4: met, 40m of 1h                          from the reply at 16:00
        PLAT-1234 update 5: met, 50m of 1h
        PLAT-1234 update 6: met, 30m of 1h
        PLAT-1234 resolution 1: met, 4h10m of 12h                   4 h, and 8 h granted
        PLAT-1240 acknowledge 1: running, 1h30m of 4h, due Mon 23 11:30
        PLAT-1240 update 1: no_target, 1h30m
        PLAT-1240 resolution 1: running, 1h30m of 45h, due Fri 27 16:30  1.5 + 4 x 9 + 7.5
        PLAT-1242 acknowledge 1: breached, 5h52m of 5m, due Sat 21 05:05, at Sat 21 05:05
        PLAT-1242 update 1: breached, 5h52m of 1h, due Sat 21 06:00, at Sat 21 06:00
        PLAT-1242 resolution 1: breached, 5h52m of 4h, due Sat 21 09:00, at Sat 21 09:00
    """,
    ("04-cross-system-ola", "snow/demo"): """
        INC0010081 first_response 1: met, 10m of 1h
        INC0010081 resolution 1: met, 3h of 8h
        INC0010081 handoff of Network 1: met, 30m of 1h             09:20 linked, 09:50 touched
        INC0010081 ownership of Network 1: met, 1h10m of 6h         09:20-10:30
        INC0010081 ownership of Carrier NOC 1: met, 1h of 72h       10:30-11:30
        INC0010082 first_response 1: met, 12m of 15m
        INC0010082 resolution 1: met, 3h30m of 4h                   09-10, 15-17:30
        INC0010082 ownership of Network 1: breached, 8h30m of 2h, at Tue 17 11:00
        INC0010083 first_response 1: met, 50m of 1h
        INC0010083 resolution 1: met, 8h of 72h
        INC0010083 handoff of Network 1: breached, 1h30m of 1h, at Wed 18 11:30
        INC0010083 handoff of Network 2: met, 20m of 1h             given back 14:00, touched 14:20
        INC0010083 ownership of Network 1: met, 3h30m of 24h        10:30-13, 14-15
        INC0010083 ownership of Vendor Desk 1: met, 1h of 72h       13-14
        INC0010084 first_response 1: met, 5m of 15m
        INC0010084 resolution 1: running, 2h52m of 4h, due Sat 21 12:00
        INC0010084 handoff of Network 1: met, 5m of 10m
        INC0010084 ownership of Network 1: breached, 2h22m of 2h, due Sat 21 10:30, at Sat 21 10:30
    """,
    ("04-cross-system-ola", "jira/demo"): "",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    with start(speed=0, story="examples") as running:
        yield running


@pytest.fixture
def desk(site: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """The settings of an example, which look at the sandbox; on whichever ports."""
    for name in ("SLA_JIRA_DEMO_TOKEN", "SLA_SNOW_DEMO_PASSWORD"):
        monkeypatch.setenv(name, TOKEN)

    def settled(name: str) -> Path:
        settings = copied(name, tmp_path / name)
        text = settings.read_text(encoding="utf-8")
        text = text.replace("http://127.0.0.1:8701", site.jira_url)
        settings.write_text(text.replace("http://127.0.0.1:8702", site.servicenow_url), "utf-8")
        return settings

    return settled


@pytest.mark.parametrize(("name", "connection"), VERDICTS)
def test_the_verdicts_on_the_sandbox_are_those_worked_out_by_hand(
    name: str,
    connection: str,
    desk: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["--connection", connection, "--config", str(desk(name)), "--now", PRESENT]
    capsys.readouterr()
    assert sync.run(["evaluate", *arguments]) == 0
    rows = csv.DictReader(io.StringIO(capsys.readouterr().out))
    wanted = (line.strip() for line in VERDICTS[name, connection].splitlines())
    assert sorted(map(told, rows)) == sorted(line.partition("  ")[0] for line in wanted if line)


def told(row: Mapping[str, str]) -> str:
    """A verdict as the table above says it."""
    of = f" of {row['of']}" if row["of"] else ""
    limit = f" of {length(row['target'])}" if row["target"] else ""
    said = [f"{row['ticket']} {row['clock']}{of} {row['cycle']}: {row['state']}"]
    said.append(f"{length(row['elapsed'])}{limit}")
    said += [f"due {berlin(row['due_at'])}"] if row["due_at"] else []
    said += [f"at {berlin(row['breached_at'])}"] if row["breached_at"] else []
    return ", ".join(said)


def length(seconds: str) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes or not hours else "")


def berlin(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(BERLIN):%a %-d %H:%M}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_pass_over_the_sandbox_leaves_nothing_to_remark(
    name: str, desk: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = desk(name)
    assert sync.run(["run", "--once", "--config", str(settings), "--now", PRESENT]) == 0
    assert "0 requests" in capsys.readouterr().out  # it observes
    for asking in (["--online"], []):
        arguments = ["--strict", *asking, "--config", str(settings), "--now", PRESENT]
        assert sync.run(["check", *arguments]) == 0
        out = capsys.readouterr().out
        assert "warning[" not in out
        assert "not looked at: tickets" not in out
        assert "the words of" not in out


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_decided_or_late_is_proven_by_an_export_alone(
    name: str,
    desk: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled = ["--config", str(desk(name)), "--now", PRESENT]
    assert sync.run(["run", "--once", *settled]) == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    assert sync.run(["audit", "export", str(empty / "audit.jsonl"), *settled[:2]]) == 0
    shutil.rmtree(tmp_path / name)  # settings, policies and state
    monkeypatch.chdir(empty)
    capsys.readouterr()
    assert sync.run(["audit", "verify", "audit.jsonl", "--json"]) == 0
    told = (lines.splitlines() for (of, _), lines in VERDICTS.items() if of == name)
    states = [found[1] for line in chain(*told) if (found := re.search(r"\d: (\w+),", line))]
    decided = [state for state in states if state not in ("running", "paused", "no_target")]
    proof = json.loads(capsys.readouterr().out)
    assert (proof["holds"], proof["verdicts_judged_again"]) == (True, len(decided))


@pytest.mark.parametrize(
    ("name", "ticket", "said"),
    [
        (
            "04-cross-system-ola",
            "INC0010083",
            r"team → Vendor Desk +Ravi Quill, NET-90 history \d+",
        ),
        (
            "04-cross-system-ola",
            "INC0010083",
            r"end +3 h 30 +→ Resolved +Ravi Quill, NET-90 history",
        ),
        ("03-follow-the-sun", "PLAT-1234", r"exception: extended by 8 h, approved by maria@acme\."),
        ("03-follow-the-sun", "PLAT-1234", r"end +4 h 10 +→ Resolved +Imke Stromfeld, history \d+"),
    ],
)
def test_the_screen_names_the_entry_behind_each_stretch(
    name: str,
    ticket: str,
    said: str,
    desk: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    settled = ["--config", str(desk(name)), "--now", PRESENT]
    assert sync.run(["run", "--once", *settled]) == 0
    capsys.readouterr()
    assert sync.run(["explain", ticket, *settled]) == 0
    assert re.search(said, capsys.readouterr().out)


def test_a_draft_is_explained_with_the_case_that_its_links_make(
    desk: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = desk("04-cross-system-ola")
    draft = shutil.copytree(settings.parent / "policies", tmp_path / "draft")
    (policies,) = (settings.parent / "policies").glob("04-*ola.yaml")
    text = policies.read_text(encoding="utf-8")
    alone = re.sub(r"(?s)links:.*?parties:", "parties:", text)
    policies.write_text(re.sub(r"(?s)  network-ola:.*?publish:", "publish:", alone), "utf-8")
    (settings.parent / "policies" / "04-cross-system-ola.test.yaml").unlink()
    settled = ["--config", str(settings), "--now", PRESENT]
    assert sync.run(["run", "--once", *settled]) == 0
    capsys.readouterr()
    for more, of in (([], set()), (["--policy", str(draft)], {"Network", "Vendor Desk"})):
        assert sync.run(["explain", "INC0010083", "--format", "json", *more, *settled]) == 0
        clocks = json.loads(capsys.readouterr().out)["clocks"]
        assert {clock["of"] for clock in clocks} - {None} == of
