"""A local Jira and ServiceNow, stateful, faithful to their quirks; knows nothing of the product."""

from __future__ import annotations

from sandbox.command import main
from sandbox.running import Running, start

__all__ = ["Running", "main", "start"]
