"""The folder of the demo: a copy of the starter files, pointed at a sandbox of its own."""

from __future__ import annotations

import re
import shutil
from importlib import resources
from pathlib import Path

from service.setup import files, private

JIRA_SECRET, SERVICENOW_SECRET = "SLA_JIRA_DEMO_TOKEN", "SLA_SNOW_DEMO_PASSWORD"  # names


def prepare(folder: Path, jira_url: str, servicenow_url: str, token: str, *, reset: bool) -> Path:
    """Settings, policies and credentials in a folder; policies that are there already are kept,
    unless all is to begin anew. The state of an earlier demo is gone either way: its desk is too.
    """
    if reset and folder.is_dir() and (folder / "service.yaml").is_file():
        shutil.rmtree(folder)
    files.make_folder(folder)
    for old in folder.glob("state.db*"):
        old.unlink()
    starter = resources.files("service") / "starter"
    with resources.as_file(starter / "policies") as policies:
        for path in sorted(policies.glob("*.yaml")):
            target = folder / "policies" / path.name
            files.make_folder(target.parent)
            if not target.exists():
                files.write(target, path.read_text(encoding="utf-8"))
    settings = folder / "service.yaml"
    template = (starter / "service.yaml").read_text(encoding="utf-8")
    files.write(settings, pointed(template, jira_url, servicenow_url))
    secrets = f"{JIRA_SECRET}={token}\n{SERVICENOW_SECRET}={token}\n"
    files.write(folder / ".env", secrets, private.FILE)
    return settings


def pointed(template: str, jira_url: str, servicenow_url: str) -> str:
    """The starter settings in mode write, at these addresses. The sandbox needs no politeness."""
    text = re.sub(r"(?m)^mode: observe.*$", "mode: write", template)
    text = text.replace("http://127.0.0.1:8701", jira_url)
    text = text.replace("http://127.0.0.1:8702", servicenow_url)
    text = re.sub(r"(?m)^(    user: .*)$", r"\1\n    rate: 100", text)
    return re.sub(r"(?m)^  pull: 60s", "  pull: 5s", text)
