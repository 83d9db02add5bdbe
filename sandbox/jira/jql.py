"""JQL asked of a site: which issues, in which order."""

from __future__ import annotations

import operator
from collections.abc import Callable
from zoneinfo import ZoneInfo

from sandbox.jira.desk import JiraDesk
from sandbox.jira.jql_dates import Present, date_of
from sandbox.jira.jql_fields import Rank, Searched, searched
from sandbox.jira.jql_read import (
    Both,
    Call,
    Clause,
    JqlError,
    Not,
    Operand,
    Query,
    Sort,
    Tree,
    Word,
    read_jql,
)
from sandbox.jira.model import Issue
from sandbox.jira.users import User

Test = Callable[[Issue], bool]
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_COMPARE: dict[str, Callable[[Rank, Rank], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}


def search(
    desk: JiraDesk,
    text: str,
    account: User,
    zone: ZoneInfo,
    fresh: frozenset[int] = frozenset(),
) -> list[Issue]:
    """The issues that the index shows for a query; JqlError is the answer's message.

    Without ORDER BY the newest come first. Cloud refuses a query that restricts nothing. Issues
    whose ids are in `fresh` are looked at as they are, however the index lags.
    """
    query = read_jql(text)
    if desk.cloud and query.where is None:
        raise JqlError(UNBOUNDED)
    asking = _Asking(desk, account, Present(desk.clock.now(), zone))
    found = [desk.issues.get(one.id, one) if one.id in fresh else one for one in desk.indexed()]
    return asking.answer(query, found)


class _Asking:
    """One query by one account at one instant."""

    def __init__(self, desk: JiraDesk, account: User, present: Present) -> None:
        self._desk, self._account, self._present = desk, account, present

    def answer(self, query: Query, issues: list[Issue]) -> list[Issue]:
        issues = sorted(issues, key=lambda issue: -issue.id)
        if query.where is not None:
            test = self._test(query.where)
            issues = [issue for issue in issues if test(issue)]
        for sort in reversed(query.order):
            issues = self._sorted(issues, sort)
        return issues

    def _sorted(self, issues: list[Issue], sort: Sort) -> list[Issue]:
        """Stable; the empty come last either way."""
        rank = searched(self._desk, sort.field).rank
        ranked = [(rank(issue), issue) for issue in issues]
        full = [(place, issue) for place, issue in ranked if place is not None]
        full.sort(key=lambda pair: pair[0], reverse=sort.descending)
        return [issue for _, issue in full] + [issue for place, issue in ranked if place is None]

    def _test(self, tree: Tree) -> Test:
        if isinstance(tree, Clause):
            return self._clause(tree)
        if isinstance(tree, Not):
            test = self._test(tree.part)
            return lambda issue: not test(issue)
        tests = [self._test(part) for part in tree.parts]
        every = all if isinstance(tree, Both) else any
        return lambda issue: every(test(issue) for test in tests)

    def _clause(self, clause: Clause) -> Test:
        field = searched(self._desk, clause.field)
        if any(_is_empty_word(value) for value in clause.values):
            return self._empty(field, clause)
        if clause.operator in ("~", "!~"):
            return self._contains(field, clause)
        if field.kind == "date":
            return self._date(field, clause)
        if clause.operator in ("=", "!=", "in", "not in"):
            return self._among(field, clause)
        return self._ordered(field, clause)

    def _empty(self, field: Searched, clause: Clause) -> Test:
        wanted = clause.operator in ("is", "=", "in")
        if clause.operator not in ("is", "is not", "=", "!=", "in", "not in"):
            raise JqlError(f"The operator '{clause.operator}' does not support EMPTY.")
        return lambda issue: (field.rank(issue) is None and not field.words(issue)) == wanted

    def _contains(self, field: Searched, clause: Clause) -> Test:
        if field.kind != "text":
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{field.name}' field."
            )
        words = self._word(clause.values[0], field).lower().strip('"*').split()
        wanted = clause.operator == "~"

        def test(issue: Issue) -> bool:
            found = any(all(word in text for word in words) for text in field.words(issue))
            return found == wanted

        return test

    def _date(self, field: Searched, clause: Clause) -> Test:
        limits = [date_of(value, clause.field, self._present) for value in clause.values]
        if clause.operator in ("in", "not in"):
            return lambda issue: (field.rank(issue) in limits) == (clause.operator == "in")
        return _compared(field, clause.operator, limits[0])

    def _among(self, field: Searched, clause: Clause) -> Test:
        wanted = {self._word(value, field).lower() for value in clause.values}
        self._check(field, clause)
        if field.kind == "key":
            wanted = {str(found.id) for word in wanted if (found := self._desk.find(word))}
        if clause.operator in ("=", "in"):
            return lambda issue: not wanted.isdisjoint(field.words(issue))
        return lambda issue: bool(words := field.words(issue)) and wanted.isdisjoint(words)

    def _ordered(self, field: Searched, clause: Clause) -> Test:
        """Priorities and keys have an order; words have none."""
        word = self._word(clause.values[0], field).lower()
        same = (issue for issue in self._desk.seen() if word in field.words(issue))
        example = next(same, None)
        if field.kind not in ("key", "set") or example is None:
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{field.name}' field."
            )
        limit = field.rank(example)
        return _compared(field, clause.operator, limit if limit is not None else 0)

    def _check(self, field: Searched, clause: Clause) -> None:
        for value in clause.values:
            word = self._word(value, field)
            if field.known is not None and word.lower() not in field.known:
                raise JqlError(f"The value '{word}' does not exist for the field '{clause.field}'.")
            if field.kind == "key" and self._desk.find(word) is None:
                raise JqlError(
                    f"An issue with key '{word}' does not exist for field '{clause.field}'."
                )

    def _word(self, value: Operand, field: Searched) -> str:
        if isinstance(value, Word):
            return value.text
        if value.name.lower() == "currentuser" and field.kind == "user":
            return self._account.account_id
        raise JqlError(f"Unable to find JQL function '{value.name}({value.argument})'.")


def _compared(field: Searched, sign: str, limit: Rank) -> Test:
    compare = _COMPARE[sign]

    def test(issue: Issue) -> bool:
        place = field.rank(issue)
        return place is not None and compare(place, limit)

    return test


def _is_empty_word(value: Operand) -> bool:
    if isinstance(value, Call):
        return False
    return not value.quoted and value.text.lower() in ("empty", "null")
