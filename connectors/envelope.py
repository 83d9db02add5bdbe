"""What a server's answer is worth before anybody reads it: data, a refusal, or a login page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from connectors.base import (
    AuthError,
    ConnectorError,
    ForbiddenError,
    OutcomeKind,
    PermanentError,
    TransientError,
    UnreachableError,
)
from connectors.server import Server
from connectors.waits import requested_wait

T = TypeVar("T")

_LOGIN_WORDS = ("login", "signin", "sign-in", "sso", "saml", "oauth", "auth", "id.atlassian.com")
_MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class SlowDownError(TransientError):
    """A 429; `wait` is what the server asked for, in seconds, None where it did not say,
    `reason` what RateLimit-Reason named."""

    code = "SLA429"
    wait: float | None = None
    reason = ""


class StatusError(PermanentError):
    """A refusal of this very request: 400, 404, 409, 413, ...; `said` is the server's own text."""

    status = 0
    said = ""


class Answer(msgspec.Struct, frozen=True):
    """A whole answer. `tried` is the request in words: "GET /rest/api/3/myself"."""

    server: Server
    tried: str
    status: int
    headers: Mapping[str, str]  # requests' own: any spelling of a name finds it
    body: bytes

    def into(self, kind: type[T]) -> T:
        """The JSON body as `kind`; PermanentError where its shape is another one."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except _MALFORMED as error:
            raise PermanentError(
                f"{self.server.title} answered in a shape that we do not know",
                (("tried", self.tried), ("said", str(error)[:200])),
            ) from None

    @property
    def said(self) -> str:
        """The server's explanation of a refusal, on one line, cut to 300 characters."""
        try:
            told = msgspec.json.decode(self.body, type=_Refusal)
        except _MALFORMED:
            return ""
        return self.server.redact(" ".join(told.texts()))[:300]


class _ErrorObject(msgspec.Struct):
    message: str | None = None
    detail: str | None = None


class _Refusal(msgspec.Struct, rename="camel"):
    """The refusals of Jira (errorMessages, errors, message) and of ServiceNow (error)."""

    error_messages: list[str] = []
    errors: dict[str, str] | list[object] | None = None
    message: str | None = None
    error: _ErrorObject | str | None = None

    def texts(self) -> list[str]:
        texts = list(self.error_messages)
        if isinstance(self.errors, dict):
            texts += [f"{field}: {text}" for field, text in self.errors.items()]
        if isinstance(self.error, _ErrorObject):
            texts += [self.error.message or "", self.error.detail or ""]
        else:
            texts.append(self.error or "")
        return [text for text in [*texts, self.message or ""] if text]


def check(answer: Answer) -> Answer:
    """The answer, its body proved to be JSON if there is one; raises what it is instead.

    A page of JSON that only lone surrogates or NaN spoil is mended: one ticket's odd text must not
    hide the others.
    """
    login = answer.headers.get("X-Seraph-LoginReason", "")  # Jira's, even with status 200
    if login == "AUTHENTICATION_DENIED":
        raise _denied(answer)
    if login == "AUTHENTICATED_FAILED" and not (answer.status < 300 and _is_page(answer)):
        raise _unauthorized(answer)
    if answer.status >= 300:
        raise refusal(answer)
    if not answer.body.strip():
        return answer
    if _is_page(answer):
        raise _page(answer)
    try:
        msgspec.json.decode(answer.body, type=msgspec.Raw)
    except _MALFORMED:
        return msgspec.structs.replace(answer, body=_mended(answer))
    return answer


def _mended(answer: Answer) -> bytes:
    try:
        value = json.loads(answer.body, parse_constant=lambda _: None)
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        raise TransientError(
            f"the answer of {answer.server.title} was cut short or is no JSON",
            (("tried", answer.tried),),
        ) from None


def refusal(answer: Answer) -> ConnectorError:
    """What an answer with a status of 300 or more means."""
    match answer.status:
        case 401:
            return _unauthorized(answer)
        case 403:
            return ForbiddenError(f"not allowed: {answer.tried} (403)", _facts(answer))
        case 429:
            return _slow_down(answer)
        case status if status < 400:
            return _redirect(answer)
        case status if status >= 500 or status in (408, 425):
            return TransientError(f"{answer.server.title} answered {status}", _facts(answer))
    error = StatusError(f"{answer.server.title} refused: {_why(answer)}", _facts(answer))
    error.status, error.said = answer.status, answer.said
    return error


def classify(answer: Answer, error: ConnectorError) -> OutcomeKind:
    """What became of a write that was answered like this: only a plain refusal is one for sure."""
    if answer.status in (401, 425, 429):
        return "retryable"
    if isinstance(error, AuthError):
        return "retryable" if answer.status >= 400 else "doubtful"
    return "rejected" if 400 <= answer.status < 500 and answer.status != 408 else "doubtful"


