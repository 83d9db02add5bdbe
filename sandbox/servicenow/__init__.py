"""ServiceNow as the sandbox pretends it: a stateful Table API with the quirks of the real one."""

from sandbox.servicenow.app import create_app
from sandbox.servicenow.desk import ServiceNowDesk, load_data

__all__ = ["ServiceNowDesk", "create_app", "load_data"]
