"""What goes wrong with ServiceNow in particular, and what mends it."""

from __future__ import annotations

import msgspec

from connectors.base import ForbiddenError, PermanentError, TransientError
from connectors.envelope import Answer


class UnknownFieldError(PermanentError):
    """A column that the settings or policies name is not there, or may not be read."""

    code = "SLA110"


class TooMuchError(PermanentError):
    """The instance gave up a request for its size or its time: ask for less at once."""

    code = "SLA502"


class _Fault(msgspec.Struct):
    message: str | None = None
    detail: str | None = None


class _Faulty(msgspec.Struct):
    error: _Fault | str | None = None


def inspect(answer: Answer) -> None:
    """Raises where a 200 is none: `null` under load, or an error object instead of a result."""
    if answer.body.strip() == b"null":
        raise TransientError("ServiceNow answered null, as it does under load", _tried(answer))
    try:
        fault = msgspec.json.decode(answer.body, type=_Faulty).error
    except msgspec.DecodeError:
        return  # no object: whoever reads it says so
    if not fault:
        return
    told = fault if isinstance(fault, str) else f"{fault.message or ''} {fault.detail or ''}"
    facts = (*_tried(answer), ("said", answer.server.redact(told)[:300]))
    if "maximum execution time" in told.lower():
        raise TooMuchError("ServiceNow cancelled the request: it took too long", facts)
    raise TransientError(f"ServiceNow answered {answer.status} with an error in it", facts)


def _tried(answer: Answer) -> tuple[tuple[str, str], ...]:
    return (("tried", answer.tried),)


def no_history(table: str, user: str, error: ForbiddenError | None = None) -> ForbiddenError:
    """The account may not read histories; without them no verdict can be trusted."""
    facts = dict(error.facts) if error else {"tried": f"GET {table} as {user}"}
    return ForbiddenError(
        f"{user or 'our account'} may not read {table}: tickets have no history without it",
        (
            *facts.items(),
            ("fix", "give the account the role audit_viewer (read sys_audit, sys_journal_field)"),
            ("effect", "its tickets keep their last values"),
        ),
    )
