"""A stateful Jira: Cloud (v3, and v2 with wiki text) or Data Center (v2)."""

from __future__ import annotations

from sandbox.jira.app import create_app
from sandbox.jira.desk import JiraDesk

__all__ = ["JiraDesk", "create_app"]
