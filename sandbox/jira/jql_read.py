"""JQL: from text to a tree, with Jira's messages for what is none."""

from __future__ import annotations

import re
from typing import NamedTuple


class JqlError(ValueError):
    """What a 400 says in `errorMessages`."""


class Call(NamedTuple):
    """A function as a value: `now()`, `startOfDay(-1d)`."""

    name: str
    argument: str


class Word(NamedTuple):
    """One value. Unquoted digits after a date field are epoch milliseconds, quoted ones are not."""

    text: str
    quoted: bool


Operand = Word | Call


class Clause(NamedTuple):
    field: str
    operator: str  # = != > >= < <= ~ !~ in, not in, is, is not
    values: tuple[Operand, ...]


class Both(NamedTuple):
    parts: tuple[Tree, ...]


class Either(NamedTuple):
    parts: tuple[Tree, ...]


class Not(NamedTuple):
    part: Tree


Tree = Clause | Both | Either | Not


class Sort(NamedTuple):
    field: str
    descending: bool


class Query(NamedTuple):
    where: Tree | None
    order: tuple[Sort, ...]


_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>!=|!~|>=|<=|&&|\|\||[=<>~(),!&|])
    |(?P<word>[^\s=<>~!(),&|"']+))""",
    re.VERBOSE,
)
_SIGNS = {"=", "!=", ">", ">=", "<", "<=", "~", "!~"}
_MOST_SORTS = 7


class _Token(NamedTuple):
    text: str
    quoted: bool
    at: int

    def is_word(self, *words: str) -> bool:
        return not self.quoted and self.text.lower() in words


def read_jql(text: str) -> Query:
    """The tree of a query; JqlError where it is none."""
    reader = _Reader(_tokens(text))
    where = None if reader.done() or reader.sees("order") else reader.either()
    return Query(where, reader.order())


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise JqlError(
                f"Error in the JQL Query: The character '{text[at:].strip()[:1]}' is a reserved "
                f"JQL character. (line 1, character {at + 1})"
            )
        quoted = match["quoted"]
        said = re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted else match["sign"] or match["word"]
        tokens.append(_Token(said, bool(quoted), match.start(match.lastgroup or 0)))
        at = match.end()
    return tokens


class _Reader:
    """Recursive descent; AND binds closer than OR."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def sees(self, *words: str) -> bool:
        return not self.done() and self._tokens[self._at].is_word(*words)

    def take(self, *words: str) -> bool:
        """Step over the next token if it is one of these words."""
        if self.sees(*words):
            self._at += 1
            return True
        return False

    def next(self) -> _Token:
        if self.done():
            raise JqlError("Error in the JQL Query: The query ended before it was complete.")
        self._at += 1
        return self._tokens[self._at - 1]

    def either(self) -> Tree:
        parts = [self.both()]
        while self.take("or", "||", "|"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Tree:
        parts = [self.one()]
        while self.take("and", "&&", "&"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def one(self) -> Tree:
        if self.take("not", "!"):
            return Not(self.one())
        if not self.take("("):
            return self.clause()
        inside = self.either()
        self.close()
        return inside

    def close(self) -> None:
        if not self.take(")"):
            self.refuse("Expecting ')'")

    def clause(self) -> Clause:
        field = self.next().text
        operator = self.operator(field)
        if operator in ("in", "not in"):
            return Clause(field, operator, self.values())
        return Clause(field, operator, (self.value(),))

    def operator(self, field: str) -> str:
        token = self.next()
        word = token.text.lower()
        if not token.quoted and token.text in _SIGNS:
            return token.text
        if token.is_word("in"):
            return "in"
        if token.is_word("not"):
            if not self.take("in"):
                self.refuse("Expecting 'in' after 'not'")
            return "not in"
        if token.is_word("is"):
            return "is not" if self.take("not") else "is"
        raise JqlError(
            "Error in the JQL Query: Expecting operator but got "
            f"'{word}'. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', "
            f"'NOT IN', 'IS' and 'IS NOT'. (line 1, character {token.at + 1}) after '{field}'"
        )

    def values(self) -> tuple[Operand, ...]:
        if not self.take("("):
            self.refuse("Expecting '('")
        values = [self.value()]
        while self.take(","):
            values.append(self.value())
        self.close()
        return tuple(values)

    def value(self) -> Operand:
        token = self.next()
        if not token.quoted and token.text in {*_SIGNS, "(", ")", ","}:
            self._at -= 1
            self.refuse("Expecting a value")
        if token.quoted or not self.take("("):
            return Word(token.text, token.quoted)
        argument = "" if self.sees(")") else self.next().text
        self.close()
        return Call(token.text, argument)

    def order(self) -> tuple[Sort, ...]:
        if self.done():
            return ()
        if not (self.take("order") and self.take("by")):
            self.refuse("Expecting either 'OR' or 'AND'")
        sorts = [self.sort()]
        while self.take(","):
            sorts.append(self.sort())
        if not self.done():
            self.refuse("Expecting ','")
        if len(sorts) > _MOST_SORTS:
            raise JqlError(f"JQL can be ordered by at most {_MOST_SORTS} fields.")
        return tuple(sorts)

    def sort(self) -> Sort:
        field = self.next().text
        descending = self.take("desc")
        if not descending:
            self.take("asc")
        return Sort(field, descending)

    def refuse(self, expecting: str) -> None:
        got = "the end" if self.done() else f"'{self._tokens[self._at].text}'"
        at = len(self._tokens) if self.done() else self._tokens[self._at].at + 1
        raise JqlError(
            f"Error in the JQL Query: {expecting} but got {got}. (line 1, character {at})"
        )
