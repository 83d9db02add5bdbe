"""Which connector speaks to which system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

from pydantic import BaseModel

from connectors.base import Connection, Connector

CONNECTORS: Mapping[str, str] = {
    "jira": "connectors.jira",
    "servicenow": "connectors.servicenow",
    "event_log": "connectors.event_log",
}
"""System in service.yaml -> module, imported when it is used. To add a system, add a line."""


class ConnectorModule(Protocol):
    """What such a module offers."""

    Settings: type[BaseModel]
    connect: Callable[[Connection], Connector]


def module_of(system: str) -> ConnectorModule:
    """The connector of a system that is in the table."""
    module: ConnectorModule = import_module(CONNECTORS[system])
    return module
