"""How incidents move: the state codes of two generations, and priority from impact and urgency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class StateModel(NamedTuple):
    """State codes with labels, and which of them the desk's own rules act on."""

    labels: Mapping[str, str]
    hold: str
    resolved: str
    closed: frozenset[str]
    work: str = "2"
    reasons: Mapping[str, str] = {}  # why on hold


HOLD_REASONS: Final = {
    "1": "Awaiting Caller",
    "3": "Awaiting Problem",
    "4": "Awaiting Vendor",
    "5": "Awaiting Change",
}

MODERN: Final = StateModel(
    {
        "1": "New",
        "2": "In Progress",
        "3": "On Hold",
        "6": "Resolved",
        "7": "Closed",
        "8": "Canceled",
    },
    hold="3",
    resolved="6",
    closed=frozenset("78"),
    reasons=HOLD_REASONS,
)
LEGACY: Final = StateModel(
    {
        "1": "New",
        "2": "Active",
        "3": "Awaiting Problem",
        "4": "Awaiting User Info",
        "5": "Awaiting Evidence",
        "6": "Resolved",
        "7": "Closed",
        "8": "Awaiting Vendor",
    },
    hold="4",
    resolved="6",
    closed=frozenset("7"),
)
"""Instances from before the state On Hold; 8 for Awaiting Vendor is the UCI data set's reading."""

PRIORITIES: Final = {
    ("1", "1"): "1",
    ("1", "2"): "2",
    ("1", "3"): "3",
    ("2", "1"): "2",
    ("2", "2"): "3",
    ("2", "3"): "4",
    ("3", "1"): "3",
    ("3", "2"): "4",
    ("3", "3"): "4",
}
"""(impact, urgency) -> priority, as in all 141,712 rows of the UCI log, which lacks (1, 3)."""
