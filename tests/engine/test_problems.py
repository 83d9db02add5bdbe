"""Mistakes as values: their place, their words, their order, and what may have been meant."""

from __future__ import annotations

import pytest

from sla_engine.problems import Problem, Where, did_you_mean


def test_a_problem_reads_as_place_what_and_mend() -> None:
    where = Where("support.yaml", 14, 22)
    assert str(where) == "support.yaml:14:22"
    assert str(Problem(where, "'4 hours' is no duration", "write 4h")) == (
        "support.yaml:14:22: '4 hours' is no duration; write 4h"
    )
    assert str(Problem(where, "it is empty")) == "support.yaml:14:22: it is empty"


def test_a_problem_is_an_error_unless_it_says_otherwise() -> None:
    assert Problem(Where("a"), "what").severity == "error"
    assert str(Where("a")) == "a:1:1"


def test_places_sort_by_file_line_and_column() -> None:
    places = [Where("b"), Where("a", 10, 1), Where("a", 9, 30), Where("a", 9, 4)]
    assert [str(where) for where in sorted(places)] == ["a:9:4", "a:9:30", "a:10:1", "b:1:1"]


@pytest.mark.parametrize(
    ("word", "known", "answer"),
    [
        ("calender", ["calendar", "clocks"], 'did you mean "calendar"?'),
        ("targts", ["targets"], 'did you mean "targets"?'),
        ("MATCH", ["match"], 'did you mean "match"?'),
        ("gold", ["GOLD", "silver"], 'did you mean "GOLD"?'),
        ("tragets", ("targets", "tags"), 'did you mean "targets"?'),
        ("xyz", ["calendar"], ""),
        ("anything", [], ""),
        ("ab", ["ax"], ""),
        ("abcde", ["abcxy"], 'did you mean "abcxy"?'),
    ],
)
def test_only_what_is_close_is_suggested(word: str, known: list[str], answer: str) -> None:
    assert did_you_mean(word, known) == answer


def test_known_words_may_come_from_anywhere() -> None:
    assert did_you_mean("stpo", (word for word in ("start", "stop"))) == 'did you mean "stop"?'
