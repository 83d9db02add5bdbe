"""A mistake of ours while talking to one system: told like its other errors, so others go on."""

from __future__ import annotations

from traceback import extract_tb

from connectors.base import ConnectorError


class BugError(ConnectorError):
    """Something that should not have happened; the same try will most likely fail again."""

    code = "SLA900"


def as_error(error: Exception) -> ConnectorError:
    """A connector's error as it is; any other exception as a bug, with the place it came from."""
    if isinstance(error, ConnectorError):
        return error
    frames = extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    facts = (("where", where), ("likely", "a bug in sla-sync: please report it"))
    return BugError(f"{type(error).__name__}: {error}", facts)
