"""git, as installed: asked, and never told to change anything."""

from __future__ import annotations

import subprocess
from pathlib import Path


class NoGitError(Exception):
    """git is not installed here."""


def git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints of the repository that holds a folder, None where it refuses."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # no shell; names stand behind -- or --end-of-options
    except FileNotFoundError:
        raise NoGitError from None
    return done.stdout if done.returncode == 0 else None
