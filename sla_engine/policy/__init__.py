"""The policy language as typed models: what may be written, and the JSON Schema that says it."""

from sla_engine.policy.schema import json_schema
from sla_engine.policy.sections import File

__all__ = ["File", "json_schema"]
