"""What a change of policies does to the figures: counted in the store, and judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.memory import MemoryConnector
from service.delivery import holds
from service.delivery.holds import AT_LEAST
from service.passes import impact
from service.passes.impact import Figures, Impact
from service.passes.survey import Survey, survey
from service.setup.sources import Source
from sla_engine.evaluate import evaluate
from sla_engine.policy_files import load_texts
from sla_engine.units import DAY, HOUR, MINUTE, Instant, Millis
from tests.service.desks import ADA, T0, Desk, desk_over, policies, ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sla_engine.model import Ticket, Verdict
    from sla_engine.terms import Policies

NOW = Instant(T0 + 3 * HOUR + MINUTE)
SHORT = Millis(2 * HOUR)
LONG = Millis(100 * DAY)


def looked(desk: Desk, connector: MemoryConnector, now: Instant) -> Survey:
    source = Source("desk", "memory", "write", "all", lambda: connector)
    return survey(desk.store, source, desk.policies, now)


def close(connector: MemoryConnector, number: int, at: int) -> None:
    connector.add_event(str(number), "status_category", "done", ADA, Instant(at))


def test_a_shorter_promise_is_told_in_figures(tmp_path: Path) -> None:
    """1 at risk, 2 just opened, 3 and 4 closed after one and three hours."""
    tickets = [ticket(1), ticket(2, NOW), ticket(3), ticket(4)]
    with desk_over(tmp_path, tickets) as (desk, connector):
        close(connector, 3, T0 + HOUR)
        close(connector, 4, T0 + 3 * HOUR)
        desk.run(NOW)
        desk.run(NOW)
        assert looked(desk, connector, NOW).impact is None
        desk.policies = policies(SHORT, "v2")
        found = looked(desk, connector, NOW).impact
        assert found == Impact("v1", Figures(2, 0, 1, 2, 0), Figures(2, 1, 0, 1, 2), 0)


@pytest.mark.parametrize(
    ("later", "met", "broken"), [(0, 0, 0), (HOUR, 1, 1), (29 * DAY, 1, 5), (31 * DAY, 0, 0)]
)
def test_the_same_promise_under_another_name_changes_no_figure(
    tmp_path: Path, later: int, met: int, broken: int
) -> None:
    """Both ways of counting agree: in SQL over what is kept, and over verdicts made now."""
    now = Instant(NOW + later)
    tickets = [ticket(n, Instant(T0 + n * HOUR)) for n in range(6)]
    with desk_over(tmp_path, tickets) as (desk, connector):
        close(connector, 3, T0 + 4 * HOUR)
        close(connector, 4, T0 + 9 * HOUR)
        desk.run(now)
        desk.run(now)
        desk.policies = policies(version="v2")
        found = looked(desk, connector, now).impact
        assert found is not None
        assert found.before == found.after
        assert (found.after.met, found.after.broken) == (met, broken)


def test_a_ticket_with_news_is_in_neither_column(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as (desk, connector):
        desk.run(T0)
        desk.policies = policies(LONG, "v2")
        found = looked(desk, connector, NOW).impact
        assert found is not None
        assert (found.before, found.after, found.news) == (Figures(), Figures(), 2)


def test_a_desk_that_no_pass_judged_has_no_impact(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (desk, connector):
        assert looked(desk, connector, NOW).impact is None


def written(limit: str) -> Policies:
    """The promise as people write it, so that its text is kept."""
    text = f"""
schema: sla/v1
calendars: {{desk: {{tz: UTC, hours: mon-sun 00:00-24:00}}}}
policies:
  promise: {{match: {{priority: P2}}, calendar: desk, targets: {{resolution: {limit}}}}}
publish: {{memory: {{fields: {{SLA status: state, SLA due: due}}}}}}
"""
    made, problems = load_texts({"promise.yaml": text})
    assert not [str(one) for one in problems if one.severity == "error"]
    return made


def test_while_a_plan_waits_it_is_compared_with_what_stands_in_the_tickets(tmp_path: Path) -> None:
    """However often the policies are edited again before a person's word, and until then."""
    tickets = [ticket(n) for n in range(AT_LEAST + 2)]
    with desk_over(tmp_path, tickets) as (desk, connector):
        close(connector, 1, T0 + 3 * HOUR)
        desk.policies = old = written("4h")
        desk.run(NOW)
        shorter = Figures(AT_LEAST + 1, AT_LEAST + 1, 0, 0, AT_LEAST + 2)
        wanted = Impact(old.version, Figures(AT_LEAST + 1, met=1), shorter, 0)
        for policies_ in (written("2h"), written("1h")):
            desk.policies = policies_
            for _ in range(3):
                assert desk.run_one(NOW).held
                assert looked(desk, connector, NOW).impact == wanted
        with desk.store.write() as db:
            (waiting,) = holds.waiting(db)
            holds.approve(db, waiting.id, NOW)
        desk.run(NOW)
        assert looked(desk, connector, NOW).impact is None
        desk.run(NOW)
        assert looked(desk, connector, NOW).impact is None


def test_a_ticket_that_the_old_policies_stumbled_over_had_no_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [ticket(n) for n in range(AT_LEAST + 2)]
    with desk_over(tmp_path, tickets) as (desk, connector):
        desk.policies = old = written("4h")
        desk.run(NOW)
        desk.policies = written("2h")
        desk.run(NOW)

        def stumbling(by: Policies, one: Ticket, now: Instant) -> Sequence[Verdict]:
            if one.ref.id == "3" and by.version == old.version:
                raise ArithmeticError
            return evaluate(by, one, now)

        monkeypatch.setattr(impact, "evaluate", stumbling)
        found = looked(desk, connector, NOW).impact
        assert found is not None
        assert (found.before.open, found.after.open) == (AT_LEAST + 1, AT_LEAST + 2)


def test_figures_add_up() -> None:
    assert Figures(1, 2, 3, 4, 5) + Figures(10, 20, 30, 40, 50) == Figures(11, 22, 33, 44, 55)
    assert impact.after([], NOW) == Figures()
