"""An audit as a file: JSON lines, each a piece of evidence, readable without us."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from service.record.evidence import Record

FORMAT = "sla-audit/1"


class AuditFileError(Exception):
    """The file is no audit; the text says why."""


class _Head(msgspec.Struct, frozen=True):
    format: str


_decode = msgspec.json.Decoder(Record).decode


def write(records: Iterable[Record], to: IO[bytes]) -> int:
    """All of it, one JSON object a line under a head; the count of records."""
    to.write(msgspec.json.encode(_Head(FORMAT)) + b"\n")
    count = 0
    for count, record in enumerate(records, start=1):  # noqa: B007 -- counted
        to.write(msgspec.json.encode(record) + b"\n")
    return count


def read(path: Path) -> Iterator[Record]:
    """What `write` wrote; AuditFileError names the line that is something else."""
    try:
        with path.open("rb") as file:
            if msgspec.json.decode(file.readline(), type=_Head).format != FORMAT:
                raise AuditFileError(f"{path} is no {FORMAT}")
            for number, line in enumerate(file, start=2):
                try:
                    yield _decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise AuditFileError(f"{path}:{number}: {error}") from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"it is no {FORMAT}"
        raise AuditFileError(f"{path} cannot be read: {why}") from None
