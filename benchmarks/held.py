"""What it costs to see that an edit of the policies is too much to be written unasked: a pass and a
plan over all open tickets, beside nothing but judging the same tickets and planning for them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from time import process_time
from typing import TypeVar

import msgspec
from rich.console import Console

from benchmarks.figures import Figure, at_most, table_of
from benchmarks.made_up import END, POLICY, open_tickets
from connectors.memory import MemoryConnector
from service.passes.pass_terms import Terms
from service.passes.passes import run_pass
from service.passes.survey import survey
from service.setup.sources import Source
from service.state.standing import stand, standing
from service.state.store import Store, open_store
from sla_engine.evaluate import evaluate
from sla_engine.model import Ticket
from sla_engine.plan import plan
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import DAY, Instant

SIZE = 50_000
NAME = "bench"
LADDER = """
    warn: 75%
    escalate: late
escalations:
  late:
    - at: breach
      do: [{comment: Write what is missing.}, {assign: tier2}]
"""
Found = TypeVar("Found")
ARMED = Instant(END - 100 * DAY)


def edition(gold: str, silver: str) -> Policies:
    """The policies of the benchmarks with a ladder, and with these limits by default."""
    text = POLICY.rstrip() + LADDER
    for old, new in (("3bd", gold), ("5bd", silver)):
        text = text.replace(f"default: {old}}}", f"default: {new}}}")
    made, problems = load_texts({"bench.yaml": text})
    assert not [one for one in problems if one.severity == "error"], problems
    return made


def held_figures(size: int = SIZE) -> list[Figure]:
    """One desk, kept and judged by one edition; then planned and passed over by another."""
    old, new = edition("3bd", "5bd"), edition("2bd", "3bd")
    tickets = list(open_tickets(range(size), END))
    connector = MemoryConnector(NAME, tickets, system="jira")
    connector.now = END
    with TemporaryDirectory() as folder, open_store(f"{folder}/s.db", writer=True) as store:
        _observed(store, connector, old)
        source = Source(NAME, "jira", "write", "all", lambda: connector)
        bare, _ = _cost(lambda: _judged(new, tickets))
        planning, seen = _cost(lambda: survey(store, source, new, END))
        passing, report = _cost(lambda: run_pass(store, [source], Terms(new, lambda: END), END))
    (told,) = report.sources
    waiting = seen.held(END)
    assert told.held, told
    assert waiting is not None
    exact = (waiting.tickets, waiting.fields, waiting.comments, waiting.escalations)
    return [
        Figure("tickets written to before a person's word", *_exactly(len(connector.writes), 0)),
        Figure(
            "tickets, fields, comments, escalations that wait",
            *_exactly(exact, msgspec.structs.astuple(told.planned)),
        ),
        at_most("a pass that has to wait, ÷ judging and planning alone", passing / bare, 3),
        at_most("`sla plan`, ÷ judging and planning alone", planning / bare, 2.5),
        Figure("a pass that has to wait, CPU", f"{passing:,.1f} s", "<= 60 s", passing <= 60),
    ]


def _observed(store: Store, connector: MemoryConnector, old: Policies) -> None:
    """A desk that was brought up to date long ago, as far as a pass can know."""
    source = Source(NAME, "jira", "observe", "all", lambda: connector)
    run_pass(store, [source], Terms(old, lambda: END), END)
    with store.write() as db:
        stands = standing(db, NAME)
        stand(db, msgspec.structs.replace(stands, mode="write", armed_at=ARMED))


def _judged(policies: Policies, tickets: Sequence[Ticket]) -> None:
    for ticket in tickets:
        plan(policies, ticket, evaluate(policies, ticket, END), END, since=ARMED)


def _cost(work: Callable[[], Found]) -> tuple[float, Found]:
    """Seconds of CPU, and what came of it."""
    gc.collect()
    begun = process_time()
    found = work()
    return process_time() - begun, found


def _exactly(measured: object, target: object) -> tuple[str, str, bool]:
    return str(measured), str(target), measured == target


def main() -> None:
    """Print the table."""
    title = f"An edit of the policies over {SIZE:,} open tickets"
    Console(width=100).print(table_of(title, held_figures()))


if __name__ == "__main__":
    main()
