"""`python -m sandbox` as a person types it, and `start` as a program does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import sandbox
from sandbox.command import greeting, main

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ["--jira-port", "0", "--servicenow-port", "0", "--speed", "0"]


def test_it_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "sandbox", *ARGUMENTS, "--deployment", "dc", "--empty"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stderr
        lines = [process.stdout.readline() for _ in range(6)]
        urls = re.findall(r"http://\S+", "".join(lines))
        try:
            clock = requests.get(f"{urls[0]}/_sandbox/clock", timeout=5).json()
            assert requests.get(f"{urls[1]}/_sandbox/clock", timeout=5).json() == clock
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""
    assert "Data Center" in lines[0]
    assert "Sat 21 Nov 2026 09:52 UTC" in lines[3]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--now", "soon"],
        ["--chaos", "429=7"],
        ["--data", "/nowhere"],
        ["--deployment", "x"],
        ["--story", "x"],
        ["x"],
    ],
    ids=str,
)
def test_a_wrong_word_is_a_usage_error(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ARGUMENTS, *wrong]) == 64
    assert "usage: sla sandbox" in capsys.readouterr().err


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: sla sandbox")
    options = re.split(r"\n  (?=-)", said.partition("options:")[2])[1:]
    assert len(options) == 12
    assert [one for one in options if not re.search(r"\S(  +|\n +)\w", one)] == []


def test_a_taken_port_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox.start(empty=True) as running:
        port = running.jira_url.rsplit(":", 1)[1]
        assert main([*ARGUMENTS, "--jira-port", port]) == 1
    assert "error: cannot start" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("speed", "pace"),
    [(0, "standing still"), (1, "as fast as yours"), (60, "60 times as fast as yours")],
)
def test_the_greeting_counts_what_is_there_and_says_the_pace(speed: float, pace: str) -> None:
    with sandbox.start(now="2026-11-21T09:52:00Z", speed=speed, empty=True) as running:
        said = greeting(running)
    assert f"{running.jira_url}   0 issues\n" in said
    assert f"{running.servicenow_url}   0 incidents\n" in said
    assert f"Sat 21 Nov 2026 09:52 UTC, {pace}\n" in said


def test_both_systems_share_a_clock_and_stop_together() -> None:
    with sandbox.start(now="2026-11-21T10:52:00+01:00", speed=0) as running:
        assert len(running.jira.issues) == 170
        requests.post(f"{running.jira_url}/_sandbox/clock", json={"advance": 500}, timeout=5)
        said = requests.get(f"{running.servicenow_url}/_sandbox/clock", timeout=5).json()
        assert said["ms"] == running.clock.now() == 1795254720500
    with pytest.raises(requests.ConnectionError):
        requests.get(running.jira_url, timeout=1)


def test_the_same_ports_can_be_had_again() -> None:
    with sandbox.start(empty=True) as first:
        port = int(first.jira_url.rsplit(":", 1)[1])
    with sandbox.start(port, empty=True) as second:
        assert second.jira_url == first.jira_url
