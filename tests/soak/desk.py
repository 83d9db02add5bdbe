"""A busy desk in the sandbox: tickets come, change some two hundred times, and are resolved."""

from __future__ import annotations

import random
from collections import deque

from sandbox.jira.model import Issue
from sandbox.jira.schema import PROJECTS
from sandbox.running import Running
from sla_engine.units import DAY, MINUTE, Instant

LIFE = 200
"""Updates of a ticket from its creation to its end."""
LATE_EVERY = 2
"""Every so many turns one ticket is made that nobody looks after: it gets a comment for that."""
SUPPORT = PROJECTS["10100"]
AGENTS = ("ada", "bob", "mona")
RESOLVED, URGENT, MEDIUM, LOW = "5", "1", "3", "4"
TARGETS = {URGENT: MINUTE, MEDIUM: 20 * DAY, LOW: 30 * DAY}


class Desk:
    """So many open tickets at all times. Every update is one change that a pull has to bring."""

    def __init__(self, running: Running, tickets: int, seed: int = 7) -> None:
        self._running, self._desk = running, running.jira
        self._dice = random.Random(seed)
        self._forgotten: deque[list[Issue]] = deque()
        self.updates = self.turns = 0
        self.resolved: list[Issue] = []
        self.late: list[Issue] = []
        self.open = deque(self._created(LOW) for _ in range(tickets))

    def turn(self, updates: int) -> None:
        """So many updates, spread over the open tickets; the oldest are resolved."""
        self.turns += 1
        until = self.updates + updates
        with self._desk.lock:
            leaving = [self.open.popleft() for _ in range(updates // LIFE)]
            for issue in leaving:
                self._desk.set_status(issue, "ada", self._now(), RESOLVED, {})
                self.updates += 1
                self.open.append(self._created(LOW))
            if self.turns % LATE_EVERY == 1:
                self.late.append(self._created(URGENT))
            while self.updates < until:
                self._touch(self._dice.choice(self.open))
            self._forget(leaving)

    def wrong(self, at: Instant) -> list[str]:
        """What our fields and comments do not say as they should; what fell due after `at` may
        not have been said yet."""
        expected = {
            **{
                one.key: ("On track", one.created + TARGETS[_priority(one)], 0) for one in self.open
            },
            **{one.key: ("Met", None, 0) for one in self.resolved},
            **{
                one.key: ("Breached", one.created + MINUTE, 1)
                for one in self.late
                if one.created + MINUTE <= at
            },
        }
        said = {issue.key: self._said(issue) for issue in self._desk.issues.values()}
        return [
            f"{key}: {said[key]}, not {want}" for key, want in expected.items() if said[key] != want
        ]

    def _said(self, issue: Issue) -> tuple[object, ...]:
        ids = {field.name: field.id for field in self._desk.fields.values()}
        status = self._desk.told(ids["SLA status"], issue.fields.get(ids["SLA status"]))
        return status, issue.fields.get(ids["SLA due"]), len(issue.comments)

    def _created(self, priority: str) -> Issue:
        fields = {"summary": f"Down again {self.updates}", "priority": priority}
        self.updates += 1
        return self._desk.create("carla", self._now(), SUPPORT, fields)

    def _touch(self, issue: Issue) -> None:
        draw = self._dice.random()
        fields: dict[str, str | tuple[str, ...]] = {"labels": (f"n{self.updates}",)}
        if draw < 0.01:
            fields = {"priority": MEDIUM if issue.text("priority") == LOW else LOW}
        elif draw < 0.5:
            others = [one for one in AGENTS if one != issue.text("assignee")]
            fields = {"assignee": self._dice.choice(others)}
        self._desk.edit(issue, "ada", self._now(), fields)
        self.updates += 1

    def _now(self) -> int:
        return self._running.clock.now()

    def _forget(self, leaving: list[Issue]) -> None:
        """What nobody will ask for any more goes, so that the sandbox does not fill the machine."""
        self.resolved += leaving
        self._forgotten.append(leaving)
        if len(self._forgotten) > 5:
            for issue in self._forgotten.popleft():
                issue.histories.clear()
        self._desk.mails.clear()
        self._running.jira_log.reset()


def _priority(issue: Issue) -> str:
    return issue.text("priority")
