"""Ordinary tickets: arrivals with peaks, agents who keep office hours, customers who take time."""

from __future__ import annotations

import random
from typing import NamedTuple

from sandbox.acts import Act, Fields, Kind, Story, System, first_fields
from sandbox.hours import DAY, HOUR, MINUTE, SECOND, at_work, berlin
from sandbox.people import AUTOMATION, CUSTOMERS, TEAMS
from sandbox.phrases import ANSWERS, ASKS, NOTES, REPLIES, SOLVED, THANKS, TITLES
from sandbox.showcase import GREETING

WEEKS = 6
SUP_KEYS = [f"SUP-{n}" for n in range(91, 241)]
OPS_KEYS = [f"OPS-{n}" for n in range(58, 79)]
SNOW_KEYS = [f"INC{n:07}" for n in range(10001, 10071)]
_BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 9, 18, 24, 22, 16, 11, 17, 20, 16, 11, 6, 4, 3, 3, 2, 2, 1)
_BY_DAY = (26, 21, 19, 18, 15, 3, 2)  # Monday first
_PRIORITIES = {"P1": 7, "P2": 22, "P3": 46, "P4": 25}
_ANSWER = {"P1": 9, "P2": 28, "P3": 85, "P4": 170}  # minutes, the median
_SOLVE = {"P1": 105, "P2": 290, "P3": 780, "P4": 1_500}


class _Case(NamedTuple):
    """What is settled about a ticket before it is told."""

    draw: random.Random
    system: System
    priority: str
    requester: str
    agent: str
    team: str

    def after(self, at: int, minutes: float) -> int:
        """Working time about so long after; a P1 is worked on around the clock."""
        taken = minutes * self.draw.lognormvariate(0, 0.75)
        return at + round(taken * MINUTE) if self.priority == "P1" else at_work(at, taken)


def everyday_stories(draw: random.Random, now: int, taken: set[str]) -> list[Story]:
    """As many as keys are left, each system's keys rising with creation."""
    told: list[Story] = []
    for system, keys in (("jira", SUP_KEYS), ("jira", OPS_KEYS), ("servicenow", SNOW_KEYS)):
        free = [key for key in keys if key not in taken]
        arrivals = sorted(_arrival(draw, now) for _ in free)
        told += [
            _story(draw, system, key, at)  # type: ignore[arg-type]  # the two literals above
            for key, at in zip(free, arrivals, strict=True)
        ]
    return told


def _arrival(draw: random.Random, now: int) -> int:
    """An instant of the past weeks, likely in a busy hour of a busy day."""
    while True:
        at = now - draw.randrange(30 * MINUTE, WEEKS * 7 * DAY)
        moment = berlin(at)
        busy = _BY_HOUR[moment.hour] * _BY_DAY[moment.weekday()]
        if draw.random() * max(_BY_HOUR) * max(_BY_DAY) < busy:
            return at


def _story(draw: random.Random, system: System, key: str, at: int) -> Story:
    team = draw.choice(list(TEAMS))
    title = draw.choice(TITLES[team])
    kind: Kind = "Question" if title.endswith("?") else "Incident"
    priority = draw.choices(list(_PRIORITIES), list(_PRIORITIES.values()))[0]
    if kind == "Question":
        priority = max(priority, "P3")
    agent = draw.choice(TEAMS[team])
    case = _Case(draw, system, priority, draw.choice(CUSTOMERS), agent, team)
    return Story(system, key, title, kind, tuple(_life(case, key, title, at)))


def _life(case: _Case, key: str, title: str, at: int) -> list[Act]:
    """Creation, greeting, triage, answer, perhaps waits, solution, closing or a return."""
    acts = _begin(case, key, title, at)
    answered = case.after(at, _ANSWER[case.priority])
    triaged = at + round((answered - at) * case.draw.uniform(0.3, 0.9))
    acts.append(_set(triaged, case.agent, assignee=case.agent, status="In Progress"))
    if case.draw.random() < 0.4:
        acts.append(Act(answered - 20 * SECOND, case.agent, "note", {}, case.draw.choice(NOTES)))
    acts.append(Act(answered, case.agent, "comment", {}, case.draw.choice(ANSWERS)))
    at = answered
    for _ in range(case.draw.choices((0, 1, 2), (50, 38, 12))[0]):
        at = _wait(case, acts, at)
    return acts + _end(case, case.after(at, _SOLVE[case.priority]))


def _begin(case: _Case, key: str, title: str, at: int) -> list[Act]:
    fields = first_fields(case.requester, case.team, case.priority)
    if key.startswith("OPS"):
        fields["project"] = "OPS"
    actor = case.agent if case.draw.random() < 0.08 else case.requester
    acts = [Act(at, actor, "create", fields, f"{title.rstrip('?')}. It concerns several of us.")]
    if case.system == "jira":
        acts.append(Act(at + 3 * SECOND, AUTOMATION, "comment", {}, GREETING))
    return acts


def _wait(case: _Case, acts: list[Act], at: int) -> int:
    """The agent asks, the customer answers some hours later, the desk resumes."""
    asked = case.after(at, 40)
    status = "Waiting for vendor" if case.draw.random() < 0.15 else "Waiting for customer"
    acts.append(Act(asked, case.agent, "comment", {}, case.draw.choice(ASKS)))
    acts.append(_set(asked + 30 * SECOND, case.agent, status=status))
    back = asked + round(case.draw.lognormvariate(1.4, 0.9) * HOUR)
    who = case.agent if status == "Waiting for vendor" else case.requester
    acts.append(Act(back, who, "comment", {}, case.draw.choice(REPLIES)))
    by_rule = case.draw.random() < 0.7
    resumed = back + 2 * SECOND if by_rule else case.after(back, 30)
    acts.append(_set(resumed, AUTOMATION if by_rule else case.agent, status="In Progress"))
    return resumed


def _end(case: _Case, at: int) -> list[Act]:
    acts = _solve(case, at)
    if case.draw.random() < 0.06:  # it was not solved after all
        back = at + round(case.draw.uniform(3, 30) * HOUR)
        acts.append(Act(back, case.requester, "comment", {}, "It is back, the same as before."))
        acts.append(_set(back + 2 * SECOND, AUTOMATION, status="In Progress", resolution=None))
        at = case.after(back, _SOLVE[case.priority] / 2)
        acts += _solve(case, at)
    if case.draw.random() < 0.35:
        thanked = at + round(case.draw.uniform(0.1, 6) * HOUR)
        acts.append(Act(thanked, case.requester, "comment", {}, case.draw.choice(THANKS)))
    acts.append(_set(at + 3 * DAY, AUTOMATION, status="Closed"))
    return acts


def _solve(case: _Case, at: int) -> list[Act]:
    return [
        Act(at - 40 * SECOND, case.agent, "comment", {}, case.draw.choice(SOLVED)),
        _set(at, case.agent, status="Resolved", resolution="Done"),
    ]


def _set(at: int, actor: str, **fields: str | None) -> Act:
    changes: Fields = dict(fields)
    return Act(at, actor, "set", changes)
