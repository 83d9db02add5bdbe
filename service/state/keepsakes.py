"""A state as the program before left it: copied once, before the first migration changes it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from service.setup import private
from service.setup.files import told
from service.state.failpoints import reach

if TYPE_CHECKING:
    from sqlalchemy import Engine


def keep_as_it_was(engine: Engine, path: Path, revision: str) -> None:
    """A whole copy beside the state, such as `state.db.schema-0009`; it comes back with sla
    restore, under the program that wrote it. What an upgrade killed in the middle left is made
    anew; SQLAlchemyError or FileError where there is no room."""
    copy = path.with_name(f"{path.name}.schema-{revision}")
    unfinished = path.with_name(f".{copy.name}")
    with told(copy), ExitStack() as after:
        unfinished.unlink(missing_ok=True)
        after.callback(unfinished.unlink, missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, private.FILE))
        with engine.connect() as db:
            db.connection.cursor().execute("VACUUM INTO ?", [str(unfinished)])
        unfinished.replace(copy)
    reach("migrate.after_copy")
