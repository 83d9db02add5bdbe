"""A secret is found in every form in which it may turn up, and nothing else is blotted out."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from itertools import product

import pytest

from connectors.secret import SHORTEST, Secret, blot, forms, remember

ODD = 'aB/C"d&e\\f +é'


@pytest.mark.parametrize(
    "form",
    [
        ODD,
        "aB%2FC%22d%26e%5Cf%20%2B%C3%A9",
        "aB%2fC%22d%26e%5cf%20%2b%c3%a9",
        "aB%2FC%22d%26e%5Cf+%2B%C3%A9",
        'aB/C\\"d&e\\\\f +é',
        'aB\\/C"d&e\\f +é',
        "aB/C&quot;d&amp;e\\f +é",
    ],
    ids=["plain", "in URLs", "with small digits", "in forms", "JSON", "PHP's JSON", "HTML"],
)
def test_a_secret_is_known_in_what_others_make_of_it(form: str) -> None:
    assert form in forms(ODD)
    remember(ODD)
    assert blot(f"token {form}.") == "token ***."


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("secret", ["~~secret", "~~secret?", "~~secret??"])
@pytest.mark.parametrize("before", range(6))
def test_in_base64_it_is_what_does_not_depend_on_its_neighbours(
    encode: Callable[[bytes], bytes], secret: str, before: int
) -> None:
    coded = [
        encode(first * before + secret.encode() + last * 3).decode()
        for first, last in product((b"\0", b"\xff"), repeat=2)
    ]
    same = [column[0] if len({*column}) == 1 else " " for column in zip(*coded, strict=True)]
    sure = max("".join(same).split(), key=len)
    assert sure in forms(secret)


def test_the_longest_goes_first_and_short_words_stay() -> None:
    for text in ("k" * (SHORTEST - 1), "opensesame", "opensesame-and-close"):
        remember(text)
    assert blot("opensesame-and-close opensesame") == "*** ***"
    assert blot("k" * (SHORTEST - 1)) == "k" * (SHORTEST - 1)
    assert SHORTEST == 8
    remember("q" * SHORTEST)
    assert blot("q" * SHORTEST) == "***"


def test_of_very_many_the_oldest_is_forgotten() -> None:
    many = [f"token-number-{number:03}-of-many" for number in range(200)]
    for text in many:
        remember(text)
    assert all(blot(text) == "***" for text in many)
    remember("one-token-more-than-that")
    assert [text for text in many if blot(text) == text] == many[:1]


def test_what_is_shown_of_a_secret_is_not_the_secret() -> None:
    token = Secret("correct horse")
    assert (repr(token), str(token), token.length, bool(token)) == ("***", "***", 13, True)
    assert token.fingerprint == sha256(b"correct horse").hexdigest()[:4]
    assert token.reveal() == "correct horse"
    assert blot("it is the correct horse") == "it is the ***"
    assert not Secret("")
