"""The ServiceNow connector keeps the contract, over a socket, against an instance with quirks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.servicenow_desk import ServiceNowTown
from tests.contract import ConnectorContract


class TestServiceNow(ConnectorContract):
    @pytest.fixture
    def desk(self) -> Iterator[ServiceNowTown]:
        town = ServiceNowTown()
        yield town
        town.close()
