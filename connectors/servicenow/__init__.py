"""ServiceNow over its Table API: rows, audits and journals come in, one PATCH a ticket goes out."""

from connectors.servicenow.connector import ServiceNow, connect
from connectors.servicenow.settings import ServiceNowSettings

Settings = ServiceNowSettings

__all__ = ["ServiceNow", "ServiceNowSettings", "Settings", "connect"]
