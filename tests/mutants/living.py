"""The life of a mutant in a fork of this process: tests run until one fails, and it is gone.

One whose change lies in a function gets it there and then. One that differs as it is imported, and
a mistake planted in the text, needs everything imported once more.
"""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from itertools import zip_longest
from math import inf
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.mutants.breaking import ROOT, Broken

SURVIVED, NOTICED, NEEDS_IMPORT = 0, 1, 77
_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore:Module already")
_PATIENCE = 900
"""Seconds after which a mutant counts as noticed: it hangs."""
_BUSY = 60
"""The same, of the processor's time for the tests of one file."""
_MEMORY = 4 << 30


def in_fork(life: Callable[[], int], patience: float = _PATIENCE) -> int:
    """What it comes to in a fork of this process; NOTICED where it crashes or does not end."""
    child = os.fork()
    if child == 0:
        status = NOTICED
        try:
            silence()
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            status = life()
        finally:
            os._exit(status)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        ended, ending = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.WEXITSTATUS(ending) if os.WIFEXITED(ending) else NOTICED
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return NOTICED


def silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def functions_of(paths: Collection[Path]) -> Mapping[Path, list[FunctionType]]:
    """The functions of modules that there are."""
    found: dict[Path, list[FunctionType]] = {path: [] for path in paths}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and (path := Path(one.__code__.co_filename)) in found:
            found[path].append(one)
    gc.freeze()  # so that no fork goes through all that is
    return found


def changed_in_place(
    mutant: Broken,
    functions: Iterable[FunctionType],
    tests: Sequence[tuple[pytest.Item, float]],
    patience: float,
) -> int:
    """Run collected tests, each with the seconds it takes, against functions that are changed;
    after so many seconds of work no more is begun."""
    if not _change(mutant, functions):
        return NEEDS_IMPORT
    for (test, seconds), after in zip_longest(tests, tests[1:]):
        if time.process_time() > patience:
            return SURVIVED
        signal.setitimer(signal.ITIMER_PROF, 3 + 5 * seconds)
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=after and after[0])
        if test.session.testsfailed:
            return NOTICED
    return SURVIVED


def _change(mutant: Broken, functions: Iterable[FunctionType]) -> bool:
    """Give the functions of a module the mutant's code; False where it differs elsewhere."""
    made = _by_place(_compiled(mutant))
    old = _by_place(compile(mutant.path.read_text(encoding="utf-8"), str(mutant.path), "exec"))
    differs = {place for place, codes in old.items() if made.get(place) != codes}
    if any(len(old[place]) != 1 or len(made.get(place, ())) != 1 for place in differs):
        return False  # expressions on one line: which is which cannot be told
    for function in functions:
        if (place := _place(function.__code__)) in differs:
            (function.__code__,) = made[place]
    return bool(differs)


def _by_place(module: CodeType) -> Mapping[tuple[str, int], list[CodeType]]:
    found = defaultdict[tuple[str, int], list[CodeType]](list)
    for code in _within(module):
        found[_place(code)].append(code)
    return found


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _within(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & 0x2:  # CO_NEWLOCALS: a function, no body of a class
                yield inner
            yield from _within(inner)


def _compiled(mutant: Broken) -> CodeType:
    return compile(ast.fix_missing_locations(mutant.tree()), str(mutant.path), "exec")


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed tree."""

    def __init__(self, mutant: Broken) -> None:
        self._name, self._path, self._code = _name(mutant.path), mutant.path, _compiled(mutant)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        folder = [str(self._path.parent)] if self._path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=self, submodule_search_locations=folder
        )

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)  # that is what an import does


def imported_anew(mutant: Broken, files: Iterable[str], patience: float = inf) -> int:
    """Run whole files of tests, all that is ours imported once more; the same patience."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(f"{ROOT}/") and _is_ours(module):
            del sys.modules[name]
    sys.meta_path.insert(0, _Changed(mutant))
    patient = (file for file in files if time.process_time() < patience)
    return NOTICED if any(map(_fails, patient)) else SURVIVED


def _is_ours(module: ModuleType) -> bool:
    return ".venv" not in str(module.__file__)


def _fails(file: str) -> bool:
    signal.setitimer(signal.ITIMER_PROF, _BUSY)
    return pytest.main([*_OPTIONS, file]) not in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    )


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
