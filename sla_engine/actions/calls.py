"""page, webhook, run: a channel that service.yaml names calls somebody out, or acts."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.actions.context import Context
from sla_engine.changes import Deed, Notify, Way
from sla_engine.terms import Argument
from sla_engine.units import to_iso
from sla_engine.wording import comment_lines


def page(context: Context, argument: Argument) -> Iterator[Deed]:
    """Call out who is on duty; what is called twice for one step is one incident there."""
    return _call(context, argument, "page")


def webhook(context: Context, argument: Argument) -> Iterator[Deed]:
    """Send what happened, as JSON."""
    return _call(context, argument, "webhook")


def run(context: Context, argument: Argument) -> Iterator[Deed]:
    """Run the operator's command, which reads what happened as JSON."""
    return _call(context, argument, "run")


def _call(context: Context, argument: Argument, way: Way) -> Iterator[Deed]:
    assert isinstance(argument, str)
    if argument not in context.channels:
        return
    head, *_ = comment_lines(context.verdict, context.step, context.policy, context.zone, told=())
    yield Notify(
        context.ref,
        f"{context.key}:{way}:{argument}",
        argument,
        f"{context.ref.key}: {head}",
        context.why,
        way,
        tuple(_facts(context)),
        context.at,
    )


def _facts(context: Context) -> Iterator[tuple[str, str]]:
    """What programs may want to know; no text of the ticket but its key. Lengths are in ms of the
    clock's own calendar, instants in ISO 8601."""
    verdict = context.verdict
    yield "ticket", context.ref.key
    yield "policy", verdict.policy
    yield "clock", verdict.clock
    if verdict.of:
        yield "of", verdict.of
    yield "cycle", str(verdict.cycle)
    yield "step", context.step
    yield "state", verdict.state
    yield "elapsed_ms", str(verdict.elapsed)
    for name, length in (("aim_ms", verdict.aim), ("limit_ms", verdict.limit)):
        if length is not None:
            yield name, str(length)
    for name, at in (("due_at", verdict.due_at), ("breached_at", verdict.breached_at)):
        if at is not None:
            yield name, to_iso(at)
    for name in ("priority", "team"):
        if isinstance(value := context.fields.get(name), str):
            yield name, value
