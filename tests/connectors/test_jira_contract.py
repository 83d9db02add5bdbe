"""Jira Cloud and Jira Data Center keep the contract, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.jira_desk import JiraTown
from tests.contract import ConnectorContract


class TestCloud(ConnectorContract):
    @pytest.fixture
    def desk(self) -> Iterator[JiraTown]:
        town = JiraTown("cloud")
        yield town
        town.close()


class TestDataCenter(ConnectorContract):
    @pytest.fixture
    def desk(self) -> Iterator[JiraTown]:
        town = JiraTown("data_center")
        yield town
        town.close()
