"""The same on PostgreSQL."""

from tests.service.test_knowledge import *  # noqa: F403 -- its tests and fixtures
