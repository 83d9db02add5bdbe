"""YAML with places: nothing is guessed, nothing is lost, nothing raises."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.document import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, Node, plain, read, texts
from sla_engine.problems import Where

FILE = "f.yaml"


def tree(text: str) -> Node:
    node, problems = read(text, FILE)
    assert problems == []
    assert node is not None
    return node


def told(source: str | bytes) -> list[str]:
    return [str(problem) for problem in read(source, FILE)[1]]


@pytest.mark.parametrize(
    "written",
    ["12:30", "09:00", "NO", "off", "on", "yes", "true", "010", "0x1F", "1_000", "1e3",
     "2026-12-24", ".inf", "=", "<<", "1.10", "+sla", "24x7", "75%", "-1", "٣"],
)  # fmt: skip
def test_scalars_stay_the_text_that_was_written(written: str) -> None:
    assert plain(tree(f"key: {written}\n")) == {"key": written}


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL", "# remark"])
def test_nothing_written_is_nothing(written: str) -> None:
    assert plain(tree(f"key: {written}\n")) == {"key": None}


@pytest.mark.parametrize("written", ["''", '"null"', "'~'"])
def test_quoted_nothing_is_a_text(written: str) -> None:
    assert isinstance(tree(f"key: {written}\n").at("key").text, str)


@pytest.mark.parametrize(
    "text", ["", "# only a remark\n", "~", "---\n", "\ufeff", "%TAG ! x\n---\n"]
)
def test_an_empty_file_is_an_empty_map(text: str) -> None:
    assert plain(tree(text)) == {}


def test_every_value_knows_where_it_stands() -> None:
    node = tree("a:\n  - {b: 'some text', c: [1, 22]}\nd: |\n  two\n  lines\n")
    assert node.where_of("a", 0, "b") == Where(FILE, 2, 9, 11)
    assert node.key_of("a", 0, "b") == Where(FILE, 2, 6, 1)
    assert node.where_of("a", 0, "c", 1) == Where(FILE, 2, 29, 2)
    assert node.where_of("a", 0) == Where(FILE, 2, 5, 28)
    assert node.where_of("d") == Where(FILE, 3, 4, 1)
    assert node.key_of() == node.where


def test_a_path_that_ends_early_leads_to_the_deepest_value() -> None:
    node = tree("a: {b: text}\n")
    assert node.where_of("a", "b", "c", 3) == node.where_of("a", "b")
    assert node.key_of("a", "gone") == node.where_of("a")
    assert node.child("gone") is None
    assert node.at("a", "b").child(0) is None


def test_empty_values_are_found_at_any_depth() -> None:
    node = tree("a:\nb: [1, ~, {c: , d: x}]\n")
    assert [found.where.line for found in texts(node)] == [1, 2, 2]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("a: 1\na: 2\n", ('2:1: key "a" is given twice; YAML would silently keep the second; '
         "first given on line 1")),
        ("a:\n\t- b", "2:1: a tab indents this line; indent with spaces"),
        ("a: [1, 2\nb: 3", ("2:2: a list or map in brackets goes wrong here; separate with commas, "
         "close it with ], and quote texts that hold brackets")),
        ("a: b: c", ("1:5: a “: ” that belongs to no key; quote a text that holds “: ”; else check "
         "the indentation and the line above")),
        ("a: - b", ("1:4: a list cannot begin here; write each “- ” on a line of its own, below "
         "the key")),
        ("a: 'x", "1:6: a quote is opened and never closed; close it"),
        ("a: @x", "1:4: a text cannot begin with @; put the whole text in quotes"),
        ('a: "\\q"', "1:6: “\\q” means nothing inside double quotes; use single quotes"),
        ("a: x\n b: y", ("2:3: a “: ” that belongs to no key; quote a text that holds “: ”; else "
         "check the indentation and the line above")),
        ("a: *x", ('1:4: *x is a reference to another place; quote it if it is a name ("*x"), else '
         "repeat the value here")),
        ("a: &x 1", ("1:4: &x is an anchor; anchors are not used here; write the value at each "
         "place")),
        ("a: !!int 3", ("1:4: !!int is a tag; tags are not used here; leave it out, or quote the "
         "text")),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here; one file holds one document"),
        ("? [a]\n: b", ("1:3: a key must be a text; write `key: value` with a word as the key; "
         "quote {…} if it is a text")),
        ("a: \x00", "1:4: an invisible character (U+0000) stands here; delete it"),
        (b"a: 1\nb: \xff", "2:4: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"a: \xc3\xa9\n\xff", "2:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        ('a: "\\ud800"', "1:4: half of a character (a lone surrogate) is escaped here"),
        ("a: \ud800", "1:4: an invisible character (U+D800) stands here; delete it"),
        ("%YAML 3.0\n---\na: 1", "1:1: this is no YAML 1 file; leave the line out"),
        ("[" * 5_000, (f"1:{MAX_DEPTH + 2}: nested more than {MAX_DEPTH} deep; split the file, or "
         "write it flatter")),
    ],
    ids=lambda value: repr(value[:12]) if len(value) < 30 else "",
)  # fmt: skip
def test_every_mistake_has_a_place_and_a_mend(source: str | bytes, problem: str) -> None:
    assert told(source) == [f"{FILE}:{problem}"]


def test_all_duplicates_are_told_and_the_first_stays() -> None:
    node, problems = read("a: 1\nb: {c: 1, c: 2}\na: 3\n", FILE)
    assert [problem.where.line for problem in problems] == [2, 3]
    assert node is not None
    assert plain(node) == {"a": "1", "b": {"c": "1"}}


def test_what_was_refused_leaves_a_flaw_where_it_was() -> None:
    node, _ = read("a: {b: {c: 1, c: 2}, d: 1}\ne: 1\n", FILE)
    assert node is not None
    flawed = [node.at(*path).flawed for path in ((), ("a",), ("a", "b"), ("a", "d"), ("e",))]
    assert flawed == [True, True, True, False, False]


@pytest.mark.parametrize(
    "text",
    ["a: 1\n" * (MAX_CHARACTERS // 5 + 1), f"[{'1,' * (MAX_VALUES + 1)}]"],
    ids=["too many characters", "too many values"],
)
def test_files_beyond_all_measure_are_refused(text: str) -> None:
    node, problems = read(text, FILE)
    assert node is None
    assert [problem.code for problem in problems] == ["SLA002"]


def test_a_bomb_of_references_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    began = time.process_time()
    assert {problem.code for problem in read("\n".join(lines), FILE)[1]} == {"SLA004"}
    assert time.process_time() - began < 1


yaml_like = st.text(
    st.sampled_from("ab:- \n\t{}[],'\"#&*!|>%@`?~0.\\\x00\x85\u2028é\ud800"), max_size=60
)


@given(yaml_like | st.text(max_size=40) | st.binary(max_size=40))
def test_whatever_is_written_gives_a_tree_or_problems(source: str | bytes) -> None:
    node, problems = read(source, FILE)
    assert node is not None or problems
    assert all(p.where.line >= 1 and p.where.column >= 1 and p.where.width >= 1 for p in problems)


scalars = st.text(st.sampled_from("abc 019:.%-é"), min_size=1, max_size=8).map(str.strip)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3),
    max_leaves=12,
)


def written(value: object) -> str:
    if isinstance(value, str):
        return "'" + value + "'"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    assert isinstance(value, dict)
    return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in value.items()) + "}"


@given(st.dictionaries(scalars, trees, max_size=4))
def test_reading_gives_back_what_was_written(value: dict[str, object]) -> None:
    assert plain(tree(written(value))) == value
