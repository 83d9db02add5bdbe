"""The pause of a cycle is used up: its clock runs on, and that is said once, as a warning is."""

from __future__ import annotations

from sla_engine.ladder import WARNING
from sla_engine.model import Reached, Verdict
from sla_engine.terms import Step
from sla_engine.units import Millis

PAUSE_CAPPED = "pause_capped"
"""The flag of a cycle whose pause is used up."""

CAP_REACHED = "pause cap reached"
"""Why its clock runs from then on."""

STEP = Step("pause cap", 0, Millis(0), do=WARNING)
"""What is done then; ladders have no step of this name."""


def reached(verdict: Verdict) -> Reached | None:
    """When the pause was used up; None where it was not, or a breach has more to say by now."""
    if PAUSE_CAPPED not in verdict.flags or verdict.breached_at is not None:
        return None
    began = (span.start for span in verdict.spans if span.reason == CAP_REACHED)
    at = next(began, None)
    return None if at is None else Reached(STEP.name, at)
