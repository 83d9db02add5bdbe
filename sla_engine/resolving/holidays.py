"""Holidays that stand in files of their own: feeds (.ics) and the lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from posixpath import basename, dirname, join, normpath

from sla_engine.calendars.exceptions import Given
from sla_engine.calendars.feeds import days_in
from sla_engine.document import Node, Plain, plain
from sla_engine.holiday_lock import NAME, read_lock
from sla_engine.problems import Problem, Where

FEED = ".ics"


def is_policy(file: str) -> bool:
    """Whether a file states policies; feeds and locks do not."""
    return not file.endswith(FEED) and basename(file) != NAME


def stated(
    texts: Mapping[str, str | bytes], holidays: Given | None, problems: list[Problem]
) -> Given:
    """Dates by code and by name of feed. What a lock says of a year stands instead of what a feed
    says now; `holidays` beat both."""
    feeds = feeds_of(texts, problems)
    found: dict[str, Sequence[str] | Mapping[str, Sequence[str]]] = {**feeds}
    for file in sorted(texts):
        if basename(file) != NAME:
            continue
        lock, wrong = read_lock(texts[file], file)
        problems += wrong
        for code, years in lock.items():
            name = normpath(join(dirname(file), code)) if code.endswith(FEED) else code
            later = [day for day in feeds.get(name, ()) if day[:4] not in years]
            locked = [day for year in years.values() for day in year]
            found[name] = (*locked, *later) if code.endswith(FEED) else years
    return {**found, **(holidays or {})}


def feeds_of(
    texts: Mapping[str, str | bytes], problems: list[Problem]
) -> dict[str, tuple[str, ...]]:
    """The dates of each feed, whatever a lock says."""
    found = {}
    for file in sorted(texts):
        if file.endswith(FEED):
            text = texts[file]
            said = text if isinstance(text, str) else text.decode("utf-8", "replace")
            found[file], faults = days_in(said)
            problems += [
                Problem(Where(file, line), fault.what, fault.mend, "SLA145")
                for line, fault in faults
            ]
    return found


def terms_of(node: Node) -> Plain:
    """A calendar as written, its feed under the name by which files are known."""
    return _named(plain(node), dirname(node.where.file))


def _named(terms: Plain, folder: str) -> Plain:
    if isinstance(terms, list):
        return [_named(version, folder) for version in terms]
    if not isinstance(terms, dict):
        return terms
    days = terms.get("holidays")
    if isinstance(days, dict) and isinstance(feed := days.get("ics"), str):
        return {**terms, "holidays": {**days, "ics": normpath(join(folder, feed))}}
    return terms
