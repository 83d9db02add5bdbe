"""Stores that were brought back from a backup know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("connections", sa.Column("restored_at", sa.BigInteger()))
