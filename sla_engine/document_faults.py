"""What PyYAML complains of, in words that say how to mend it."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml


class Fault(NamedTuple):
    """A place (counted from 0) where YAML ends to be YAML, and what to do about it."""

    line: int
    column: int
    what: str
    mend: str = ""


_QUOTE = "put the whole text in quotes"

# PyYAML's words (scanner.py, parser.py of 6.0.3) -> ours.
_WORDS = (
    (r"character '\\t' that cannot start", "a tab indents this line", "indent with spaces"),
    (r"character '(.)' that cannot start", "a text cannot begin with {0}", _QUOTE),
    (r"character '(.+)' that cannot start", "a text cannot begin with {0}", _QUOTE),
    (r"mapping values are not allowed", "a “: ” that belongs to no key",
     "quote a text that holds “: ”; else check the indentation and the line above"),
    (r"sequence entries are not allowed", "a list cannot begin here",
     "write each “- ” on a line of its own, below the key"),
    (r"could not find expected ':'", "a key without “:”", "write `key: value`"),
    (r"unexpected end of stream", "a quote is opened and never closed", "close it"),
    (r"found undefined (?:tag handle|alias)", "a tag or reference that is not used here", _QUOTE),
    (r"expected ',' or '(.)', but got", "a list or map in brackets goes wrong here",
     "separate with commas, close it with {0}, and quote texts that hold brackets"),
    (r"expected <block end>, but found", "this line does not fit those above it",
     "indent it exactly like its neighbours; what begins with a quote or bracket must end it"),
    (r"expected the node content", "a value is missing here",
     "write a value, or leave the key out"),
    (r"unknown escape character '(.)'", "“\\{0}” means nothing inside double quotes",
     "use single quotes"),
    (r"expected (?:alphabetic|alphanumeric)", "a name is missing after & or *", _QUOTE),
    (r"incompatible YAML document", "this is no YAML 1 file", "leave the line out"),
    (r"expected '<document start>'", "this belongs to no list and no map",
     "indent it, or write `key: value`"),
)  # fmt: skip


def fault_of_scanner(error: yaml.MarkedYAMLError) -> Fault:
    """A mistake that the scanner or parser found, at its mark."""
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it ends too early"
    line, column = (mark.line, mark.column) if mark else (0, 0)
    for pattern, what, mend in _WORDS:
        if found := re.search(pattern, problem):
            return Fault(line, column, what.format(*found.groups()), mend.format(*found.groups()))
    return Fault(line, column, f"cannot be read as YAML here ({problem})")


def fault_of_reader(error: yaml.reader.ReaderError, text: str) -> Fault:
    """A character that no YAML file may hold, with the line that PyYAML does not tell."""
    before = text[: error.position]
    line = before.count("\n")
    column = len(before) - (before.rfind("\n") + 1)
    number = error.character if isinstance(error.character, int) else ord(error.character[:1])
    return Fault(line, column, f"an invisible character (U+{number:04X}) stands here", "delete it")
