"""The floors of the house: who may import whom, and what the engine may not touch."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "sla_engine": {"sla_engine"},
    "connectors": {"connectors", "sla_engine"},
    "reports": {"reports", "sla_engine"},
    "service": {"service", "connectors", "sla_engine"},
    "web": {"web", "reports", "service", "connectors", "sla_engine"},
    "commands": {"commands", "connectors", "reports", "sandbox", "service", "sla_engine", "web"},
    "sandbox": {"sandbox"},
}
ROOMS = {
    "setup": 0, "state": 1, "record": 2, "delivery": 3, "passes": 4,
    "errands": 5, "replay": 5, "watch": 5,
}  # fmt: skip
"""Of `service`, by height: a room knows those below it."""
OURS = {*MAY_IMPORT, "sync", "tests", "benchmarks"}
IMPURE = {
    "io", "logging", "os", "random", "secrets", "socket", "subprocess", "tempfile", "threading",
    "time", "requests", "sqlalchemy",
}  # fmt: skip
READS_FILES = {"sla_engine/policy_files.py"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    names = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {(alias.name, id(node)) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {(_imported(node.module, alias.name), id(node)) for alias in node.names}
    return {name for name, node in names if node not in typing_only or name.split(".")[0] in OURS}


def test_every_floor_has_modules() -> None:
    assert all(modules(floor) for floor in MAY_IMPORT)


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_nothing_imports_upward(floor: str) -> None:
    upward = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(floor)
        for name in imports(path)
        if name.split(".")[0] in OURS - MAY_IMPORT[floor]
    }
    assert not upward


def test_the_rooms_of_service_stand_on_each_other() -> None:
    upward = {
        f"{path.relative_to(ROOT)} imports {name}"
        for room, height in ROOMS.items()
        for path in modules(f"service/{room}")
        for name in imports(path)
        if name.startswith("service.") and not name.startswith(f"service.{room}.")
        if ROOMS[name.split(".")[1]] >= height
    }
    assert not upward
    outside = set(modules("service")) - {m for room in ROOMS for m in modules(f"service/{room}")}
    assert outside == {ROOT / "service" / "__init__.py"}


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_imports_make_no_circle(floor: str) -> None:
    graph = {
        _name(path): {n for n in imports(path) if n.startswith(floor)} for path in modules(floor)
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in graph.get(name, ()):
                if other != name:
                    visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_the_engine_does_no_io_and_reads_no_clock() -> None:
    impure = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("sla_engine")
        if str(path.relative_to(ROOT)) not in READS_FILES
        for name in imports(path)
        if name.split(".")[0] in IMPURE
    }
    assert not impure


def test_only_sync_and_commands_read_the_wall_clock_for_decisions() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for floor in ("sla_engine", "connectors", "reports")
        for path in modules(floor)
        if "datetime.now(" in path.read_text(encoding="utf-8")
        or "time.time(" in path.read_text(encoding="utf-8")
    }
    assert not readers


def _imported(module: str, name: str) -> str:
    """`from package import module` is an import of that module, not of the package's own names."""
    inner = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inner.with_suffix(".py").exists() else module


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
