"""S15, S19: nothing from outside costs without end: what is allowed passes, one more does not."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from requests.auth import HTTPBasicAuth

from connectors import http
from connectors.base import ConnectorError, TransientError
from connectors.http import Client
from connectors.jira import text
from connectors.jira.reading import Guard
from connectors.secret import Secret
from connectors.server import Server
from sla_engine.document import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, read
from tests.connectors.wire import Reply, wire

ROOT = Path(__file__).resolve().parents[2]


def sized(characters: int) -> str:
    return "a: " + "x" * (characters - 3)


def with_values(count: int) -> str:
    """A list of numbers under one key: the map, its key's list and the numbers are values."""
    return "a: [" + "1," * (count - 2) + "]"


def deep(levels: int) -> str:
    return "a: " + "[" * (levels - 1) + "]" * (levels - 1)


@pytest.mark.parametrize(
    ("make", "most"),
    [(sized, MAX_CHARACTERS), (with_values, MAX_VALUES), (deep, MAX_DEPTH)],
    ids=["characters", "values", "depth"],
)
def test_a_file_may_be_so_large_and_no_larger(make: object, most: int) -> None:
    assert callable(make)
    taken = [count for count in range(most - 2, most + 4) if not read(make(count), "f")[1]]
    assert taken
    assert taken == list(range(most - 2, max(taken) + 1))  # all below, none above
    assert abs(max(taken) - most) <= 2


@pytest.mark.parametrize(("size", "right"), [(1000, True), (1001, False)])
def test_an_answer_may_be_so_large_and_no_larger(
    size: int, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1000)
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)
    body = b'"' + b"x" * (size - 2) + b'"'
    with wire(Reply(200, body)) as server:
        named = Server("a/b", "Jira", server.url, "bot", "", Secret("a-secret-of-the-bounds"))
        client = Client(named, HTTPBasicAuth("bot", "x"), sleep=lambda _: None)
        if right:
            assert client.read("GET", "/x").body == body
        else:
            with pytest.raises(ConnectorError, match="larger than"):
                client.read("GET", "/x")


def test_a_walk_over_pages_ends_where_a_page_comes_again() -> None:
    guard = Guard()
    assert [guard.check(token) for token in ("a", "b")] == ["a", "b"]
    with pytest.raises(TransientError, match="same page"):
        guard.check("a")


@pytest.mark.parametrize(("length", "cut"), [(15_000, False), (15_001, True)])
def test_a_comment_may_be_so_long_and_no_longer(length: int, cut: bool) -> None:
    (line,) = text.cut(["x" * length])
    assert line.endswith("(cut)") is cut
    assert len(line) <= text.LONGEST


def test_a_glob_cannot_be_made_to_search_for_ever() -> None:
    """It would hang: a regular expression written like this takes longer than the universe has."""
    assert not fnmatchcase("a" * 5_000, "*a" * 200 + "b")


def test_no_regular_expression_comes_from_a_policy() -> None:
    """Every pattern in the engine is written there, so that none can be made to back-track."""
    given = []
    for path in sorted((ROOT / "sla_engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "re" and node.args:
                ours = isinstance(node.args[0], ast.Constant | ast.JoinedStr)
                given += [] if ours else [f"{path.name}:{node.lineno} {ast.unparse(node.args[0])}"]
    assert [one for one in given if not one.startswith("document_faults.py")] == []
