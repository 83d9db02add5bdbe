"""The audit becomes a chain: what is written from now on is sealed to what was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for name in ("salt", "digest", "seal"):
        op.add_column("audit", sa.Column(name, sa.LargeBinary()))
