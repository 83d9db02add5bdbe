"""R14: limits that a server enforces. Nearly no request is in vain, none comes too early, and
neither a project nor a connection waits for another's sake. No test waits: time is the sandbox's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.limits import BURST, ISSUE, QUOTA, Limit
from sandbox.request_log import Asked
from service.delivery.outcome import PassReport
from service.passes.pass_terms import Terms
from service.passes.passes import run_pass
from service.passes.patience import Patience
from service.passes.turns import IN_A_ROW
from service.record import audit
from service.setup.sources import Source
from service.state.store import Store, open_store
from sla_engine.plan import Limits as Most
from sla_engine.policy_files import load_texts
from sla_engine.units import HOUR, MINUTE, Instant
from tests.connectors.jira_desk import READS, JiraTown

POLICY = """\
schema: sla/v1
policies:
  many:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 4h}
  few:
    match: {project: OPS}
    calendar: 24x7
    targets: {resolution: 4h}
    escalate:
      - at: breach
        do: [{comment: "It is late."}]
"""
MANY, FEW = 90, 10


class Desk:
    """Passes as `sla run` has them, a minute apart, in the sandbox's own time."""

    def __init__(self, store: Store, town: JiraTown, *limits: Limit) -> None:
        self.store, self.town = store, town
        self.policies, problems = load_texts({"all.yaml": POLICY})
        assert not [one for one in problems if one.severity == "error"], problems
        self.patience = Patience(MINUTE)
        self.sources = [self.source("jira/acme", town)]
        town.limit(*limits)

    def source(self, name: str, town: JiraTown) -> Source:
        connector = town.connect(name=name)
        return Source(name, "jira", "write", "all", lambda: connector)

    def run(self) -> PassReport | None:
        """What the next minute brings; None where everybody is left alone for now."""
        self.town.clock.advance(MINUTE)
        now = self.now()
        ready = [one for one in self.sources if self.patience.ready(one.name, now)]
        if not ready:
            return None
        most = Most(comments=10_000, escalations=10_000, at_least=10_000)
        report = run_pass(self.store, ready, Terms(self.policies, self.now, most), now)
        self.patience.learn(report)
        return report

    def until_quiet(self) -> int:
        """Minutes until a pass has nothing more to do."""
        for minute in range(1, 300):
            report = self.run()
            if report and not any(one.items or one.error for one in report.sources):
                return minute
        raise AssertionError("it never ends")

    def now(self) -> Instant:
        return Instant(self.town.clock.now())


@pytest.fixture
def town() -> Iterator[JiraTown]:
    with closing(JiraTown()) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "state.db"), writer=True) as made:
        yield made


def early(asked: list[Asked], *limits: Limit) -> list[Asked]:
    """Requests that came although one like them had been refused, before it was time."""
    counted: Counter[tuple[Limit, str, int]] = Counter()
    found = []
    for one in asked:
        for limit in limits:
            scope = limit.scope(one.method, one.path)
            if scope is None:
                continue
            stretch = (limit, scope, limit.ends(one.at))
            counted[stretch] += 1
            if counted[stretch] > limit.requests + 1:
                found.append(one)
            if counted[stretch] > limit.requests:
                break
    return found


def test_who_comes_early_is_seen() -> None:
    limit = Limit(BURST, 2, 10)
    asked = [Asked("PUT", "/rest/api/3/issue/1", "", "", 204, at) for at in (1, 2, 3, 4, 10_000)]
    assert early(asked, limit) == [asked[3]]


def refused(asked: list[Asked]) -> int:
    return sum(one.status == 429 for one in asked)


STORMS = {
    "a short burst": (Limit(BURST, 10, 2),),
    "a long burst": (Limit(BURST, 25, 300),),
    "few writes to an issue": (Limit(ISSUE, 1, 30),),
    "a quota": (Limit(QUOTA, 80, 3600),),
    "all at once": (Limit(BURST, 10, 2), Limit(ISSUE, 1, 30), Limit(QUOTA, 60, 900)),
}


@pytest.mark.parametrize("limits", STORMS.values(), ids=STORMS)
def test_a_storm_costs_few_requests_and_none_too_early(
    store: Store, town: JiraTown, limits: tuple[Limit, ...]
) -> None:
    many = [town.add(f"SUP {n}") for n in range(MANY)]
    few = [town.add(f"OPS {n}", "OPS") for n in range(FEW)]
    desk = Desk(store, town)
    desk.run()  # from here on it counts what falls due
    town.clock.advance(5 * HOUR)
    town.limit(*limits)
    town.log.reset()
    desk.until_quiet()
    asked = town.log.all()
    assert {town.comments(one) for one in few} == {1}
    done = [one for one in asked if one.status != 429 and not one.path.endswith(READS)]
    assert sum(one.method == "PUT" for one in done) == len(many + few), "fields are written once"
    assert refused(asked), "without a refusal there was no storm"
    assert len(asked) <= 1.2 * (len(asked) - refused(asked))
    assert early(asked, *limits) == []


def test_no_project_waits_until_another_has_done(store: Store, town: JiraTown) -> None:
    """The many change before each pass and need more writes than there are; the few are last by
    their numbers."""
    many = [town.add(f"SUP {n}") for n in range(MANY)]
    few = [town.add(f"OPS {n}", "OPS") for n in range(FEW)]
    desk = Desk(store, town, Limit(QUOTA, 30, 60))
    for turn in range(3):
        for one in many:
            town.set_status(one, "Resolved" if turn % 2 else "In Progress")
        desk.run()
    assert all(written(town, one) for one in few)
    assert not all(written(town, one) for one in many)


def written(town: JiraTown, identity: str) -> bool:
    ours = {one.id for one in town.desk.fields.values() if one.name == "SLA status"}
    return any(town.issue(identity).fields.get(name) for name in ours)


def test_no_connection_waits_for_another(store: Store, town: JiraTown) -> None:
    with closing(JiraTown(clock=town.clock)) as other:
        desk = Desk(store, town, Limit(QUOTA, 10, 3600))
        desk.sources.append(desk.source("jira/other", other))
        for n in range(MANY):
            town.add(f"SUP {n}")
        ids = [other.add(f"SUP {n}") for n in range(FEW)]
        report = desk.run()
        assert report is not None
        limited, free = report.sources
        assert limited.error is not None
        assert (limited.error.code, free.error) == ("SLA429", None)
        assert all(written(other, one) for one in ids)
        assert sum(town.slept) < 60


def test_what_cannot_be_written_now_leaves_no_line_for_each_ticket(
    store: Store, town: JiraTown
) -> None:
    for n in range(MANY):
        town.add(f"SUP {n}")
    desk = Desk(store, town, Limit(BURST, 10, 3600))
    report = desk.run()
    assert report is not None
    (source,) = report.sources
    assert source.error is not None
    assert source.left == MANY - 10 - IN_A_ROW
    with store.read() as db:
        lines = [one.outcome for one in audit.lines(db)]
    assert Counter(lines) == {"confirmed": 10, "retryable": IN_A_ROW}
