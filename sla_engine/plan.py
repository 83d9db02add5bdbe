"""Verdicts against what the ticket says: the changes that would make it tell the truth.

Fields are levels: written when they differ. Deeds are edges: each has a key, and one that is done,
or borne by the ticket already, is not planned again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from sla_engine import pause_cap
from sla_engine.actions import ACTIONS, comment, notify
from sla_engine.actions.context import Context
from sla_engine.calendars import opening
from sla_engine.changes import Change, Deed, SetFields, Why
from sla_engine.conditions import EventTest, holds
from sla_engine.evaluate import compiled
from sla_engine.fold import fields_at
from sla_engine.ladder import is_over
from sla_engine.model import At, FieldValue, Reached, Ticket, Value, Verdict
from sla_engine.pause_cap import PAUSE_CAPPED
from sla_engine.terms import Policies, Policy, PublishTerms, Step
from sla_engine.units import SECOND, Instant
from sla_engine.versions import judge_of
from sla_engine.wording import published
from sla_engine.words import foremost, is_open, urgency

UTC = ZoneInfo("UTC")
THE_BEGINNING = Instant(0)
_Firing = tuple[Reached, list[Step]]


class Limits(msgspec.Struct, frozen=True):
    """How much one pass may say at most before a person has to look.

    `comments` and `escalations` count deeds of one pass over all tickets of a connection;
    `share` of the open tickets, but never fewer than `at_least`, may be written to.
    """

    comments: int = 50
    escalations: int = 20
    share: float = 0.2
    at_least: int = 25


def plan(
    policies: Policies,
    ticket: Ticket,
    verdicts: Sequence[Verdict],
    now: Instant,
    *,
    done: Collection[str] = (),
    since: Instant = THE_BEGINNING,
    channels: Collection[str] = (),
) -> tuple[Change, ...]:
    """The changes to one ticket, fields first.

    Steps reached before `since` fire nothing: that backlog was there before us. `done` are the keys
    of deeds that need no repeating; `channels` those that service.yaml can reach.
    """
    terms = policies.publish.get(ticket.system)
    if terms is None:
        return ()
    changes: list[Change] = [*_fields(policies, terms, ticket, verdicts)]
    if any((v.steps or PAUSE_CAPPED in v.flags) and is_open(v) for v in verdicts):
        fields = fields_at(compiled(policies)[0], ticket, now)
        said = {*done, *ticket.marks}
        for verdict in verdicts:
            changes.extend(
                deed
                for deed in _deeds(policies, verdict, _Moment(ticket, fields, now, since, channels))
                if deed.key not in said and (terms.comments or not _is_comment(deed))
            )
    return tuple(changes)


def refusal(
    planned: Sequence[tuple[Ticket, Sequence[Change]]], tickets: int, limits: Limits
) -> str:
    """Why this much must not be written without a person's word, with the numbers; "" where it
    may. `tickets` are the open tickets of the connection."""
    deeds = [deed for _, changes in planned for deed in changes if not isinstance(deed, SetFields)]
    comments = sum(_is_comment(deed) for deed in deeds)
    escalations = len(deeds) - comments
    if comments > limits.comments:
        return (
            f"{comments} comments would be written at once; the limit is {limits.comments} a pass "
            "(limits.comments_per_run)"
        )
    if escalations > limits.escalations:
        return (
            f"{escalations} escalations would fire at once; the limit is {limits.escalations} a "
            "pass (limits.escalations_per_run)"
        )
    touched = sum(1 for _, changes in planned if any(not isinstance(c, SetFields) for c in changes))
    allowed = max(limits.at_least, int(tickets * limits.share))
    if touched > allowed:
        return (
            f"{touched} of {tickets} open tickets would be commented or escalated; the limit is "
            f"{allowed} (limits.share_of_tickets)"
        )
    return ""


def zone_of(policies: Policies, verdicts: Sequence[Verdict]) -> ZoneInfo:
    """The zone of the calendar of the clock that speaks first; UTC if it is round the clock."""
    for verdict in sorted(foremost(verdicts), key=urgency):
        policy = judge_of(policies, verdict)
        for terms in policy.clocks if policy else ():
            zones = (calendar.zone for calendar in terms.calendar.leaves())
            local = next((zone for zone in zones if zone != "UTC"), "")
            if terms.name == verdict.clock and local:
                return ZoneInfo(local)
    return UTC


def _fields(
    policies: Policies, terms: PublishTerms, ticket: Ticket, verdicts: Sequence[Verdict]
) -> Iterator[SetFields]:
    zone = zone_of(policies, verdicts)
    wanted = {name: published(kind, verdicts, zone) for name, kind in terms.fields.items()}
    differing = tuple(
        (name, value) for name, value in wanted.items() if not same(ticket.written.get(name), value)
    )
    if differing:
        yield SetFields(ticket.ref, differing, _why(policies, verdicts))


def same(ours: FieldValue, theirs: FieldValue) -> bool:
    """Whether two field values mean the same: empty is empty, however it is said, and dates agree
    to the second, which is all that ServiceNow keeps."""
    if isinstance(ours, At) and isinstance(theirs, At):
        return ours.at // SECOND == theirs.at // SECOND
    return (ours or None) == (theirs or None)


def _why(policies: Policies, verdicts: Sequence[Verdict]) -> Why:
    if not verdicts:
        return Why("no policy promises this ticket anything any more")
    first = min(foremost(verdicts), key=urgency)
    policy = judge_of(policies, first)
    cause = first.spans[-1].cause if first.spans else ""
    return Why(f"{first.policy}: {first.clock}", policy.where if policy else None, cause)


class _Moment(msgspec.Struct, frozen=True):
    """The ticket at the time of acting, since when steps count, and who can be reached."""

    ticket: Ticket
    fields: Mapping[str, Value]
    now: Instant
    since: Instant
    channels: Collection[str]


def _deeds(policies: Policies, verdict: Verdict, moment: _Moment) -> Iterator[Deed]:
    if not is_open(verdict):
        return
    policy = judge_of(policies, verdict)
    assert policy is not None, "the verdict is of these policies"
    ladder: dict[str, list[Step]] = defaultdict(list)
    for step in policy.steps:
        ladder[step.name].append(step)
    zone = zone_of(policies, (verdict,))
    firing = [
        (reached, steps)
        for reached in _firing(verdict, ladder)
        if reached.at >= moment.since
        and (steps := [s for s in ladder[reached.name] if _wanted(s, reached, moment)])
    ]
    if (capped := pause_cap.reached(verdict)) is not None and capped.at >= moment.since:
        firing.append((capped, [pause_cap.STEP]))
    speaker = max(filter(_speaks, firing), key=_height, default=None)
    for one in firing:
        reached, steps = one
        context = _context(verdict, policy, moment, zone, reached, steps)
        if one is speaker:
            yield from _speech(context, steps)
        for action in (action for step in steps for action in step.do):
            if action.name in ACTIONS:
                yield from ACTIONS[action.name](context, action.argument)


def _firing(verdict: Verdict, ladder: Mapping[str, Sequence[Step]]) -> list[Reached]:
    """Of the steps reached, those that still have something to say: the last warning unless it is
    breached already, and of every later step its last repetition."""
    latest: dict[str, Reached] = {}
    warning: Reached | None = None
    for reached in verdict.steps:
        if any(is_over(step) for step in ladder[reached.name]):
            latest[reached.name] = reached
        elif warning is None or reached.at >= warning.at:
            warning = reached
    if verdict.breached_at is not None or warning is None:
        return list(latest.values())
    return [warning]


def _wanted(step: Step, reached: Reached, moment: _Moment) -> bool:
    """Whether the step shall act now: its hours have come, and its conditions hold."""
    if step.hours is not None:
        opens = opening(step.hours, reached.at)
        if opens is None or opens > moment.now:
            return False

    def changed(test: EventTest) -> bool:
        return _changed_lately(test, moment)

    excused = step.unless is not None and holds(step.unless, moment.fields, changed)
    return holds(step.when, moment.fields, changed) and not excused


def _changed_lately(test: EventTest, moment: _Moment) -> bool:
    assert test.within is not None, "steps ask nothing else of what happened"
    since, journal = moment.now - test.within, moment.ticket.journal
    first = bisect_left(journal.ats, since)
    return test.field in journal.fields[first : bisect_right(journal.ats, moment.now)]


def _speaks(firing: _Firing) -> bool:
    return any(action.name in ("comment", "notify") for step in firing[1] for action in step.do)


def _height(firing: _Firing) -> tuple[Instant, int]:
    """How far up the ladder: of the steps that we find reached at once, only the highest one with
    something to say says it, for it tells all that those below would have told."""
    reached, steps = firing
    return reached.at, max(s.offset + (reached.occurrence - 1) * (s.repeat or 0) for s in steps)


def _context(
    verdict: Verdict,
    policy: Policy,
    moment: _Moment,
    zone: ZoneInfo,
    reached: Reached,
    steps: Sequence[Step],
) -> Context:
    again = f":{reached.occurrence}" if reached.occurrence > 1 else ""
    slug = reached.name.replace(" ", "")
    key = f"{cycle_key(verdict)}{slug}{again}"
    cause = verdict.spans[-1].cause if verdict.spans else ""
    why = Why(f"{reached.name} of {verdict.clock} reached", steps[0].where or policy.where, cause)
    ref, fields, channels = moment.ticket.ref, moment.fields, moment.channels
    return Context(ref, key, reached.name, verdict, policy, fields, zone, why, channels, reached.at)


def cycle_key(verdict: Verdict) -> str:
    """How the keys of a cycle's deeds begin: `gold.resolution#1:`, `gold.ownership-network#1:`."""
    of = re.sub(r"\W+", "-", f" {verdict.of.lower()}") if verdict.of else ""
    return f"{verdict.policy}.{verdict.clock}{of}#{verdict.cycle}:"


def _speech(context: Context, steps: Sequence[Step]) -> Iterator[Deed]:
    """The comment of a step and its messages."""
    actions = [action for step in steps for action in step.do]
    texts = [a.argument for a in actions if a.name == "comment" and isinstance(a.argument, str)]
    recipients = list(
        dict.fromkeys(name for a in actions if a.name == "notify" for name in _names(a.argument))
    )
    said = comment.deed(context, texts, recipients)
    yield said
    yield from notify.deeds(context, recipients, said.lines[0])


def _names(argument: object) -> tuple[str, ...]:
    if isinstance(argument, str):
        return (argument,)
    assert isinstance(argument, tuple)
    return tuple(str(name) for name in argument)


def _is_comment(deed: Change) -> bool:
    return type(deed).__name__ == "AddComment"
