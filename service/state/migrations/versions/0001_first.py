"""The first schema: tickets, cursors, verdicts, deeds, audit, connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("policies", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("audit_at", "audit", ["connection", "at"], unique=False)
    op.create_index("audit_ticket", "audit", ["connection", "ticket"], unique=False)
    op.create_table(
        "connections",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("policies", sa.String(), nullable=False),
        sa.Column("armed_at", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("pulled_at", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.String(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "cursors",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "deeds",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.Column("remote_id", sa.String(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("connection", "ticket", "deed"),
    )
    op.create_index(
        "deeds_sending",
        "deeds",
        ["connection"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_table(
        "tickets",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("connection", "id"),
    )
    op.create_index(
        "tickets_due",
        "tickets",
        ["connection", "next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("tickets_key", "tickets", ["key"], unique=False)
    op.create_index("tickets_open", "tickets", ["connection", "open"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("breached_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "ticket", "policy", "clock", "cycle"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "verdicts_due",
        "verdicts",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("phase != 'stopped'"),
        postgresql_where=sa.text("phase != 'stopped'"),
    )
    op.create_index(
        "verdicts_open",
        "verdicts",
        ["connection", "state", "warned"],
        unique=False,
        sqlite_where=sa.text("phase != 'stopped'"),
        postgresql_where=sa.text("phase != 'stopped'"),
    )
