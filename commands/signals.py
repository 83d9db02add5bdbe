"""Signals as a switch: something to ask, and to wait on."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


class Switch:
    """SIGTERM and SIGINT ask to stop, a second one ends at once; SIGHUP and SIGUSR1 ask for a pass.

    In force between `with` and its end.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.exit_code = 0
        self._woken = threading.Event()
        self._before: dict[int, object] = {}

    def stop(self, number: int, _: FrameType | None = None) -> None:
        """Let the write in hand finish, then end."""
        if self.stopping:
            raise KeyboardInterrupt
        self.stopping = True
        self.exit_code = 130 if number == signal.SIGINT else 0
        self._woken.set()

    def wake(self, _: int = 0, __: FrameType | None = None) -> None:
        """Do the next pass now."""
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Until then, or until something is asked."""
        self._woken.wait(max(0.0, seconds))
        self._woken.clear()

    def __enter__(self) -> Switch:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self.stop)
        for number in (signal.SIGHUP, signal.SIGUSR1):
            self._before[number] = signal.signal(number, self.wake)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() gave back
