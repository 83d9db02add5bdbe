"""The files for those who run it: a unit, an image, alerting rules, runbooks."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from sync import COMMANDS, sla

ROOT = Path(__file__).resolve().parents[1]
OPS = ROOT / "config" / "ops"
RUNBOOKS = ROOT / "docs" / "runbooks"
UNIT = (OPS / "sla.service").read_text(encoding="utf-8")
IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((OPS / "compose.yaml").read_text(encoding="utf-8"))
ALERTS = [
    rule
    for group in yaml.safe_load((OPS / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]


def assert_runs(words: list[str]) -> None:
    """These words after `sla` are a command of ours with options that it has."""
    assert words[0] in COMMANDS
    command = sla.get_command(click.Context(sla), words[0])
    assert command is not None
    known = {option for param in command.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_unit_starts_a_command_that_exists_and_gives_it_little() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names are as they are written
    unit.read_string(UNIT)
    service = unit["Service"]
    program, *words = service["ExecStart"].split()
    assert program.endswith("/sla")
    assert_runs(words)
    assert service["Type"] == "notify"
    assert (service["Restart"], int(service["WatchdogSec"])) == ("on-failure", 60)
    assert "AF_UNIX" in service["RestrictAddressFamilies"]  # else systemd hears nothing
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    place = tmp_path / "sla.service"
    place.write_text(UNIT.replace("/opt/sla-sync/bin/sla", "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    about_us = [line for line in done.stderr.splitlines() if "sla.service" in line]
    assert not about_us


def test_the_image_runs_a_command_that_exists_as_nobody_special() -> None:
    words = re.findall(r"^(USER|ENTRYPOINT|CMD|HEALTHCHECK|ENV|ARG) (.*)$", IMAGE, re.M)
    said = dict(words)
    assert said["USER"] == "10001"
    assert said["ENTRYPOINT"] == '["sla"]'
    assert_runs(re.findall(r'"([^"]+)"', said["CMD"]))
    assert_runs(re.findall(r'"([^"]+)"', said["HEALTHCHECK"])[1:])
    assert not re.search(r"token|password|secret\b.*=", IMAGE, re.I)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".git", "*.db*"} <= set(ignored)


def test_the_container_may_write_to_one_volume_alone_and_begins_by_observing() -> None:
    service = COMPOSE["services"]["sla"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["environment"]["SLA_MODE"] == "observe"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    writable = [v for v in service["volumes"] if not v.endswith(":ro")]
    assert writable == ["state:/state"]
    assert set(COMPOSE["secrets"]) == set(service["secrets"])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_leads_to_a_page(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    page = ROOT / rule["annotations"]["runbook"]
    assert page.is_file()
    assert str(rule["alert"]) in page.read_text(encoding="utf-8")
    for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
        assert label in ("source", "why")


def test_every_file_is_looked_at_and_every_alert_has_a_name_of_its_own() -> None:
    assert {path.name for path in OPS.iterdir()} == {"alerts.yaml", "compose.yaml", "sla.service"}
    names = [rule["alert"] for rule in ALERTS]
    assert len(set(names)) == len(names) >= 10


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_a_runbook_is_listed_and_is_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    if page.stem != "README":
        assert f"({page.name})" in (RUNBOOKS / "README.md").read_text(encoding="utf-8")
        assert "**Shows as:**" in text or "**When:**" in text
