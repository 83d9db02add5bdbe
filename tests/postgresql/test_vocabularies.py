"""The same on PostgreSQL."""

from tests.service.test_vocabularies import *  # noqa: F403 -- its tests and fixtures
