"""Breaks the program on purpose, one small way at a time, and sees whether the tests notice.

    python -m tests.mutants sla_engine/clock.py sla_engine/calendars --sample 100

Each mutant is one changed operator, constant, condition or statement. It lives in a fork of this
process whose import of that module gets the changed text, runs the tests until one fails, and is
gone. What survives is printed: a test is missing there, or the code is not needed.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from itertools import islice
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple, Protocol

ROOT = Path(__file__).resolve().parents[1]
TESTS = ("tests/conformance", "tests/engine")
PATIENCE = 240
"""Seconds after which a mutant counts as noticed: it hangs."""

_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore:Module already")

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Mod: ast.Mult,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_CALLED |= {"bisect_left": "bisect_right", "bisect_right": "bisect_left"}


class Broken(Protocol):
    """A module with a mistake in it."""

    @property
    def path(self) -> Path: ...

    def tree(self) -> ast.Module: ...


class Mutant(NamedTuple):
    """Which change of which place of a module, on which line, and how that reads."""

    path: Path
    line: int
    what: str
    place: int
    change: int

    def tree(self) -> ast.Module:
        """The module's syntax tree with this change in it."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        for number, node in enumerate(_places(tree)):
            if number == self.place:
                next(islice(_changes(node), self.change, None))
                break
        return tree


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module, place by place."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for place, node in enumerate(list(_places(tree))):
        before = ""
        for change, undo in enumerate(_changes(node)):
            after = ast.unparse(node)
            undo()
            before = before or ast.unparse(node)
            yield Mutant(path, node.lineno, f"{before} -> {after}", place, change)


def _places(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    """The nodes that can be changed: no annotations, nothing for the type checker."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, (ast.expr, ast.stmt)):
            yield node
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "type_params"}:
                continue
            found = value if isinstance(value, list) else [value]
            waiting += [child for child in found if isinstance(child, ast.AST)]


def _changes(  # noqa: C901  # one case a kind of change
    node: ast.expr | ast.stmt,
) -> Iterator[Callable[[], None]]:
    """Change the node in each possible way, each time yielding how to undo it."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            node.ops = [_COMPARED[type(op)]()]
            yield lambda: setattr(node, "ops", [op])
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            node.op = _COMPUTED[type(op)]()
            yield lambda: setattr(node, "op", op)
        case ast.AugAssign(op=op) if type(op) in _COMPUTED:
            node.op = _COMPUTED[type(op)]()
            yield lambda: setattr(node, "op", op)
        case ast.BoolOp(op=op):
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield lambda: setattr(node, "op", op)
        case ast.UnaryOp(op=ast.Not() as op, operand=operand):
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), operand)
            yield lambda: setattr(node, "operand", operand)
        case ast.Constant(value=bool() as value):
            node.value = not value
            yield lambda: setattr(node, "value", value)
        case ast.Constant(value=int() as value):
            node.value = value + 1
            yield lambda: setattr(node, "value", value)
        case ast.Call(func=ast.Name(id=name) as called) if name in _CALLED:
            called.id = _CALLED[name]
            yield lambda: setattr(called, "id", name)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            for value in (True, False):
                if isinstance(node, ast.While) and value:
                    continue
                node.test = ast.Constant(value)
                yield lambda: setattr(node, "test", test)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            node.value = ast.Constant(None)
            yield lambda: setattr(node, "value", value)
        case ast.Expr(value=ast.Call() as value):
            node.value = ast.Constant(None)
            yield lambda: setattr(node, "value", value)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed tree."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        folder = [str(self._path.parent)] if self._path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=self, submodule_search_locations=folder
        )

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)  # that is what an import does


def is_noticed(mutant: Broken, tests: Sequence[str]) -> bool:
    """Whether a test fails, or nothing ends."""
    child = os.fork()
    if child == 0:
        _live(mutant, tests)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status != 0
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _live(mutant: Broken, tests: Sequence[str]) -> None:
    """In the fork: run the tests against the mutant; the exit status is theirs."""
    import pytest  # loaded already, in `_warm`

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    code = compile(ast.fix_missing_locations(mutant.tree()), str(mutant.path), "exec")
    sys.meta_path.insert(0, _Changed(name, mutant.path, code))
    status = 1
    try:
        status = pytest.main([*_OPTIONS, *tests])
    finally:
        os._exit(int(status))


def _warm() -> None:
    """Import what every fork needs and no mutant changes."""
    for name in ("pytest", "hypothesis", "hypothesis.strategies", "pydantic", "msgspec", "yaml"):
        importlib.import_module(name)
    for name in ("holidays", "rich.console", "rich.table", "requests", "sqlalchemy"):
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)


def main() -> None:
    """Make the mutants, let them live, and say how many were noticed."""
    said = _arguments()
    paths = [file for path in said.paths for file in _modules(ROOT / path)]
    made = [mutant for path in paths for mutant in mutants_of(path)]
    chosen = made
    if said.sample and said.sample < len(made):
        chosen = random.Random(said.seed).sample(made, said.sample)  # no secret
    print(f"{len(chosen)} of {len(made)} mutants of {len(paths)} modules", flush=True)
    _warm()
    whole = Mutant(paths[0], 0, "", -1, 0)
    if is_noticed(whole, said.tests):
        sys.exit("the tests fail without any mutant; mend them first")
    survived = 0
    with ThreadPoolExecutor(said.jobs) as pool:
        lives = pool.map(lambda mutant: is_noticed(mutant, said.tests), chosen)
        for mutant, noticed in zip(chosen, lives, strict=True):
            if not noticed:
                survived += 1
                print(
                    f"survived  {mutant.path.relative_to(ROOT)}:{mutant.line}  {mutant.what}",
                    flush=True,
                )
    killed = len(chosen) - survived
    print(f"noticed {killed} of {len(chosen)}: {killed / len(chosen):.1%}")


def _modules(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("paths", nargs="+", help="modules or folders to break")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what should notice")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
