"""S18: what we build on is small, told, locked by hashes, and pinned; what we build is settled."""

from __future__ import annotations

import ast
import io
import re
import tarfile
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.dist import settled

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("notify", "postgresql")
"""What the lock for production has beyond the least."""
FLOORS = ("commands", "connectors", "reports", "sandbox", "service", "sla_engine", "web")
MOST = 19
"""Direct dependencies: ADR 0028 says why they are not ten."""


def named(lines: list[str]) -> dict[str, Requirement]:
    found = map(Requirement, lines)
    return {canonicalize_name(one.name): one for one in found}


DIRECT = named(PROJECT["dependencies"])
OPTIONAL = named([one for extra in EXTRAS for one in PROJECT["optional-dependencies"][extra]])


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Package -> its version and how many hashes of files it may have."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins: dict[str, tuple[str, int]] = {}
    for package, version, hashes in re.findall(r"^([\w.-]+)==(\S+)(.*)$", text, re.MULTILINE):
        pins[canonicalize_name(package)] = (version, hashes.count("--hash=sha256:"))
    return pins


def closure(roots: dict[str, Requirement]) -> set[str]:
    """All that these bring with them on this machine."""
    found: set[tuple[str, str]] = set()
    open_ones = [(name, extra) for name, one in roots.items() for extra in ("", *one.extras)]
    while open_ones:
        name, extra = one = open_ones.pop()
        if one in found:
            continue
        found.add(one)
        for needed in map(Requirement, requires(name) or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                inner = canonicalize_name(needed.name)
                open_ones += [(inner, more) for more in ("", *needed.extras)]
    return {name for name, _ in found}


def test_direct_dependencies_are_few_and_each_is_told_with_its_use() -> None:
    assert len(DIRECT) <= MOST
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    part = page.partition("## What it is built on")[2].partition("\n## ")[0]
    told = re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)))
    assert sorted(map(canonicalize_name, told)) == sorted([*DIRECT, *OPTIONAL])


def imported() -> set[str]:
    """The packages that our modules import, by the names under which they are installed."""
    tops = set()
    paths = [ROOT / "sync.py", *(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                tops.add(node.module.partition(".")[0])
    known = packages_distributions()
    names = [name for top in tops for name in known.get(top, ()) if name != "sla-sync"]
    return set(map(str, map(canonicalize_name, names)))


def test_every_dependency_is_used_and_nothing_else_but_what_they_bring() -> None:
    used = imported()
    assert DIRECT.keys() <= used
    assert used <= closure(DIRECT) | closure(OPTIONAL)


def test_what_runs_in_production_is_locked_by_hashes() -> None:
    pins, tested = locked("requirements.lock"), locked("requirements-dev.lock")
    assert all(hashes for _, hashes in pins.values())
    assert closure(DIRECT) | closure(OPTIONAL) <= pins.keys()
    assert {n: version for n, (version, _) in pins.items()} == {n: tested[n][0] for n in pins}
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in image


def actions() -> list[tuple[str, str]]:
    """(file, action) for each step of a workflow that we run or give to others."""
    folders = [ROOT / name for name in ("config", "docs", ".github")]
    files = [path for one in folders for kind in ("*.y*ml", "*.md") for path in one.rglob(kind)]
    uses = re.compile(r"^\s*(?:- )?uses: (\S+)", re.MULTILINE)
    return [(path.name, used) for path in files for used in uses.findall(path.read_text("utf-8"))]


def test_actions_of_workflows_are_pinned_to_a_commit() -> None:
    found = actions()
    assert found
    assert [one for one in found if not re.search(r"@[0-9a-f]{40}$", one[1])] == []


def archive(at: int, *names: str, user: str = "") -> bytes:
    """A source distribution as somebody made it at some time."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.mtime, member.uname, member.size = at, user, len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    return made.getvalue()


def test_a_source_distribution_tells_not_when_and_by_whom_it_was_made() -> None:
    mine, yours = archive(1_000, "a", "b", user="ada"), archive(2_000, "b", "a", user="bob")
    assert mine != yours
    assert settled(mine, 5) == settled(yours, 5)
    with tarfile.open(fileobj=io.BytesIO(settled(mine, 5))) as tar:
        assert [(one.name, one.mtime) for one in tar] == [("a", 5), ("b", 5)]


@pytest.mark.parametrize("other", [("a",), ("a", "c")])
def test_another_content_is_another_distribution(other: tuple[str, ...]) -> None:
    assert settled(archive(1, "a", "b"), 5) != settled(archive(1, *other), 5)
