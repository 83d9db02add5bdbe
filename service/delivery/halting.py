"""The kill switch: while a file lies beside service.yaml, nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from service.setup.files import told
from sla_engine.units import SECOND, Instant

NAME = "sla.halt"


def switch(settings: Path) -> Path:
    """Where the file lies, or would."""
    return settings.parent / NAME


class Halt(msgspec.Struct, frozen=True):
    """Why, since when and by whom nothing is written; `by` is whose the file is."""

    why: str
    since: Instant
    by: str


def put(settings: Path, why: str) -> Path:
    """Halt all writing from now on; where the file lies that does. FileError where nothing halts
    it: an empty file does, so a disk too full for the reason is none."""
    path = switch(settings)
    try:
        path.write_text(f"{why}\n", encoding="utf-8")
    except OSError as error:
        if not halted(settings)():
            with told(path):
                raise error from None
    return path


def halt(settings: Path) -> Halt | None:
    """What halts all writing; None where nothing does."""
    path, why = switch(settings), halted(settings)()
    if not why:
        return None
    try:
        since = Instant(int(path.stat().st_mtime * SECOND))
        return Halt(why, since, path.owner())
    except (OSError, KeyError):  # gone by now, or of somebody without a name
        return Halt(why, Instant(0), "")


def halted(settings: Path) -> Callable[[], str]:
    """Asks, whenever it is called, why nothing may be written; "" where it may."""
    path = switch(settings)

    def why() -> str:
        try:
            return path.read_text(encoding="utf-8", errors="replace").strip() or "no reason given"
        except FileNotFoundError:
            return ""
        except OSError as error:  # it is there: whoever put it meant it
            return f"{path.name} cannot be read: {error.strerror}"

    return why
