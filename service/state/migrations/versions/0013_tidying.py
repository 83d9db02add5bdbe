"""When what is too old was last let go, by connection."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("connections", sa.Column("tidied_at", sa.BigInteger()))
