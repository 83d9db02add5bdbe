"""The words of systems in the store: the newest of each connection, with what was renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.state.store import open_store
from service.state.vocabularies import keep, kept
from sla_engine.units import Instant
from sla_engine.vocabulary import Known, Vocabulary
from tests.service.desks import state_at

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")


def read(at: int, name: str, connection: str = "jira/demo") -> Known:
    return Known(connection, "jira", Instant(at), Vocabulary(("status",), {"status": {"1": name}}))


def test_the_newest_words_of_each_connection_are_kept(tmp_path: Path) -> None:
    with open_store(state_at(tmp_path), writer=True) as store, store.write() as db:
        keep(db, read(1, "Open"))
        keep(db, read(1, "Open", "jira/other"))
        renamed = keep(db, read(2, "New"))
        assert renamed.former == {"status": {"Open": "New"}}
        assert kept(db, ["jira/demo"]) == [renamed]
        assert [one.connection for one in kept(db, ["jira/other", "jira/demo", "no"])] == [
            "jira/demo",
            "jira/other",
        ]
