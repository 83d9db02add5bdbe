"""Live progress of long work: on a terminal only, on stderr, gone when done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Progress:
    """Bars by connection and kind of work; nothing at all where nobody watches."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}

    def step(self, connection: str, what: str, done: int, of: int) -> None:
        """So much of one kind of work is done; `of` 0 where the whole is not known."""
        if not sys.stderr.isatty():
            return
        name = f"{connection} {what}"
        bars = self._started()
        if name not in self._tasks:
            self._tasks[name] = bars.add_task(name, total=of or None)
        bars.update(self._tasks[name], completed=done, total=of or None)

    def _started(self) -> Bars:
        if self._bars is None:
            from rich.console import Console
            from rich.progress import Progress as Bars

            self._bars = Bars(console=Console(stderr=True), transient=True)
            self._bars.start()
        return self._bars

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()
