"""What is shown to one server and nobody else, and how to keep it out of every text of ours.

All secrets of the process are known here together: a server may repeat another's, and a crash tells
of everything.
"""

from __future__ import annotations

import html
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import quote, quote_plus

import msgspec

SHORTEST = 8
"""Characters: to blot out what is shorter would blot out words, and it is no secret for long."""
_MOST = 200
"""Secrets remembered at most: an OAuth token lives for half an hour."""
_met: dict[str, frozenset[str]] = {}


class Secret:
    """A token or password that prints as `***`; `reveal` is for the Authorization header alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        remember(text)

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    @property
    def length(self) -> int:
        return len(self._text)

    @property
    def fingerprint(self) -> str:
        """The first four hex digits of its SHA-256: enough to tell two tokens apart."""
        return sha256(self._text.encode()).hexdigest()[:4]


def remember(text: str) -> None:
    """From now on `blot` knows this one too; the oldest of very many is forgotten."""
    if len(text) >= SHORTEST and text not in _met:
        _met[text] = forms(text)
        if len(_met) > _MOST:
            del _met[next(iter(_met))]


def blot(text: str) -> str:
    """The text with `***` for every secret met so far, in any of its forms."""
    every = sorted({form for known in _met.values() for form in known}, key=len, reverse=True)
    for form in every:
        text = text.replace(form, "***")
    return text


def forms(secret: str) -> frozenset[str]:
    """The ways in which it may turn up in somebody's text: as it is, in URLs, JSON and HTML, and
    in base64 wherever in the coded text it stands (`user:token`)."""
    percent = {quote(secret, safe=""), quote_plus(secret)}
    escaped = {msgspec.json.encode(secret).decode()[1:-1], secret.replace("/", "\\/")}
    plain = {secret, html.escape(secret), *escaped, *percent, *map(_lower_hex, percent)}
    return frozenset({*plain, *_coded(secret.encode())})


def _lower_hex(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "".join([first, *(f"%{part[:2].lower()}{part[2:]}" for part in rest)])


def _coded(secret: bytes) -> Iterator[str]:
    """The characters of its base64 that do not depend on what stands before and after it."""
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            coded = encode(b"\0" * before + secret).decode().rstrip("=")
            sure = coded[(0, 2, 3)[before] :]
            yield sure[:-1] if (before + len(secret)) % 3 else sure
