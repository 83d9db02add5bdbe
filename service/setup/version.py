"""Which sla-sync this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    """As installed; "unknown" in a checkout that is not."""
    try:
        return installed("sla-sync")
    except PackageNotFoundError:
        return "unknown"
