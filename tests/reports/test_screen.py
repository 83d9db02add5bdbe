"""Screens for a terminal, a pipe, and an encoding that has no symbols."""

from __future__ import annotations

import io
import os
import unicodedata
from typing import TextIO

import pytest
from rich.text import Text

from reports import screen


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True

    encoding = "utf-8"


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)


def written(file: TextIO) -> bytes:
    assert isinstance(file, io.TextIOWrapper)
    assert isinstance(file.buffer, io.BytesIO)
    return file.buffer.getvalue()


def test_every_symbol_has_an_ascii_twin_of_its_width() -> None:
    words = "✓ ● ‖ ░ ▓ █ ✗ ▲ → · – — … × ─ ▏ ’ “ ” Δ"
    plain = screen.fit(words, "ascii")
    assert len(plain) == len(words)
    assert "?" not in plain
    assert screen.fit(words, "utf-8") == words


def test_what_has_no_twin_is_a_question_mark() -> None:
    assert screen.fit("Łódź ✓", "ascii") == "??d? v"
    assert screen.fit("für ✓", "latin-1") == "für v"


def test_an_unknown_encoding_gets_ascii() -> None:
    assert screen.fit("✓", None) == "v"


def test_a_pipe_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    file = stream("utf-8")
    screen.show(Text("✗ missed " * 12, style="bold red"), file)
    lines = written(file).decode().splitlines()
    assert all(len(line) <= 100 and "\x1b" not in line and line == line.rstrip() for line in lines)
    assert len(lines) == 2


def test_columns_are_heeded_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    file = stream("ascii")
    screen.show(Text("✗ missed " * 8), file)
    assert [len(line) <= 40 for line in written(file).decode().splitlines()] == [True, True]
    assert b"x missed" in written(file)


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_it_wants_none(
    no_color: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    file = Terminal()
    screen.show(Text("✗ missed", style="red"), file)
    assert ("\x1b[31m" in file.getvalue()) is coloured


def test_colour_can_be_forced_into_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = stream("utf-8")
    screen.show(Text("✗ missed", style="red"), file)
    assert b"\x1b[31m" in written(file)


def test_markup_of_tickets_is_only_text() -> None:
    assert screen.text("[bold]x[/bold] :smile: [link=file:///x]y") == (
        "[bold]x[/bold] :smile: [link=file:///x]y\n"
    )


def test_nor_is_it_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    file = Terminal()
    screen.show("[bold]x[/bold] :smile: 42", file)
    assert file.getvalue() == "[bold]x[/bold] :smile: 42\n"


def test_a_text_is_plain_whatever_the_environment_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert screen.text(Text("late", style="bold red link https://x.example")) == "late\n"


@pytest.mark.parametrize(("columns", "width"), [("", 100), ("40", 40), ("wide", 100)])
def test_how_wide_a_pipe_is(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert screen.console(stream("utf-8")).width == width
    assert screen.console(stream("utf-8"), width=70).width == 70


def test_a_terminal_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    size = os.terminal_size((133, 40))
    monkeypatch.setattr("rich.console.os.get_terminal_size", lambda *_: size)
    assert screen.console(Terminal()).width == 133


def test_what_does_not_fit_is_not_lost() -> None:
    wide = Text("x" * 150, no_wrap=True, overflow="ignore")
    assert screen.text(wide) == "x" * 150 + "\n"
    file = Terminal()
    screen.show(wide, file)
    assert file.getvalue().count("x") == 150


def test_what_steers_a_terminal_or_turns_the_writing_is_taken_away_and_nothing_else() -> None:
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    every = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x11000))]
    harmful = {
        one
        for one in every
        if one != "\n"
        and (unicodedata.category(one) == "Cc" or unicodedata.bidirectional(one) in turning)
    }
    assert {one for one in every if not screen.harmless(one)} == harmful
    assert screen.harmless("".join(every)) == "".join(one for one in every if one not in harmful)


def test_control_characters_of_tickets_do_not_reach_the_terminal() -> None:
    file = Terminal()
    screen.show(Text("a\x1b[2Jb\x07c"), file)
    assert "\x1b[2J" not in file.getvalue()
    assert "\x07" not in file.getvalue()
