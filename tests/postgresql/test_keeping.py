"""The same on PostgreSQL."""

from tests.service.test_keeping import *  # noqa: F403 -- its tests and fixtures
