"""Which test runs which line, noted once with nothing changed: a mutant needs those of its own."""

from __future__ import annotations

import ast
import pickle
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from math import inf
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest

from tests.mutants.breaking import ROOT
from tests.mutants.living import NOTICED, SURVIVED, in_fork

Lines = frozenset[tuple[str, int]]


class Touched(NamedTuple):
    """By name of a test: the lines it runs and the seconds it takes."""

    lines: Mapping[str, Lines]
    seconds: Mapping[str, float]

    def tests(self, path: Path, line: int, among: Iterable[str]) -> list[str]:
        """Those that run the statement at the line, the quickest first; new ones before them."""
        wanted = {(_named(path), number) for number in _statement(path, line)}
        found = [name for name in among if not self.lines.get(name, wanted).isdisjoint(wanted)]
        return sorted(found, key=lambda name: self.seconds.get(name, 0.0))

    def files(self, path: Path) -> list[str]:
        """Those whose tests run anything of the module, first which do so the most in a second."""
        often, long = defaultdict[str, int](int), defaultdict[str, float](float)
        for name, lines in self.lines.items():
            file = name.partition("::")[0]
            often[file] += any(where == _named(path) for where, _ in lines)
            long[file] += self.seconds[name]
        found = [file for file, times in often.items() if times]
        return sorted(found, key=lambda file: (long[file] + 1) / often[file])


def touched(
    functions: Mapping[Path, Sequence[FunctionType]],
    tests: Sequence[pytest.Item],
    file: Path,
    say: Callable[[str], None],
) -> Touched | None:
    """Run the tests, in a fork, and note in a file their lines of the modules with these functions;
    if it is there it is taken as it is. None where a test fails as it is."""
    if not file.exists():
        recorder = _Recorder(map(str, functions))
        for function in chain.from_iterable(functions.values()):
            function.__dict__["__cantrace__"] = True
        if in_fork(lambda: _record(recorder, tests, file, say), inf) != SURVIVED:
            say("the tests do not run as they are")
            return None
    return Touched(*pickle.loads(file.read_bytes()))  # written by ourselves


def _record(
    recorder: _Recorder, tests: Sequence[pytest.Item], file: Path, say: Callable[[str], None]
) -> int:
    lines, seconds = {}, {}
    for test, after in zip_longest(tests, tests[1:]):
        began = time.process_time()
        recorder.begin()
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=after)
        lines[test.nodeid] = recorder.end()
        seconds[test.nodeid] = time.process_time() - began
        if test.session.testsfailed:
            say(f"{test.nodeid} fails without any mutant")
            return NOTICED
    file.write_bytes(pickle.dumps((lines, seconds)))
    return SURVIVED


class _Recorder:
    """Notes the lines of some modules that are run; code all of whose lines were is let be.
    Audit hooks are traced only where they allow it."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._left: dict[int, tuple[CodeType, set[int]]] = {}

    def begin(self) -> None:
        forget(self._paths)
        self._left = {}
        sys.settrace(self._call)
        threading.settrace(self._call)

    def end(self) -> Lines:
        sys.settrace(None)
        threading.settrace(None)
        return frozenset(
            (_named(Path(code.co_filename)), line)
            for code, left in self._left.values()
            for line in _lines(code) - left
        )

    def _call(self, frame: FrameType, _event: str, _arg: object) -> Any:
        code = frame.f_code
        if code.co_filename not in self._paths:
            return None
        if id(code) not in self._left:  # a code's own hash would be most of the work
            self._left[id(code)] = code, _lines(code)
        return self._line if self._left[id(code)][1] else None

    def _line(self, frame: FrameType, _event: str, _arg: object) -> Any:
        self._left[id(frame.f_code)][1].discard(frame.f_lineno)
        return self._line


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line}


def forget(paths: Collection[str]) -> None:
    """Empty the caches of modules: what one test asks first, others ask as well."""
    for module in list(sys.modules.values()):
        if (module.__dict__.get("__file__") or "") in paths:
            for value in vars(module).values():
                if hasattr(type(value), "cache_clear"):  # of itself a proxy may not be asked
                    value.cache_clear()


def _statement(path: Path, line: int) -> set[int]:
    """The lines of the innermost statement there, without those of statements within it."""
    owner: dict[int, ast.stmt] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.stmt):
            owner.update(dict.fromkeys(range(node.lineno, (node.end_lineno or 0) + 1), node))
    return {number for number, node in owner.items() if node is owner.get(line)}
