"""The admins' own tests of their policies: a ticket, what happens to it, what must be true when.

Pure: the texts of files come through `read`. A test file that cannot be understood yields problems,
one whose expectations do not hold yields failures; the two are never mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from posixpath import dirname, join, normpath
from zoneinfo import ZoneInfo

import msgspec

from sla_engine import policy_files
from sla_engine.evaluate import compiled, evaluate
from sla_engine.model import Verdict
from sla_engine.policy_test_answers import because, figure, policy_line, said
from sla_engine.policy_test_checks import Check, as_expected, told
from sla_engine.policy_test_checks import said as problem_said
from sla_engine.policy_test_files import Case, Expectation, TestFile, read_tests
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.second_looks import second_looks
from sla_engine.terms import Policies
from sla_engine.units import Instant

Read = Callable[[str], str | bytes]


class Failure(msgspec.Struct, frozen=True):
    """One figure that is not as expected. `because` names the deciding event by its line in the
    test, `policy` the line that chose the target, or why no policy did."""

    where: Where
    at: Instant
    clock: str
    what: str
    expected: str
    got: str
    because: str
    policy: str


class Result(msgspec.Struct, frozen=True):
    """One case: how many expectations it has, and those that do not hold."""

    name: str
    where: Where
    zone: str
    expectations: int
    failures: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.failures


class Report(msgspec.Struct, frozen=True):
    """All results in the order of files and cases, and what kept files from being run."""

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was run and holds."""
        errors = any(problem.severity == "error" for problem in self.problems)
        return not errors and all(result.passed for result in self.results)


class Example(msgspec.Struct, frozen=True):
    """A case that holds, with the verdict that answers each of its expectations."""

    case: Case
    answers: tuple[tuple[Expectation, Verdict | None], ...]


def run(files: Iterable[str], read: Read) -> Report:
    """Run test files by name. `files:` of a test file are names relative to it.

    `read` gives the text of a name and raises OSError where there is none.
    """
    results: list[Result] = []
    problems: list[Problem] = []
    for tests, policies, found in _loaded(files, read):
        problems += found
        done = [*run_cases(tests.cases, policies), *(_checked(c, tests) for c in tests.checks)]
        results += sorted(done, key=lambda result: result.where)
    return Report(tuple(results), tuple(problems))


def examples(files: Iterable[str], read: Read) -> tuple[tuple[Example, ...], bool]:
    """Every case that holds, as `run` would run it, and whether all of them do."""
    held: list[Example] = []
    whole = True
    for tests, policies, found in _loaded(files, read):
        whole = whole and not found
        for case, result in zip(tests.cases, run_cases(tests.cases, policies), strict=True):
            if result.passed:
                answers = [(one, _answer(case, one, policies)) for one in case.expectations]
                held.append(Example(case, tuple(answers)))
            whole = whole and result.passed
    return tuple(held), whole


def _loaded(files: Iterable[str], read: Read) -> Iterator[tuple[TestFile, Policies, list[Problem]]]:
    """Each file with the policies it tests; an empty one where there is a problem."""
    for file in files:
        tests, problems = _tests(file, read)
        policies = Policies()
        if tests is not None:
            policies, found = _policies(tests, read)
            problems += found or list(_unknown_names(tests, policies))
        yield tests if tests and not problems else TestFile((), {}, ()), policies, problems


def _tests(file: str, read: Read) -> tuple[TestFile | None, list[Problem]]:
    try:
        return read_tests(read(file), file)
    except OSError as error:
        return None, [_unreadable(Where(file), file, error)]


