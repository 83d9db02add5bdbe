"""Public holidays by country and subdivision, from the `holidays` package, loaded when wanted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sla_engine.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

EPOCH_DAY = 719_163
"""`date(1970, 1, 1).toordinal()`: days here count from 1970-01-01."""


def unknown_code(code: str) -> str | None:
    """How to mend a code that names no holidays; None for one that does: `DE-BE`, `US`."""
    known = _codes()
    if code in known:
        return None
    country = code.split("-")[0].upper()
    parts = sorted(other for other in known if other.startswith(f"{country}-"))
    if country in known and parts:
        return did_you_mean(code, parts) or f"parts of {country} are {', '.join(parts)}"
    return did_you_mean(code, known) or 'write a country and perhaps its part, like "DE-BE" or "US"'


@lru_cache(maxsize=4096)
def holidays_of(code: str, year: int) -> tuple[int, ...]:
    """The days off of a year, observed ones included, as days since 1970-01-01."""
    import holidays  # a tenth of a second, for those alone who use it

    country, _, part = code.partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=year, expand=False)
    return tuple(sorted(day.toordinal() - EPOCH_DAY for day in found))


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    import holidays

    parts: Mapping[str, list[str]] = holidays.list_supported_countries(include_aliases=False)
    subdivisions = {f"{country}-{part}" for country, names in parts.items() for part in names}
    return frozenset(parts) | subdivisions
