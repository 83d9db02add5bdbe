"""Public holidays by country and subdivision, from the `holidays` package, loaded when wanted."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EPOCH_DAY = 719_163
"""`date(1970, 1, 1).toordinal()`: days here count from 1970-01-01."""

_FEW = 20


def unknown_code(code: str) -> str | None:
    """How to mend a code that names no holidays; None for one that does: `DE-BE`, `US`."""
    known = _codes()
    if code in known:
        return None
    if code[:1].isdigit():
        return 'dates stand under "add"'
    if code.upper() in known:
        return f'did you mean "{code.upper()}"?'
    country = code.split("-")[0].upper()
    parts = sorted(other for other in known if other.startswith(f"{country}-"))
    if 0 < len(parts) <= _FEW:
        return f"parts of {country} are {', '.join(parts)}"
    return 'write a country and perhaps its part, like "DE-BE" or "US"'


@lru_cache(maxsize=4096)
def holidays_of(code: str, year: int) -> tuple[int, ...]:
    """The days off of a year, observed ones included, as days since 1970-01-01.

    None where the package does not reach: past 2100, and before some countries begin.
    """
    import holidays  # a tenth of a second, for those alone who use it

    country, _, part = code.partition("-")
    with warnings.catch_warnings():
        # India's warns of years whose moons it does not know; their other days still count.
        warnings.simplefilter("ignore", UserWarning)
        found = holidays.country_holidays(country, subdiv=part or None, years=year, expand=False)
    return tuple(sorted(day.toordinal() - EPOCH_DAY for day in found))


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    import holidays

    parts: Mapping[str, list[str]] = holidays.list_supported_countries(include_aliases=False)
    subdivisions = {f"{country}-{part}" for country, names in parts.items() for part in names}
    return frozenset(parts) | subdivisions
