"""Tickets are read again though they did not change; those that cannot be found are known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("connections", sa.Column("counted_at", sa.BigInteger()))
    count = sa.Column("counted", sa.Integer(), nullable=False, server_default="0")
    op.add_column("connections", count)
    for name in ("reread_at", "absent_at"):
        op.add_column("tickets", sa.Column(name, sa.BigInteger()))
    op.execute("UPDATE tickets SET reread_at = 0 WHERE open")
    _index("tickets_reread", ["connection", "reread_at"], "reread_at IS NOT NULL")
    _index("tickets_absent", ["connection"], "absent_at IS NOT NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, "tickets", columns, sqlite_where=only, postgresql_where=only)
