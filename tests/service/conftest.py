"""The laws of the store hold wherever it is: `usefixtures("each_backend")` runs a module twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql.server import Databases
from tests.service.desks import KEPT


@pytest.fixture(params=["sqlite", "postgresql"])
def each_backend(request: pytest.FixtureRequest) -> Iterator[None]:
    """The test with its states in files, and again in databases."""
    if request.param == "sqlite":
        yield
        return
    databases: Databases = request.getfixturevalue("databases")
    made: dict[Path, str] = {}

    def in_a_database(folder: Path) -> str:
        if folder not in made:
            made[folder] = databases.new()
        return made[folder]

    token = KEPT.set(in_a_database)
    yield
    KEPT.reset(token)
    for url in made.values():
        databases.give_back(url)
