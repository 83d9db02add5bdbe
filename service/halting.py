"""The kill switch: while a file lies beside service.yaml, nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

NAME = "sla.halt"


def switch(settings: Path) -> Path:
    """Where the file lies, or would."""
    return settings.parent / NAME


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
