"""Mutants: a module with one operator, constant, condition or statement changed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

ROOT = Path(__file__).resolve().parents[2]

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
            what = f"{before.splitlines()[0]} -> {after.splitlines()[0]}"
            yield Mutant(path, node.lineno, what, place, change)


def _places(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    """The nodes that can be changed: no annotations, nothing for the type checker, and not the
    `strict` of a zip, which asserts what holds anyway."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.keyword) and node.arg == "strict":
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
