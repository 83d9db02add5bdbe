"""The same on PostgreSQL."""

from tests.service.test_verdicts import *  # noqa: F403 -- its tests and fixtures
