"""Which time zone data this machine judges by: the system's, else the package's, as Python does."""

from __future__ import annotations

import zoneinfo
from functools import cache
from pathlib import Path

import tzdata

_SAYS = "# version "


@cache
def tzdata_version() -> str:
    """`2026a`; "unknown" where the system's data do not say theirs."""
    for folder in map(Path, zoneinfo.TZPATH):
        if folder.is_dir():
            return _of_system(folder)
    return str(tzdata.IANA_VERSION)


def _of_system(folder: Path) -> str:
    try:
        with (folder / "tzdata.zi").open(encoding="utf-8") as data:
            said = data.readline()
    except OSError:
        return "unknown"
    return said.removeprefix(_SAYS).strip() if said.startswith(_SAYS) else "unknown"
