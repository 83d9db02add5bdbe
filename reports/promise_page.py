"""What one policy promises as a page for people outside, in markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from reports.condition_words import both, either, name, tickets
from reports.promise_example import belongs, story
from reports.promise_steps import exclusion_words, step_words
from reports.promise_table import fields_of, rows
from reports.promise_words import (
    ON_CHANGE,
    business_days,
    clock_list,
    date_words,
    hours,
    length_words,
    meaning,
    pause_words,
    reopen_words,
    target_words,
)
from sla_engine.units import Instant, to_datetime
from sla_engine.words import clock_name, duration

if TYPE_CHECKING:
    from sla_engine.policy_tests import Example
    from sla_engine.terms import ClockTerms, Policy

KINDS = {
    "sla": "What customers are promised",
    "ola": "What teams owe each other",
    "uc": "What suppliers owe us",
}
EXAMPLES = "For example"

_MEANT = str.maketrans({sign: f"\\{sign}" for sign in "\\`*[]<>|"} | {"\n": " "})


def plain(text: str) -> str:
    """A text of the policies in which no sign has a meaning."""
    return text.translate(_MEANT)


class Page(msgspec.Struct, frozen=True):
    """A page by the name of its file, without what comes after the dot."""

    name: str
    title: str
    text: str


def slug(policy: Policy, now: Instant) -> str:
    """The page's name; what is not in force yet, or no more, bears its first day."""
    first = policy.effective
    stem = re.sub(r"[^a-z0-9]+", "-", policy.name.lower()).strip("-") or "policy"
    if first is None or (first <= now and (policy.ends is None or now < policy.ends)):
        return stem
    return f"{stem}-{to_datetime(first, _zone(policy)):%Y-%m-%d}"


def _zone(policy: Policy) -> ZoneInfo:
    calendars = [calendar for clock in policy.clocks for calendar in clock.calendar.leaves()]
    return ZoneInfo(calendars[0].zone if calendars else "UTC")


def _title(policy: Policy) -> str:
    words = name(policy.name)
    return words[:1].upper() + words[1:]


def page(policy: Policy, examples: Sequence[Example], now: Instant) -> Page:
    """What one policy promises; its tests that hold are the examples."""
    told = [one for one in examples if belongs(one, policy.name)]
    zone = _zone(policy)
    sections = [
        ("", _facts(policy, zone)),
        ("What is promised", _promised(policy, zone)),
        ("When time counts", _counts(policy)),
        ("When something changes", _changes(policy)),
        ("What happens on the way", _steps(policy)),
        (EXAMPLES, _examples(told, policy)),
    ]
    text = f"# {plain(_title(policy))}\n"
    for heading, lines in sections:
        body = "\n".join(lines)
        text += (f"\n## {heading}\n" if heading and body else "") + (f"\n{body}\n" if body else "")
    return Page(slug(policy, now), _title(policy), text)


def subject_of(policy: Policy) -> str:
    """To which tickets, or cases, it is promised."""
    return plain(tickets(policy.match, case=policy.case))


def _facts(policy: Policy, zone: ZoneInfo) -> Iterator[str]:
    if policy.describe:
        yield f"{plain(policy.describe.rstrip('.'))}.\n"
    yield f"- **For:** {subject_of(policy)}"
    if policy.type != "sla":
        yield f"- **Kind:** {KINDS[policy.type].lower()}; not a promise to customers"
    if policy.supports:
        supported, clock = policy.supports
        fits = f"{clock_name(clock).lower()} of {plain(name(supported))}"
        yield f"- **Must fit inside:** {fits}"
    if policy.effective is not None:
        yield f"- **In force from:** {date_words(policy.effective, zone)}"
    if policy.until is not None:
        yield f"- **Until:** {date_words(Instant(policy.until - 1), zone)}"
    if policy.owner:
        yield f"- **Owner:** {plain(policy.owner)}"
    if (review := _review(policy)) is not None:
        yield f"- **Next review:** {review}"


