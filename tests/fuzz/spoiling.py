"""Answers of a server that are nearly right: one node of the JSON is gone, retyped or absurd."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

Tree = Any  # what JSON can say
Path = tuple[str | int, ...]

_RAW = "\ue000raw\ue000"
"""Stands for text that no JSON value has: it is put in once the rest is text."""
_ODD: list[Tree] = [
    None, True, False, 0, -1, 1.5, 2**63, "", " ", "0", "null", "x" * 20_000, "\x00\x1b", "\u202e",
    "2026-02-30T25:61:00.000+0000", "9999-12-31T23:59:59.999+0000", "0001-01-01 00:00:00", "١٢",
    "ſ", "=1+1", [], {}, [[]], {"": {}}, [None], {"value": None}, {"id": {"id": 1}},
]  # fmt: skip
_UNSAYABLE = ["NaN", "Infinity", "-1e999", "1" + "0" * 400, '"\\ud800"', "[" * 200 + "]" * 200]


class Spoilt(NamedTuple):
    """The body as it is sent, where it was changed, and how that reads."""

    body: bytes
    path: Path
    how: str


def places(tree: Tree, path: Path = ()) -> Iterator[Path]:
    """Every node but the root."""
    children: Sequence[tuple[str | int, Tree]] = ()
    if isinstance(tree, dict):
        children = list(tree.items())
    elif isinstance(tree, list):
        children = list(enumerate(tree))
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def node(tree: Tree, path: Path) -> Tree:
    """What stands at a path."""
    for step in path:
        tree = tree[step]
    return tree


def spoil(body: bytes, dice: random.Random) -> Spoilt:
    """The same answer with one node of it spoilt."""
    tree = json.loads(body)
    path = dice.choice(list(places(tree)) or [()])
    if not path:
        return Spoilt(b"[]", (), "emptied")
    how, raw = dice.choice(_WAYS)(tree, path, dice)
    text = json.dumps(tree)
    return Spoilt(text.replace(json.dumps(_RAW), raw).encode(), path, f"{how} {shown(path)}")


def shown(path: Path) -> str:
    return "/".join(map(str, path))


def _drop(tree: Tree, path: Path, _: random.Random) -> tuple[str, str]:
    del node(tree, path[:-1])[path[-1]]
    return "dropped", ""


def _odd(tree: Tree, path: Path, dice: random.Random) -> tuple[str, str]:
    value = dice.choice(_ODD)
    node(tree, path[:-1])[path[-1]] = value
    return f"{str(value)[:40]!r} at", ""


def _unsayable(tree: Tree, path: Path, dice: random.Random) -> tuple[str, str]:
    raw = dice.choice(_UNSAYABLE)
    node(tree, path[:-1])[path[-1]] = _RAW
    return f"{raw[:40]} at", raw


def _retype(tree: Tree, path: Path, dice: random.Random) -> tuple[str, str]:
    value = node(tree, path)
    wrapped: list[Tree] = [[value], {"value": value}, str(value), [value, value]]
    node(tree, path[:-1])[path[-1]] = dice.choice(wrapped)
    return "retyped", ""


def _twice(tree: Tree, path: Path, dice: random.Random) -> tuple[str, str]:
    """A key that stands there twice, or an element."""
    holder, key = node(tree, path[:-1]), path[-1]
    first = json.dumps(holder[key])
    if isinstance(holder, list):
        holder.insert(int(key), holder[int(key)])
        return "doubled", ""
    holder[key] = _RAW
    return "twice", f"{first}, {json.dumps(key)}: {json.dumps(dice.choice(_ODD))}"


def _swap(tree: Tree, path: Path, dice: random.Random) -> tuple[str, str]:
    """The value of the same name elsewhere: ids of another ticket, dates of another change."""
    same = [one for one in places(tree) if one[-1] == path[-1] and one != path]
    other = dice.choice(same or [path])
    node(tree, path[:-1])[path[-1]] = json.loads(json.dumps(node(tree, other)))
    return f"as {shown(other)} at", ""


_WAYS: list[Callable[[Tree, Path, random.Random], tuple[str, str]]] = [
    _drop, _odd, _odd, _unsayable, _retype, _twice, _swap,
]  # fmt: skip
