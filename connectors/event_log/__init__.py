"""An event log in a file, one row an update: tickets without a server, and nothing to write to."""

from connectors.event_log.connector import EventLog, connect
from connectors.event_log.settings import EventLogSettings

Settings = EventLogSettings

__all__ = ["EventLog", "EventLogSettings", "Settings", "connect"]
