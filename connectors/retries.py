"""When a read is tried again, and how long after."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.wait import wait_exponential, wait_random

from connectors.base import ConnectorError, TransientError
from connectors.envelope import SlowDownError
from connectors.transport import NobodyThereError

ATTEMPTS = 5
PATIENCE = 60.0
"""Seconds that one read may sleep altogether. Longer waits are left to the next pass: sleeping a
quarter of an hour here would hold up the other connections."""

_BACK_OFF = wait_exponential(multiplier=2)
_JITTER = wait_random(0, 1)
_log = logging.getLogger("sla.http")


def retrying(sleep: Callable[[float], None]) -> Retrying:
    """Calls a read again while it fails in a way that may pass, with waits in between."""
    return Retrying(
        retry=retry_if_exception(_may_pass),
        wait=_wait,
        stop=_enough,
        before_sleep=_tell,
        sleep=sleep,
        reraise=True,
    )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, NobodyThereError)


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _wait(state: RetryCallState) -> float:
    error = _error_of(state)
    asked = error.wait if isinstance(error, SlowDownError) else None
    return (_BACK_OFF(state) if asked is None else asked) + _JITTER(state)


def _enough(state: RetryCallState) -> bool:
    slept = state.idle_for + state.upcoming_sleep
    return state.attempt_number >= ATTEMPTS or slept > PATIENCE


def _tell(state: RetryCallState) -> None:
    _log.warning(
        "waiting: %s · %.0f s · attempt %d of %d",
        _error_of(state),
        state.upcoming_sleep,
        state.attempt_number,
        ATTEMPTS,
    )


def tell_attempts(error: ConnectorError, attempts: int, seconds: float) -> None:
    """Joins "4 attempts in 34 s" to the first unlabelled line, or adds such a line."""
    if attempts < 2:
        return
    told = f"{attempts} attempts in {seconds:.0f} s"
    first, *rest = error.facts or (("", ""),)
    if first[0] == "" and first[1]:
        error.facts = (("", f"{first[1]} · {told}"), *rest)
    else:
        error.facts = (*error.facts, ("", told))
