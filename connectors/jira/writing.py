"""Changes as requests to Jira: one edit for all fields, one request a deed, none sent twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from connectors.base import (
    AuthError,
    ConnectorError,
    ForbiddenError,
    Outcome,
    TransientError,
    UnreachableError,
    Written,
)
from connectors.http import Client, Delivery
from connectors.jira import text
from connectors.jira.deeds import assign, transition
from connectors.jira.edit import Edit
from connectors.jira.fields import Plan
from connectors.jira.journal import MARK_PROPERTY
from connectors.jira.metadata import Metadata
from connectors.jira.wire import Issue, instant
from sla_engine.changes import AddComment, Assign, Change, Transition
from sla_engine.model import Ref
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant

Deployment = Literal["cloud", "data_center"]


class _Errors(msgspec.Struct):
    errors: dict[str, str] = {}


class _Made(msgspec.Struct, rename="camel"):
    """A comment as Jira made it."""

    id: str
    created: str | int | None = None
    jsd_public: bool | None = None


class Writer:
    """Writes for one connection. Quietly (`notifyUsers=false`) until Jira shows that our account
    may not; from then on loudly."""

    def __init__(
        self,
        client: Client,
        deployment: Deployment,
        plan: Plan,
        site: Metadata,
        terms: Mapping[str, FieldTerms],
    ) -> None:
        self._client, self._plan, self._site, self._terms = client, plan, site, terms
        self._wiki = deployment == "data_center"
        self._api = "/rest/api/2" if self._wiki else "/rest/api/3"
        self._quiet = True

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        """Fields first, then the deeds in their order; once Jira is out of reach nothing more."""
        self._client.begin_writing()
        outcomes: dict[int, Outcome] = {}
        stamps: list[Instant] = []
        edit = Edit(self._plan, self._site, self._terms, self._wiki)
        deeds = [(n, change) for n, change in enumerate(changes) if not edit.take(n, change)]
        if edit.numbers:
            outcomes |= self._edited(ref, edit, stamps)
        gone: Outcome | None = _unreachable(outcomes.values())
        for number, deed in deeds:
            outcomes[number] = gone or self._done(ref, deed, stamps)
            gone = _unreachable([outcomes[number]])
        return Written(
            tuple(outcomes[number] for number in range(len(changes))), max(stamps, default=None)
        )

    # Fields

    def _edited(self, ref: Ref, edit: Edit, stamps: list[Instant]) -> dict[int, Outcome]:
        sent = self._send(ref, edit, stamps) if edit.body else Outcome("confirmed")
        return {
            number: _with_refusal(sent, edit.refused.get(number), edit.fields.get(number, ()))
            for number in edit.numbers
        }

    def _send(self, ref: Ref, edit: Edit, stamps: list[Instant]) -> Outcome:
        """Sends the edit until Jira takes it: a refusal by name of field leaves that field out, one
        of quiet edits is answered by a loud one. A refused request has done nothing."""
        while edit.body:
            quiet = self._quiet
            delivery = self._put(ref, edit, quiet)
            if quiet and isinstance(delivery.error, ForbiddenError):
                delivery = self._put(ref, edit, quiet=False)
                self._quiet = delivery.kind != "confirmed"
            if delivery.kind == "rejected" and edit.drop(_errors(delivery)):
                continue
            if delivery.kind != "confirmed":
                return _told(delivery, ref, "edit", "EDIT_ISSUES")
            issue = _returned(delivery)
            if issue is None or edit.is_stored(issue):
                _stamp(issue, stamps)
                return Outcome("confirmed")
            if not quiet:
                return Outcome("rejected", f"Jira took the edit of {ref.key} and stored nothing")
            self._quiet = False  # Cloud ignores quiet edits of accounts that may not make them
        return Outcome("confirmed")

    def _put(self, ref: Ref, edit: Edit, quiet: bool) -> Delivery:
        params = {"notifyUsers": "false"} if quiet else {}
        if not self._wiki:
            params["returnIssue"] = "true"
        return self._client.write(
            "PUT", f"{self._api}/issue/{ref.id}", params=params, body=edit.body
        )

    # Deeds

    def _done(self, ref: Ref, deed: Change, stamps: list[Instant]) -> Outcome:
        try:
            match deed:
                case AddComment():
                    return self._comment(ref, deed, stamps)
                case Assign(to=to):
                    delivery = assign(self._client, self._api, ref, to)
                    return _told(delivery, ref, "assign", "ASSIGN_ISSUES")
                case Transition(to=to):
                    delivery = transition(self._client, self._api, ref, to)
                    return _told(delivery, ref, "transition", "TRANSITION_ISSUES")
        except ConnectorError as error:
            return outcome_of(error)
        return Outcome("rejected", "Jira cannot do that", code="SLA400")

    def _comment(self, ref: Ref, deed: AddComment, stamps: list[Instant]) -> Outcome:
        make = text.wiki_comment if self._wiki else text.comment
        properties = [{"key": MARK_PROPERTY, "value": {"key": deed.key}}]
        if deed.internal:
            properties.append({"key": "sd.public.comment", "value": {"internal": True}})
        body = {"body": make(deed.lines, deed.detail, deed.key), "properties": properties}
        delivery = self._client.write("POST", f"{self._api}/issue/{ref.id}/comment", body=body)
        if delivery.kind != "confirmed" or delivery.answer is None:
            return _told(delivery, ref, "comment on", "ADD_COMMENTS")
        try:
            made = delivery.answer.into(_Made)
        except ConnectorError as error:
            return Outcome("doubtful", error.what, code=error.code)
        if made.created is not None:
            stamps.append(instant(made.created))
        shown = deed.internal and made.jsd_public
        warning = f"the customer of {ref.key} can see this comment" if shown else ""
        return Outcome("confirmed", warning, made.id)


def outcome_of(error: ConnectorError) -> Outcome:
    """What became of a write that could not even be prepared: nothing was sent."""
    again = isinstance(error, TransientError | AuthError)
    return Outcome("retryable" if again else "rejected", error.what, code=error.code)


def _told(delivery: Delivery, ref: Ref, verb: str, permission: str) -> Outcome:
    if isinstance(delivery.error, ForbiddenError):
        said = f"not allowed to {verb} {ref.key} (403, {permission})"
        return Outcome(delivery.kind, said, code=delivery.error.code)
    return delivery.outcome()


def _with_refusal(sent: Outcome, refused: str | None, fields: Iterable[str]) -> Outcome:
    if refused is None or sent.kind != "confirmed":
        return sent
    return Outcome("rejected", refused, code="SLA110", refused=tuple(sorted(fields)))


def _unreachable(outcomes: Iterable[Outcome]) -> Outcome | None:
    codes = (UnreachableError.code, AuthError.code)
    return next((one for one in outcomes if one.kind == "retryable" and one.code in codes), None)


def _errors(delivery: Delivery) -> Mapping[str, str]:
    """The fields that a 400 complains of."""
    try:
        return delivery.answer.into(_Errors).errors if delivery.answer else {}
    except ConnectorError:
        return {}


def _returned(delivery: Delivery) -> Issue | None:
    if delivery.answer is None or not delivery.answer.body.strip():
        return None
    try:
        return delivery.answer.into(Issue)
    except ConnectorError:
        return None  # stored all the same: the status said so


def _stamp(issue: Issue | None, stamps: list[Instant]) -> None:
    if issue is not None and issue.updated is not None:
        stamps.append(issue.updated)
