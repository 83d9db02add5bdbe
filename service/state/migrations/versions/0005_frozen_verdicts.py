"""Frozen verdicts: what finished cycles were judged like, under what, and what was restated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_OPEN = sa.text("phase != 'stopped'")


def upgrade() -> None:
    op.add_column(
        "superseded",
        sa.Column("rewritten", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    _verdicts()
    op.create_table(
        "bases",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "restatements",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("restatements_at", "restatements", ["at"])
    op.create_index("restatements_ticket", "restatements", ["connection", "ticket"])


def _verdicts() -> None:
    """The table anew, for its key grows. What is finished is frozen when it is next judged."""
    op.drop_index("verdicts_due", "verdicts")
    op.drop_index("verdicts_open", "verdicts")
    op.rename_table("verdicts", "verdicts_before")
    op.create_table(
        "verdicts",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("of", sa.String(), server_default="", nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("breached_at", sa.BigInteger()),
        sa.Column("type", sa.String()),
        sa.Column("judged_at", sa.BigInteger()),
        sa.Column("elapsed", sa.BigInteger()),
        sa.Column("aim", sa.BigInteger()),
        sa.Column("limit", sa.BigInteger()),
        sa.Column("rules", sa.Integer()),
        sa.Column("basis", sa.Integer()),
        sa.Column("inputs", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("connection", "ticket", "policy", "clock", "of", "cycle"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO verdicts (connection, ticket, policy, clock, cycle, key, state, phase, warned,"
        " started_at, stopped_at, due_at, breached_at)"
        " SELECT connection, ticket, policy, clock, cycle, key, state, phase, warned,"
        " started_at, stopped_at, due_at, breached_at FROM verdicts_before"
    )
    op.drop_table("verdicts_before")
    for name, columns in (
        ("verdicts_due", ["due_at"]),
        ("verdicts_open", ["connection", "state", "warned"]),
    ):
        op.create_index(name, "verdicts", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