def _why(answer: Answer) -> str:
    return f"{answer.said} ({answer.status})" if answer.said else f"status {answer.status}"


def _facts(answer: Answer) -> list[tuple[str, str]]:
    facts = [("tried", tried_as(answer.server, answer.tried))]
    return [*facts, ("said", answer.said)] if answer.said else facts


def tried_as(server: Server, tried: str) -> str:
    """`GET /rest/api/3/myself as sla-bot@acme.example`."""
    return f"{tried} as {server.user}" if server.user else tried


def _token_facts(answer: Answer) -> list[tuple[str, str]]:
    server = answer.server
    facts = [("tried", tried_as(server, answer.tried))]
    if server.secret:
        shown = f"{server.secret.length} characters, fingerprint {server.secret.fingerprint}"
        never = "(the token itself is never printed)"
        facts.append(("token", f"from {server.variable}, {shown}  {never}"))
    return facts


def _unauthorized(answer: Answer) -> AuthError:
    server = answer.server
    facts = _token_facts(answer)
    facts += [("likely", reason) for reason in server.likely]
    if server.renewal:
        facts.append(("fix", server.renewal))
    return AuthError(f"{server.title} refused the token ({answer.status}) at {server.base}", facts)


def unset(server: Server) -> AuthError:
    """There is no secret to show: said without asking anybody."""
    return AuthError(
        f"no {server.kind} for {server.connection}: {server.variable} is not set",
        (("fix", f"export {server.variable}, or name a file: {server.variable}_FILE"),),
    )


def unsendable(server: Server) -> AuthError:
    """The secret holds what no request can bear: a line break, or letters beyond Latin-1."""
    return AuthError(
        f"the {server.kind} for {server.connection} cannot be sent",
        (
            ("likely", "it was copied with something around it: a line break, a letter none has"),
            ("fix", f"set {server.variable} anew"),
        ),
    )


def _denied(answer: Answer) -> AuthError:
    facts = _token_facts(answer)
    facts.append(("likely", "too many failed logins: Jira wants a CAPTCHA from this account"))
    facts.append(("fix", f"log in once as this account in a browser at {answer.server.base}"))
    return AuthError(f"{answer.server.title} denied the login at {answer.server.base}", facts)


def spent(server: Server, seconds: float) -> SlowDownError:
    """Said before anybody refuses: the server counts, and we have no request left for so long."""
    error = SlowDownError(
        f"{server.title} allows no request for {seconds:.0f} s: what it grants is used up",
        (("often?", f"lower connections.{server.connection}.rate or raise schedule.pull"),),
    )
    error.wait = seconds
    return error


def _slow_down(answer: Answer) -> SlowDownError:
    reason = answer.headers.get("RateLimit-Reason", "")
    wait = requested_wait(answer.headers)
    words = f"429, {reason}" if reason else "429"
    asked = "Retry-After was not given" if wait is None else f"Retry-After {wait:.0f} s"
    error = SlowDownError(
        f"{answer.server.title} asked us to slow down ({words})",
        (
            ("", asked),
            ("tried", tried_as(answer.server, answer.tried)),
            ("often?", f"lower connections.{answer.server.connection}.rate or raise schedule.pull"),
        ),
    )
    error.wait, error.reason = wait, reason
    return error


def _redirect(answer: Answer) -> PermanentError:
    target = answer.headers.get("Location", "")
    parts = urlsplit(target)
    place = f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.path
    facts = _facts(answer)
    if place:
        facts.append(("sent to", answer.server.redact(place)[:200]))
    if any(word in target.lower() for word in _LOGIN_WORDS):
        facts.append(("likely", "single sign-on stands before the API, or the token is not taken"))
        return AuthError(
            f"{answer.server.title} sent us to a login page instead of data at "
            f"{answer.server.base}",
            facts,
        )
    facts.append(("fix", "set url: to the address that the server itself uses"))
    return PermanentError(
        f"{answer.server.title} redirects ({answer.status}); redirects are never followed", facts
    )


def _is_page(answer: Answer) -> bool:
    kind = answer.headers.get("Content-Type", "").lower()
    return "html" in kind or answer.body.lstrip()[:1] == b"<"


def _page(answer: Answer) -> ConnectorError:
    server = answer.server
    if b"hibernat" in answer.body[:20_000].lower():
        return UnreachableError(f"the instance {server.base} is hibernating", _facts(answer))
    facts = _token_facts(answer)
    facts.append(("likely", "a login page or a proxy stands before the API; url: may be wrong"))
    if server.renewal:
        facts.append(("fix", server.renewal))
    return AuthError(
        f"{server.title} answered with a login page instead of data at {server.base}", facts
    )
