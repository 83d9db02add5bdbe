"""The figures of sla plan where policies changed: of all connections together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from reports.impact import Column, impact_json, render_impact

if TYPE_CHECKING:
    from rich.console import RenderableType

    from service.passes.impact import Figures
    from service.passes.survey import Survey


def impact_of(seen: Sequence[Survey]) -> RenderableType | None:
    """The table; None where every connection was judged by these policies last."""
    columns = _columns(seen)
    return render_impact(*columns[:2], news=columns[2]) if columns else None


def impact_json_of(seen: Sequence[Survey]) -> dict[str, object]:
    """The same for machines."""
    columns = _columns(seen)
    return {"impact": impact_json(*columns[:2], news=columns[2]) if columns else None}


def _columns(seen: Sequence[Survey]) -> tuple[Column, Column, int] | None:
    """The figures of all connections last judged by other policies, now and after."""
    found = [one.impact for one in seen if one.impact]
    if not found:
        return None
    now, after = (
        _column(reduce(add, figures))
        for figures in ([one.before for one in found], [one.after for one in found])
    )
    return now, after, sum(one.news for one in found)


def _column(figures: Figures) -> Column:
    decided = figures.met + figures.broken
    return Column(figures.open, figures.breached, figures.at_risk, figures.met, decided)