def _policies(tests: TestFile, read: Read) -> tuple[Policies, list[Problem]]:
    """The policies under test; warnings about them are `check`'s business, not told here."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name, where in tests.files:
        path = normpath(join(dirname(where.file), name))
        try:
            text = read(path)
            texts[path] = text if isinstance(text, str) else text.decode("utf-8", "replace")
        except OSError as error:
            problems.append(_unreadable(where, path, error))
    policies, found = policy_files.load_texts(texts, holidays=tests.holidays)
    return policies, problems + [problem for problem in found if problem.severity == "error"]


def _unknown_names(tests: TestFile, policies: Policies) -> Iterator[Problem]:
    """Names that no policy knows: a test of a misspelt clock would hold for ever."""
    names = sorted({policy.name for policy in policies.policies})
    clocks = {clock.name for policy in policies.policies for clock in policy.clocks}
    fields = {*policies.fields, *compiled(policies)[0].watched}
    for case in tests.cases:
        for wanted in case.expectations:
            if wanted.policy not in (None, *names):
                mend = did_you_mean(wanted.policy or "", names) or f"there are {', '.join(names)}"
                what = f'no policy under test is called "{wanted.policy}"'
                yield Problem(wanted.where, what, mend, "SLA170")
            if wanted.clock not in clocks:
                what = f'no policy under test has a clock "{wanted.clock}"'
                mend = (
                    did_you_mean(wanted.clock, clocks) or f"they have {', '.join(sorted(clocks))}"
                )
                yield Problem(wanted.where, what, mend, "SLA170")
        for field, where in case.fields:
            if field not in fields and (mend := did_you_mean(field, fields)):
                yield Problem(
                    where, f'no policy under test knows a field "{field}"', mend, "SLA170"
                )


def _unreadable(where: Where, path: str, error: OSError) -> Problem:
    what = f"cannot read {path}: {error.strerror or error}"
    return Problem(where, what, "name files relative to the test file", "SLA171")


def run_cases(cases: Sequence[Case], policies: Policies) -> list[Result]:
    """Evaluate every case at the instants of its expectations."""
    return [
        Result(
            case.name,
            case.where,
            case.zone,
            len(case.expectations),
            tuple(f for wanted in case.expectations for f in _failures(case, wanted, policies)),
        )
        for case in cases
    ]


def _checked(check: Check, tests: TestFile) -> Result:
    """Hold what `sla check` says of the file in a test against what is expected."""
    failures = []
    for expected in check.expectations:
        found = told(check, expected.at, tests.holidays)
        if not as_expected(expected, found, check.lines):
            wanted = ", ".join(map(str, expected.problems)) or "none"
            got = ", ".join(str(problem_said(p, check.lines)) for p in found) or "none"
            why = "; ".join(map(str, found)) or "nothing is wrong with it"
            line = f"{check.file.where.file}:{check.file.where.line}"
            failures.append(
                Failure(expected.where, expected.at, "check", "problems", wanted, got, why, line)
            )
    return Result(check.name, check.where, check.zone, len(check.expectations), tuple(failures))


def _failures(case: Case, wanted: Expectation, policies: Policies) -> list[Failure]:
    verdict = _answer(case, wanted, policies)
    zone = ZoneInfo(case.zone)
    state: str = verdict.state if verdict else "none"
    pairs = [("state", wanted.state, state)]
    if wanted.reason is not None:
        pairs.append(("reason", wanted.reason, verdict.reason if verdict else "none"))
    if wanted.flag is not None:
        flags = second_looks(policies, case.ticket, verdict) if verdict else ()
        if wanted.flag not in (flags or ("none",)):
            pairs.append(("flag", wanted.flag, ", ".join(flags) or "none"))
    if verdict is not None or wanted.figures:
        pairs += [
            (what, said(what, value, zone), said(what, figure(verdict, what), zone))
            for what, value in wanted.figures
            if value != figure(verdict, what)
        ]
    wrong = [pair for pair in pairs if pair[0] not in ("state", "reason") or pair[1] != pair[2]]
    if not wrong:
        return []
    reason = because(case.ticket, verdict, zone)
    line = policy_line(policies, case.ticket, verdict, wanted.clock, wanted.at)
    return [Failure(wanted.where, wanted.at, wanted.clock, *pair, reason, line) for pair in wrong]


def _answer(case: Case, wanted: Expectation, policies: Policies) -> Verdict | None:
    return _verdict(evaluate(policies, case.ticket, wanted.at), wanted)


def _verdict(verdicts: Iterable[Verdict], wanted: Expectation) -> Verdict | None:
    """The cycle that is asked for, else the latest; a cancelled one only for want of others."""
    of_clock = [
        v
        for v in verdicts
        if v.clock == wanted.clock
        and wanted.policy in (None, v.policy)
        and wanted.of in (None, v.of)
    ]
    if wanted.cycle is not None:
        of_clock = [v for v in of_clock if v.cycle == wanted.cycle]
    order = [(v.state != "cancelled", v.started_at or 0, v.cycle) for v in of_clock]
    return of_clock[order.index(max(order))] if of_clock else None