def _review(policy: Policy) -> str | None:
    review = policy.review
    if review is None:
        return None
    day = f"{review.next.day} {review.next:%B %Y}" if review.next else "no day set"
    said = [day] + ([f"every {length_words(review.every)}"] if review.every else [])
    said += [f"by {both(map(plain, review.by))}"] if review.by else []
    return ", ".join(said) + (f" ({plain(review.plan)})" if review.plan else "")


def _promised(policy: Policy, zone: ZoneInfo) -> Iterator[str]:
    choices = [clock.targets for clock in policy.clocks]
    fields, table = rows(choices, lambda target: target_words(target, zone))
    heads = [name(field).capitalize() for field in fields]
    yield _row([*heads, *(clock_name(clock.name) for clock in policy.clocks)])
    yield _row(["---"] * (len(heads) + len(choices)))
    for values, cells in table:
        others = ("any other" if len(table) > 1 else "any" for _ in values)
        yield _row([*(value or next(others) for value in values), *cells])
    yield ""
    for clock in policy.clocks:
        yield f"- **{clock_name(clock.name)}:** {plain(meaning(clock))}."


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(plain, cells))} |"


def _grouped(policy: Policy, what: str) -> Iterator[tuple[list[ClockTerms], ClockTerms]]:
    """The clocks that share a term, with one that says it for all."""
    ordered = sorted(policy.clocks, key=lambda clock: repr(getattr(clock, what)))
    groups = [list(group) for _, group in groupby(ordered, key=lambda c: repr(getattr(c, what)))]
    for group in sorted(groups, key=lambda group: policy.clocks.index(group[0])):
        yield group, group[0]


def _counts(policy: Policy) -> Iterator[str]:
    groups = list(_grouped(policy, "calendar"))
    for group, clock in groups:
        whose = f"**{clock_list(group)}** " if len(groups) > 1 else ""
        lines = [plain(line) for line in hours(clock.calendar)]
        if len(lines) == 1:
            yield f"- {whose}{'counts' if whose else 'Time counts'} {lines[0]}."
        else:
            yield f"- {whose}{'counts' if whose else 'Time counts'}:"
            yield from (f"  - {line}" for line in lines)
    if policy.local:
        yield "- The hours are those of the customer's own time zone."
    if days := business_days(policy.clocks):
        yield f"- {days}."
    for group, clock in _grouped(policy, "pause"):
        if clock.pause is not None:
            stands = "stands" if len(group) == 1 else "stand"
            yield f"- **{clock_list(group)}** {stands} still {plain(pause_words(clock.pause))}."
    never = [clock for clock in policy.clocks if clock.pause is None]
    if never and len(never) < len(policy.clocks):
        yield f"- **{clock_list(never)}** never {'stands' if len(never) == 1 else 'stand'} still."
    yield from (f"- {plain(exclusion_words(one))}." for one in policy.exclusions)


def _changes(policy: Policy) -> Iterator[str]:
    asked = dict.fromkeys(name(field) for c in policy.clocks for field in fields_of(c.targets))
    if asked:
        yield f"- If {either(asked)} changes, {ON_CHANGE[policy.on_target_change]}."
    if policy.settle:
        yield (
            f"- What is set within {duration(policy.settle)} after the start counts as if it had "
            "been so from the beginning."
        )
    if policy.merge == "earliest":
        yield "- If other tickets are merged into one, time counts from the start of the first."
    for clock in policy.clocks:
        if clock.preset == "resolution":
            yield from (f"- {line}" for line in reopen_words(clock.reopen))
            return


def _steps(policy: Policy) -> Iterator[str]:
    """In the order in which they are reached, as far as that is the same for all targets."""
    for one in sorted(policy.steps, key=lambda step: (step.percent, step.offset, not step.of_aim)):
        yield f"- {plain(step_words(one))}."


def _examples(told: Sequence[Example], policy: Policy) -> Iterator[str]:
    for number, one in enumerate(told):
        words = one.case.name
        yield f"{'' if not number else chr(10)}**{plain(words[:1].upper() + words[1:])}**\n"
        yield from (f"- {_kept(line)}" for line in story(one, policy.name))


def _kept(line: str) -> str:
    """A line of a story, in which the marks of what is true are ours."""
    return plain(line).replace("\\*\\*", "**")
