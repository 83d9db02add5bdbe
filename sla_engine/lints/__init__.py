"""What is lawful to write and may not be meant: each lint is a pure function of what the files say
and what was seen of the systems."""

from __future__ import annotations

from collections.abc import Sequence

from sla_engine.lints.accounts import bot_like_accounts
from sla_engine.lints.coverage import uncovered_tickets
from sla_engine.lints.credits import credits_above_cap
from sla_engine.lints.exceptions import idle_exceptions
from sla_engine.lints.exclusions import late_exclusions
from sla_engine.lints.far import far_breaches
from sla_engine.lints.gaps import union_gaps
from sla_engine.lints.histories import fields_without_history
from sla_engine.lints.holidays import holidays_missing
from sla_engine.lints.opening import closed_calendars
from sla_engine.lints.pauses import endless_pauses, paused_starts
from sla_engine.lints.reviews import overdue_reviews
from sla_engine.lints.shadows import shadowed_clocks
from sla_engine.lints.stops import unreachable_stops
from sla_engine.lints.subject import Lint, Subject
from sla_engine.lints.supports import unfit_supports
from sla_engine.lints.values import fields_never_seen, values_never_seen, values_without_name
from sla_engine.lints.words import unknown_fields, unknown_names, unknown_values
from sla_engine.problems import Problem
from sla_engine.resolving.files import in_order

__all__ = ["LINTS", "Subject", "lint"]

LINTS: Sequence[Lint] = (
    shadowed_clocks,
    unreachable_stops,
    paused_starts,
    endless_pauses,
    far_breaches,
    closed_calendars,
    union_gaps,
    holidays_missing,
    overdue_reviews,
    fields_without_history,
    unfit_supports,
    credits_above_cap,
    late_exclusions,
    # of the tickets that are kept
    uncovered_tickets,
    values_never_seen,
    fields_never_seen,
    values_without_name,
    idle_exceptions,
    bot_like_accounts,
    # of the systems' words
    unknown_values,
    unknown_names,
    unknown_fields,
)
"""Each gives the problems of one idea. To add a lint, add a file and a line."""


def lint(subject: Subject) -> list[Problem]:
    """Everything that may not be meant, by place."""
    return in_order([problem for one in LINTS for problem in one(subject)])
