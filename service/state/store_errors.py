"""Why the store cannot be used, said so that people can mend it."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

DAMAGED = "bring a backup back with sla restore FILE, or save what can be read with sla rebuild"
NEWER = "upgrade sla-sync, or bring a backup of this version back with sla restore FILE"
FOREIGN = "name another file or database as state; nothing was written to this one"

_MENDS = (
    (("malformed", "not a database", "decode", "no such", "schema"), DAMAGED),
    (("locked", "lock timeout"), "another program holds it, such as a backup; try again"),
    (
        ("serialize", "deadlock"),
        "another process wrote at the same moment; the next pass does what this one left",
    ),
    (("full", "disk i/o", "no space"), "make room on the disk; what is kept is whole"),
    (
        ("readonly", "read-only", "unable to open", "permission"),
        "mend the owner and the mode of the file and its folder",
    ),
    (("authentication failed", "does not exist"), "mend the address that state names"),
    (
        ("connect", "closed the connection", "terminat", "could not translate"),
        "is the database server running, and does it let this machine in?",
    ),
)


class StoreError(Exception):
    """The store cannot be used; the text says why and what to do."""


def complaint(where: str, error: Exception) -> StoreError:
    """What a database complained of, and how to mend that."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    said = said.strip().partition("\n")[0]
    return StoreError(f"{where} cannot be used: {said}; {_mend(said.lower())}")


def _mend(said: str) -> str:
    found = (mend for words, mend in _MENDS if any(word in said for word in words))
    return next(found, "is the disk full, or the file not writable?")
