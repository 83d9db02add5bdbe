"""What comes from outside the files: where the settings are, secrets, what overrides them.

Secrets are read from the environment, or from a file that the environment names, when they are
needed; nothing here keeps them, but so that no text of ours shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.secret import blot, remember
from service.setup.private import is_open_to_others

OPEN = frozenset(("SLA_CONFIG", "SLA_STATE", "SLA_MODE", "SLA_FAILPOINT", "SLA_LOG_FORMAT"))
"""Our variables that hold nothing secret; every other SLA_… is treated as a secret."""

SEARCHED = (
    "config/service.yaml",
    "service.yaml",
    "/etc/sla/service.yaml",
    "sla-demo/service.yaml",
)
"""Where settings are looked for, in order, unless --config or SLA_CONFIG says it."""


def locate(config: str | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    """The settings file to use; None where there is none. One that was asked for by name is the
    answer whether it exists or not."""
    named = config or environ.get("SLA_CONFIG")
    if named:
        return folder / named
    return next((folder / place for place in SEARCHED if (folder / place).is_file()), None)


def prefix(connection: str) -> str:
    """`SLA_JIRA_ACME` for the connection `jira/acme`."""
    return "SLA_" + re.sub(r"[^A-Z0-9]+", "_", connection.upper()).strip("_")


def secrets(connection: str, environ: Mapping[str, str]) -> Callable[[str], str | None]:
    """`secret("token")` reads SLA_<CONNECTION>_TOKEN, or the file that SLA_<CONNECTION>_TOKEN_FILE
    names; None where neither is set or the file cannot be read."""

    def secret(what: str) -> str | None:
        return variable(f"{prefix(connection)}_{what.upper()}", environ)

    return secret


def variable(name: str, environ: Mapping[str, str]) -> str | None:
    """One variable or the content of the file that its `_FILE` twin names."""
    found = environ.get(name) or _content(environ.get(f"{name}_FILE"))
    if not name.endswith("_USER"):
        remember(found or "")
    return found


def _content(path: str | None) -> str | None:
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def dotenv(folder: Path) -> dict[str, str]:
    """The variables in `.env` of a folder, `NAME=value` a line; # begins a comment line, quotes
    around a value are taken off. PermissionError where others than its owner may read it."""
    path = folder / ".env"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    _refuse_open(path)
    found = {}
    for line in text.splitlines():
        name, equals, value = line.removeprefix("export ").partition("=")
        if equals and not line.lstrip().startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found


def check_files(environ: Mapping[str, str]) -> None:
    """PermissionError where others may read a file that one of our `SLA_…_FILE` names."""
    for name, value in environ.items():
        if name.startswith("SLA_") and name.endswith("_FILE") and Path(value).is_file():
            _refuse_open(Path(value))


def _refuse_open(path: Path) -> None:
    if is_open_to_others(path):
        raise PermissionError(f"{path} holds secrets and others may read it; run: chmod 600 {path}")


def hidden(text: str, environ: Mapping[str, str]) -> str:
    """The text with every secret of ours in it blotted out, in any form: for crash files and logs.
    Meant are those of the environment and all that were handed out, from wherever they came."""
    for name, value in environ.items():
        if name.startswith("SLA_") and name not in OPEN:
            remember((_content(value) if name.endswith("_FILE") else value) or "")
    return blot(text)
