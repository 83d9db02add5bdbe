"""The same on PostgreSQL."""

from tests.service.test_audit import *  # noqa: F403 -- its tests and fixtures
