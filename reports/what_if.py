"""What a draft of the policies would make of a ticket, beside what is in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from reports import screen
from reports.explain_view import View
from reports.explanation import InForce
from reports.json_values import JsonValue, iso
from reports.words import NOTHING, state_of
from sla_engine.model import Verdict
from sla_engine.words import duration, title


def what_if_parts(
    view: View, in_force: InForce, drafted: Sequence[Verdict]
) -> list[RenderableType]:
    """A table of both, a line for each cycle of either."""
    before = {_cycle(v): v for v in in_force.verdicts}
    after = {_cycle(v): v for v in drafted}
    versions = f"policies {in_force.version} → {view.policies.version}"
    head = Text(f"What if {in_force.draft} were in force?", style="bold")
    table = screen.table(
        *((name, "left") for name in ("SLA", "Limit", "Used", "Left", "State", "Due"))
    )
    cycles = dict.fromkeys([*after, *before])
    for cycle in cycles:
        pair = before.get(cycle), after.get(cycle)
        cells = (
            _pair(*(tell(view, one) for one in pair))
            for tell in (_limit, _used, _left, _state, _due)
        )
        table.add_row(_name(cycle, cycles), *cells)
    same = _figures(in_force.verdicts) == _figures(drafted)
    parts: list[RenderableType] = [Text(), head.append(f"  {versions}", style="not bold dim")]
    parts += [Text(), screen.indented(table)] if after or before else []
    return [*parts, Text(), Text("  Nothing changes for this ticket.")] if same else parts


def in_force_json(in_force: InForce) -> JsonValue:
    """What `--policy` is compared with."""
    return {
        "policies": in_force.version,
        "clocks": [
            {
                "policy": verdict.policy,
                "clock": verdict.clock,
                "of": verdict.of or None,
                "cycle": verdict.cycle,
                "state": verdict.state,
                "limit": verdict.limit,
                "elapsed": verdict.elapsed,
                "due_at": iso(verdict.due_at),
                "breached_at": iso(verdict.breached_at),
            }
            for verdict in in_force.verdicts
        ],
    }


_Cycle = tuple[str, str, int]


def _cycle(verdict: Verdict) -> _Cycle:
    return verdict.policy, title(verdict), verdict.cycle


def _name(cycle: _Cycle, cycles: Iterable[_Cycle]) -> str:
    """The policy is named where several promise the same clock."""
    policy, name, number = cycle
    beside = any(other[1] == name and other[0] != policy for other in cycles)
    by = f" by {policy}" if beside else ""
    return name + (f" #{number}" if number > 1 else "") + by


def _figures(verdicts: Sequence[Verdict]) -> list[tuple[object, ...]]:
    return sorted(
        (*_cycle(v), v.state, v.limit or 0, v.elapsed, v.due_at or 0, v.breached_at or 0)
        for v in verdicts
    )


def _pair(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _limit(_: View, verdict: Verdict | None) -> str:
    return NOTHING if verdict is None or verdict.limit is None else duration(verdict.limit)


def _used(_: View, verdict: Verdict | None) -> str:
    return NOTHING if verdict is None else duration(verdict.elapsed)


def _left(_: View, verdict: Verdict | None) -> str:
    return NOTHING if verdict is None or verdict.left is None else duration(verdict.left)


def _state(_: View, verdict: Verdict | None) -> str:
    return "no clock" if verdict is None else state_of(verdict).word


def _due(view: View, verdict: Verdict | None) -> str:
    at = (verdict.due_at or verdict.breached_at) if verdict else None
    return NOTHING if at is None else view.short(at)
