"""Problems as a person reads them, with the line in question, and as a machine does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from sla_engine.problems import Problem

Sources = Mapping[str, str | bytes]

_WIDTH = 100
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold blue"}
_MEANT = re.compile(r'did you mean ".+"\?|first given (?:on line|in \S+?:)\s*\d+')
_FIRST = re.compile(r"first given on line (\d+)")


def render_problems(problems: Sequence[Problem], sources: Sources) -> str:
    """Every problem with its lines, carets below what is meant, and how to mend it."""
    return problems_screen(problems, sources).plain


def problems_screen(problems: Sequence[Problem], sources: Sources) -> Text:
    """The same with colours; it must not be wrapped, or the carets lose their hold."""
    lines = {file: _lines(source) for file, source in sources.items()}
    blocks = [_block(problem, lines.get(problem.where.file, [])) for problem in problems]
    return Text("\n").join(blocks)


def problems_json(problems: Sequence[Problem]) -> list[dict[str, str | int]]:
    """One object a problem; its keys are stable."""
    return [
        {
            "code": problem.code,
            "severity": problem.severity,
            "file": problem.where.file,
            "line": problem.where.line,
            "column": problem.where.column,
            "width": problem.where.width,
            "what": problem.what,
            "mend": problem.mend,
        }
        for problem in problems
    ]


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _lines(source: str | bytes) -> list[str]:
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    return re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text.removeprefix("\ufeff"))


def _block(problem: Problem, lines: Sequence[str]) -> Text:
    where = problem.where
    style = _STYLES[problem.severity]
    label, rest = _label_and_help(problem.mend)
    gutter = max(2, len(str(where.line)))
    block = Text(no_wrap=True, overflow="ignore")
    block.append(f"{problem.severity}[{problem.code}]", style)
    block.append(f": {_shown(problem.what)}\n", "bold")
    block.append(f"{' ' * gutter}--> {_shown(str(where))}\n", "cyan")
    if where.line <= len(lines):
        _bar(block, gutter)
        _source(block, problem, lines, gutter)
        _carets(block, problem, lines[where.line - 1], gutter, label)
    elif label:
        rest = problem.mend
    if rest:
        _help(block, gutter, _shown(rest))
    return block


def _help(block: Text, gutter: int, words: str) -> None:
    label = f"{' ' * gutter} = help: "
    first, *others = wrap(words, _WIDTH - len(label), break_long_words=False)
    block.append(label, "cyan").append(f"{first}\n")
    block.append("".join(f"{' ' * len(label)}{more}\n" for more in others))


def _label_and_help(mend: str) -> tuple[str, str]:
    """What stands beside the carets, and what has a line of its own."""
    found = _MEANT.match(mend)
    if not found:
        return "", mend
    return found[0], mend[found.end() :].removeprefix(";").strip()


def _bar(block: Text, gutter: int, more: str = "") -> None:
    block.append(f"{' ' * gutter} |{more}\n", "cyan")


def _source(block: Text, problem: Problem, lines: Sequence[str], gutter: int) -> None:
    """The line, after the one that it belongs to."""
    number = problem.where.line
    first = _FIRST.match(problem.mend)
    if first and 0 < int(first[1]) < number:
        _line(block, int(first[1]), lines, gutter)
        if int(first[1]) < number - 1:
            indent = re.match(r"\s*", lines[number - 1])
            _bar(block, gutter, f" {indent[0] if indent else ''}…")
    elif number > 1 and _leads_to(lines[number - 2], lines[number - 1]):
        _line(block, number - 1, lines, gutter)
    shown, _ = _cropped(problem, lines[number - 1])
    _numbered(block, number, shown, gutter)


def _leads_to(before: str, line: str) -> bool:
    """Whether the line before helps to find one's way: neither blank, nor a remark, nor the end of
    another entry."""
    text = before.strip()
    return bool(text) and not text.startswith("#") and not line.lstrip().startswith("- ")


def _line(block: Text, number: int, lines: Sequence[str], gutter: int) -> None:
    shown = _shown(lines[number - 1])
    _numbered(
        block, number, shown if cell_len(shown) <= _WIDTH else f"{shown[: _WIDTH - 1]}…", gutter
    )


def _numbered(block: Text, number: int, shown: str, gutter: int) -> None:
    block.append(f"{number:>{gutter}} |", "cyan")
    block.append(f" {shown}".rstrip() + "\n")


def _carets(block: Text, problem: Problem, line: str, gutter: int, label: str) -> None:
    shown, start = _cropped(problem, line)
    before = shown[:start]
    meant = shown[start : start + problem.where.width]
    block.append(f"{' ' * gutter} |", "cyan")
    block.append(f" {' ' * cell_len(before)}")
    carets = "^" * max(1, cell_len(meant.rstrip()))
    block.append(f"{carets} {_shown(label)}".rstrip() + "\n", _STYLES[problem.severity])


def _cropped(problem: Problem, line: str) -> tuple[str, int]:
    """The line, cut where it is very long, and where in it the meant part begins."""
    shown, start = _shown(line), problem.where.column - 1
    if cell_len(shown) <= _WIDTH:
        return shown, start
    fits = start + problem.where.width < _WIDTH
    left = 0 if fits else max(0, min(start - 30, len(shown) - _WIDTH))
    cut = shown[left : left + _WIDTH]
    cut = f"…{cut[1:]}" if left else cut
    cut = f"{cut[:-1]}…" if left + _WIDTH < len(shown) else cut
    return cut, start - left


def _shown(text: str) -> str:
    """Without anything that a terminal would obey, or that would turn the text round."""
    return "".join(letter if letter.isprintable() else "·" for letter in text.replace("\t", " "))
