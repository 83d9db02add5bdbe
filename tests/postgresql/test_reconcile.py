"""The same on PostgreSQL."""

from tests.service.test_reconcile import *  # noqa: F403 -- its tests and fixtures
