"""What `sla init` begins with: settings, policies and their tests for a kind of desk, as files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from importlib import resources
from pathlib import Path, PurePosixPath

from service.setup import files

TEMPLATES: Mapping[str, str] = {
    "itil": "ServiceNow by the book: impact × urgency, major incidents, requests, OLA and UC",
    "msp": "one Jira for many customers: tiers, each customer's hours, maintenance, OLA and UC",
    "internal-it": "the IT department of a company: office hours, faults, requests, access",
    "saas": "customers of a software product: P1 around the clock, updates, promises by plan",
}

PLACEHOLDER = "2030-01-01"
"""Where a template leaves the day of the next review to the day on which it is used."""

FIRST_REVIEW = timedelta(days=182)


def contents(name: str, today: date) -> dict[PurePosixPath, str]:
    """The files of a template by their place in the new folder, in the order they are read."""
    with resources.as_file(resources.files("service") / "starter" / "templates") as folder:
        found: dict[PurePosixPath, Path] = {}
        for part in (name, "common"):
            paths = sorted(path for path in (folder / part).rglob("*") if path.is_file())
            found |= {_place(path.relative_to(folder / part)): path for path in paths}
        review = (today + FIRST_REVIEW).isoformat()
        return {
            place: path.read_text(encoding="utf-8").replace(PLACEHOLDER, review)
            for place, path in found.items()
        }


def _place(path: Path) -> PurePosixPath:
    """`dot-github/x` is kept under a plain name: packages carry no hidden files."""
    parts = (f".{part[4:]}" if part.startswith("dot-") else part for part in path.parts)
    return PurePosixPath(*parts)


def write(folder: Path, texts: Mapping[PurePosixPath, str]) -> list[Path]:
    """Write all of them, or none: the ones that are there already, where there are any; FileError
    where they cannot be written."""
    standing = [path for place in texts if (path := folder / place).exists()]
    if standing:
        return standing
    with ExitStack() as undo:
        for place, text in texts.items():
            path = folder / place
            files.make_folder(path.parent)
            files.write(path, text)
            undo.callback(path.unlink)
        undo.pop_all()
    return []
