"""All policies as pages: an index, a page for each, and what the words mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from reports.promise_page import EXAMPLES, KINDS, Page, page, plain, subject_of
from reports.promise_words import date_words, length_words
from sla_engine.words import clock_name

if TYPE_CHECKING:
    from sla_engine.policy_tests import Example
    from sla_engine.terms import Policies, TicketException
    from sla_engine.units import Instant

GLOSSARY = "glossary"


def pages(
    policies: Policies, examples: Sequence[Example], now: Instant, only: Sequence[str] = ()
) -> tuple[Page, ...]:
    """An index, a page for each policy, and the glossary where there are words; or the pages of
    `only` these policies."""
    chosen = [one for one in policies.policies if not only or one.name in only]
    told = [_told(policies, page(one, examples, now)) for one in chosen]
    if only:
        return tuple(told)
    words = [_glossary(policies.glossary)] if policies.glossary else []
    return (_index(policies, told), *told, *words)


def _told(policies: Policies, made: Page) -> Page:
    return msgspec.structs.replace(made, text=_linked(made.text, policies.glossary))


def _index(policies: Policies, told: Sequence[Page]) -> Page:
    lines = ["# What we promise", ""]
    for kind, heading in KINDS.items():
        group = [(p, t) for p, t in zip(policies.policies, told, strict=True) if p.type == kind]
        if group:
            lines += [f"## {heading}", "", "| | For | Owner |", "|---|---|---|"]
            lines += [
                f"| [{plain(page.title)}]({page.name}.md) | {subject_of(policy)} | "
                f"{plain(policy.owner) or '—'} |"
                for policy, page in group
            ]
            lines.append("")
    if policies.exceptions:
        lines += ["## Exceptions on record", ""]
        lines += [f"- {plain(_exception(one))}" for one in policies.exceptions] + [""]
    if policies.glossary:
        lines += [f"[What the words mean]({GLOSSARY}.md)", ""]
    lines.append(f"Made by `sla docs` from policies {policies.version}.")
    return Page("index", "What we promise", "\n".join(lines) + "\n")


def _exception(one: TicketException) -> str:
    zone = ZoneInfo("UTC")
    clock = clock_name(one.clock) if one.clock else "Every promise"
    if one.extend is not None:
        what = f"extended by {length_words(one.extend)}"
    elif one.due is not None:
        what = f"due {date_words(one.due, zone)}"
    else:
        what = "waived" + (f" until {date_words(one.until, zone)}" if one.until else "")
    return f"{one.ticket}: {clock} {what}. {one.reason.rstrip('.')} (approved by {one.approved_by})"


def _glossary(words: Mapping[str, str]) -> Page:
    lines = ["# What the words mean", ""]
    for word in sorted(words, key=str.lower):
        lines += [f"## {plain(word)}", "", plain(words[word]), ""]
    return Page(GLOSSARY, "What the words mean", "\n".join(lines).rstrip() + "\n")


def _linked(text: str, glossary: Mapping[str, str]) -> str:
    """The first mention of each word in what is promised as a link to what it means."""
    text, examples, stories = text.partition(f"\n## {EXAMPLES}\n")
    for word in sorted(glossary, key=len, reverse=True):
        anchor = re.sub(r"[^\w\- ]", "", word.lower()).replace(" ", "-")
        mention = re.compile(rf"(?<![\w\[/-]){re.escape(plain(word))}(?![\w\]/-])", re.IGNORECASE)
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if not line.startswith(("#", "|", "- **For:**")) and (
                found := mention.search(_bare(line))
            ):
                a, b = found.span()
                lines[number] = f"{line[:a]}[{line[a:b]}]({GLOSSARY}.md#{anchor}){line[b:]}"
                break
        text = "\n".join(lines)
    return text + examples + stories


def _bare(line: str) -> str:
    """The line with its links blanked, so that none is put into another."""
    return re.sub(r"\[[^\]]*\]\([^)]*\)", lambda link: " " * len(link[0]), line)
