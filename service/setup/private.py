"""Files that hold secrets, or what tickets say: for their owner alone."""

from __future__ import annotations

import os
from pathlib import Path

FILE, FOLDER = 0o600, 0o700
_MOUNTED = "/run/secrets/"
"""Where container engines mount secrets, with modes that nobody in the container can change."""


def is_open_to_others(path: Path) -> bool:
    """Whether a file of ours may be read by others. One that somebody else owns was put there by
    an orchestrator, and its mode is not ours to mend."""
    status = path.stat()
    mine = status.st_uid == os.geteuid() and not str(path).startswith(_MOUNTED)
    return mine and bool(status.st_mode & 0o077)
