"""How alembic finds the store: on the connection that service/state/store.py hands over."""

from __future__ import annotations

from alembic import context

from service.state.failpoints import reach
from service.state.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,  # the transaction is the caller's
    on_version_apply=lambda **_: reach("migrate.in_step"),
)
context.run_migrations()
