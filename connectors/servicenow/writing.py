"""All changes to one ticket in one PATCH, sent once, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

import msgspec

from connectors.base import (
    AuthError,
    ConnectorError,
    Outcome,
    OutcomeKind,
    PermanentError,
    Written,
)
from connectors.http import Client, Delivery
from connectors.servicenow.body import note, refused
from connectors.servicenow.drafts import Draft, Drafter, refusal
from connectors.servicenow.stamps import read_stamp
from sla_engine.changes import Change
from sla_engine.model import Ref
from sla_engine.units import Instant

_TOLD = ("sys_id", "sys_mod_count", "sys_updated_on")


class _Reply(msgspec.Struct):
    result: dict[str, str | None]


class Writer:
    """`prepare` gets what signing in needs first: where that fails, surely nothing was written."""

    def __init__(
        self, client: Client, table: str, drafter: Drafter, prepare: Callable[[], None]
    ) -> None:
        self._client, self._table = client, table
        self._drafter, self._prepare = drafter, prepare

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        """One outcome a change, in order. Never raises: what could not be asked was not sent."""
        self._client.begin_writing()
        outcomes: list[Outcome | None] = [None] * len(changes)
        drafts: dict[int, Draft] = {}
        for index, change in enumerate(changes):
            try:
                self._prepare()
                draft = self._drafter.draft(ref, change)
            except ConnectorError as error:
                outcomes[index] = _unsent(error)
                continue
            if draft.refused:
                outcomes[index] = refusal(ref, draft.refused)
            else:
                drafts[index] = draft
        updated_at = self._send(ref, drafts, outcomes)
        return Written(tuple(one for one in outcomes if one is not None), updated_at)

    def _send(
        self, ref: Ref, drafts: dict[int, Draft], outcomes: list[Outcome | None]
    ) -> Instant | None:
        """Fills in the outcomes of the drafts. A refusal did nothing, and what people own is the
        likely reason of it; so the rest then goes alone."""
        if not drafts:
            return None
        delivery, body = self._patch(ref, list(drafts.values()))
        rest = {index: draft for index, draft in drafts.items() if not draft.on_people}
        if delivery.kind == "rejected" and _is_of_the_record(delivery) and len(rest) < len(drafts):
            for index in drafts.keys() - rest.keys():
                outcomes[index] = _outcome(ref, delivery)
            return self._send(ref, rest, outcomes)
        delivery, reply, updated_at = _reply(ref, delivery)
        for index, draft in drafts.items():
            outcomes[index] = _outcome(ref, delivery)
            if delivery.kind == "confirmed":
                outcomes[index] = _judged(ref, draft, body, reply)
        return updated_at

    def _patch(self, ref: Ref, drafts: Sequence[Draft]) -> tuple[Delivery, Mapping[str, str]]:
        body: dict[str, str] = {}
        for draft in drafts:
            body |= draft.sets
        told = (*_TOLD, *body, *(name for draft in drafts for name in draft.expects))
        comments = [draft.comment for draft in drafts if draft.comment]
        for element, internal in (("work_notes", True), ("comments", False)):
            if said := [one for one in comments if one.internal is internal]:
                body[element] = note(said)
        params = {
            "sysparm_fields": ",".join(dict.fromkeys(told)),
            "sysparm_display_value": "false",
            "sysparm_exclude_reference_link": "true",
        }
        path = f"/api/now/v2/table/{self._table}/{quote(ref.id)}?{urlencode(params, safe=',')}"
        return self._client.write("PATCH", path, body=body), body


def _unsent(error: ConnectorError) -> Outcome:
    kind: OutcomeKind = "rejected" if isinstance(error, PermanentError) else "retryable"
    if isinstance(error, AuthError):
        kind = "retryable"
    return Outcome(kind, error.what, code=error.code)


def _is_of_the_record(delivery: Delivery) -> bool:
    """Whether the refusal may be about some column: a data policy is a 403, too."""
    return delivery.answer is not None and delivery.answer.status in (400, 403)


def _outcome(ref: Ref, delivery: Delivery) -> Outcome:
    outcome = delivery.outcome()
    if delivery.error is None:
        return outcome
    said = [text for label, text in delivery.error.facts if label == "said"]
    message = ": ".join([ref.key, delivery.error.what, *said])
    return msgspec.structs.replace(outcome, message=message)


def _reply(ref: Ref, delivery: Delivery) -> tuple[Delivery, dict[str, str], Instant | None]:
    """The record as the reply shows it; a reply that shows another thing leaves all in doubt."""
    if delivery.kind != "confirmed" or delivery.answer is None:
        return delivery, {}, None
    try:
        result = delivery.answer.into(_Reply).result
        if result.get("sys_id") != ref.id:
            raise PermanentError("ServiceNow answered with another record than was written")
        stamp = result.get("sys_updated_on")
        reply = {name: value or "" for name, value in result.items()}
        return delivery, reply, read_stamp(stamp) if stamp else None
    except (PermanentError, ValueError) as error:
        wrong = error if isinstance(error, PermanentError) else PermanentError(str(error))
        return Delivery("doubtful", delivery.answer, wrong), {}, None


def _judged(ref: Ref, draft: Draft, body: Mapping[str, str], reply: Mapping[str, str]) -> Outcome:
    """Confirmed where the reply shows what was wanted."""
    wanted = {name: body.get(name, value) for name, value in draft.expects.items()}
    if why := refused(wanted, reply):
        names = tuple(name for name, value in wanted.items() if refused({name: value}, reply))
        return msgspec.structs.replace(refusal(ref, why), refused=names)
    return Outcome("confirmed", remote_id=reply.get("sys_mod_count", ""))
