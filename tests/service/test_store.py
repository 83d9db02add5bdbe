"""The store as a resource, wherever it is: whole transactions, steady views, a schema we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, insert, inspect, select, text

from service.state.schema import CURSORS, METADATA, REVISION
from service.state.store import Store, StoreError, open_store
from tests.service.desks import state_at

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

ROW = {"connection": "desk", "cursor": "7", "scope": "all"}


def test_migrations_from_nothing_give_the_tables_as_they_are_declared(tmp_path: Path) -> None:
    with open_store(state_at(tmp_path), writer=True) as store, store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []
        assert db.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION


def test_half_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    def fails_half_way(store: Store) -> None:
        with store.write() as db:
            db.execute(insert(CURSORS), [ROW])
            raise ZeroDivisionError

    with open_store(state_at(tmp_path), writer=True) as store:
        with pytest.raises(ZeroDivisionError):
            fails_half_way(store)
        with store.read() as db:
            assert db.execute(select(CURSORS)).all() == []


def test_what_is_read_is_of_one_moment(tmp_path: Path) -> None:
    state = state_at(tmp_path)
    with open_store(state, writer=True) as store, open_store(state, writer=False) as reader:
        with reader.read() as db:
            assert db.execute(select(CURSORS)).all() == []
            with store.write() as other:
                other.execute(insert(CURSORS), [ROW])
            assert db.execute(select(CURSORS)).all() == []
        with reader.read() as db:
            assert db.execute(select(CURSORS.c.cursor)).scalar() == "7"


def test_who_reads_changes_nothing(tmp_path: Path) -> None:
    state = state_at(tmp_path)
    with open_store(state, writer=True) as store, open_store(state, writer=False) as reader:
        assert (store.writable, reader.writable) == (True, False)
        with pytest.raises(StoreError, match=r"read-?only"), reader.read() as db:
            db.execute(insert(CURSORS), [ROW])


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    state = state_at(tmp_path)
    open_store(state, writer=True).close()
    engine = create_engine(state if "://" in state else f"sqlite:///{state}")
    with engine.begin() as db:
        ours = MetaData()
        ours.reflect(db)
        ours.drop_all(db)
        db.execute(text("CREATE TABLE people (name TEXT)"))
    with pytest.raises(StoreError, match="tables of another program"):
        open_store(state, writer=True)
    assert inspect(engine).get_table_names() == ["people"]
    engine.dispose()


@pytest.mark.parametrize("writer", [True, False])
def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path, writer: bool) -> None:
    state = state_at(tmp_path)
    with open_store(state, writer=True) as store, store.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer sla-sync"):
        open_store(state, writer=writer)
