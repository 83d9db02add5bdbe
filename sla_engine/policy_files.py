"""A folder of YAML -> what is promised, and what is wrong. Alone in the engine it reads files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sla_engine.calendars.exceptions import Given
from sla_engine.document import MAX_CHARACTERS
from sla_engine.problems import Problem, Where
from sla_engine.resolving.files import in_order, resolve
from sla_engine.terms import Policies

_READ = (".yaml", ".yml", ".ics")
_TESTS = (".test.yaml", ".test.yml")


def load(
    folder: Path | Sequence[Path], *, holidays: Given | None = None
) -> tuple[Policies, list[Problem]]:
    """All policies of a folder (or of single files), and all problems by file and line.

    What is wrong is left out of the policies; nothing is raised. `holidays` stand for imported
    ones by code ({"DE-BE": ["2026-10-03"]}), so that tests depend on no installed package.
    """
    sources, unreadable = read_sources(folder)
    policies, problems = resolve(sources, holidays)
    return policies, in_order([*unreadable, *problems])


def load_texts(
    texts: Mapping[str, str | bytes],
    *,
    holidays: Given | None = None,
    draft: str = "",
) -> tuple[Policies, list[Problem]]:
    """The same from texts by file name, reading nothing. What the file `draft` names stands in for
    what the others call so."""
    return resolve(texts, holidays, draft)


def read_sources(
    folder: Path | Sequence[Path],
) -> tuple[dict[str, bytes], list[Problem]]:
    """The files as they are, by the name that problems call them; policy tests are left out."""
    paths = list(_files(folder)) if isinstance(folder, Path) else list(folder)
    sources: dict[str, bytes] = {}
    problems = []
    if not paths:
        where = Where(_called(folder) if isinstance(folder, Path) else "policies")
        mend = "write one: schema: sla/v1, then policies:"
        problems.append(Problem(where, "there is no policy file here", mend, "SLA132"))
    for path in paths:
        try:
            with path.open("rb") as file:
                sources[_called(path)] = file.read(4 * MAX_CHARACTERS + 1)
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
            problems.append(Problem(Where(_called(path)), what, "", "SLA132"))
    return sources, problems


def _files(folder: Path) -> Iterator[Path]:
    """Every YAML file and feed below, by name; hidden ones, tests and folders of tests are none."""
    if folder.is_file():
        yield folder
        return
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f != "tests" and not f.startswith("."))
        for name in sorted(files):
            if name.endswith(_READ) and not name.endswith(_TESTS) and not name.startswith("."):
                yield Path(root, name)


def _called(path: Path) -> str:
    """How people find it from where they are."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return path.as_posix()
