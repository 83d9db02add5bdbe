"""Reads stories from a plain text, as a person would jot them down.

A line at the margin begins a ticket: key, day, time, requester, team, priority, title. An indented
one is an act: days later, time, who, then `= field value, field value` (a change; an empty value
clears; lists by blanks), `# text` (an internal note) or `text` (a public comment). `-` is an
account that is gone. Right below the head `> text` is a line of the description, `& field value`
more of the first fields. Days count from the day of now, times are Berlin's.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.acts import Act, Fields, Story, first_fields
from sandbox.hours import on_day
from sandbox.people import NOBODY


def read_script(text: str, now: int) -> list[Story]:
    """The stories of a text in its order; ValueError or KeyError where it cannot be read."""
    return [_story(head, lines, now) for head, lines in _tickets(text)]


def _tickets(text: str) -> Iterator[tuple[str, list[str]]]:
    for block in text.strip().split("\n\n"):
        head, *lines = block.splitlines()
        yield head, lines


def _story(head: str, lines: list[str], now: int) -> Story:
    key, day, clock, requester, team, priority, title = head.split(None, 6)
    fields = first_fields(requester, team, priority)
    if "-" in key:
        fields["project"] = key.split("-")[0]
    at = on_day(now, int(day), clock)
    told = {mark: [line.strip()[2:] for line in lines if line.strip().startswith(mark)]
            for mark in ("> ", "& ")}  # fmt: skip
    for said in told["& "]:
        fields |= changes(said)
    text = "\n".join(told["> "]) or f"{title}, please help."
    acts = [Act(at, requester, "create", fields, text)]
    acts += [_act(line, int(day), now) for line in lines[sum(map(len, told.values())) :]]
    return Story("jira" if "-" in key else "servicenow", key, title, "Incident", tuple(acts))


def _act(line: str, first: int, now: int) -> Act:
    days, clock, who, what = line.split(None, 3)
    at, actor = on_day(now, first + int(days), clock), NOBODY if who == "-" else who
    if what.startswith("= "):
        return Act(at, actor, "set", changes(what[2:]))
    if what.startswith("# "):
        return Act(at, actor, "note", {}, what[2:])
    return Act(at, actor, "comment", {}, what)


def _change(part: str) -> tuple[str, str | list[str] | None]:
    field, _, value = part.partition(" ")
    return field, value.split() if field in ("labels", "components") else value or None


def changes(said: str) -> Fields:
    """The fields of one change in the script's words: `status Resolved, resolution Done`."""
    return dict(map(_change, said.split(", ")))
