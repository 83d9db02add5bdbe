"""When parts of policy files were committed, by git: exclusions must be declared in time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service.setup.git import NoGitError, git
from sla_engine.resolving.files import Reading
from sla_engine.units import Instant


def declared(reading: Reading, now: Instant) -> Mapping[str, Instant]:
    """When each exclusion's time was last changed; what is not committed yet is declared `now`.
    Those in files that git does not know are left out."""
    section = reading.sections.get("exclusions")
    times = {}
    for name, node in (section.entries or {}).items() if section else ():
        where = node.where_of("when")
        at = _committed(Path(where.file), where.line, now)
        if at is not None:
            times[name] = at
    return times


def _committed(path: Path, line: int, now: Instant) -> Instant | None:
    """When a line was committed; None where git cannot tell."""
    place = f"{line},{line}"
    try:
        said = git(path.parent, "blame", "--porcelain", "-L", place, "--", path.name)
    except NoGitError:
        return None
    words = dict(row.split(" ", 1) for row in (said or b"").decode().splitlines() if " " in row)
    if "committer-time" not in words:
        return None
    uncommitted = "0" * 40 in words
    return now if uncommitted else Instant(int(words["committer-time"]) * 1000)
