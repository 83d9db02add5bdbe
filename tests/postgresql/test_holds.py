"""The same on PostgreSQL."""

from tests.service.test_holds import *  # noqa: F403 -- its tests and fixtures
