"""Channels: where a notice goes that is not a change of the ticket. Their addresses are secrets."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence

import msgspec
import requests

from connectors.base import Outcome
from connectors.server import is_loopback
from service.delivery.guarded import guarded
from sla_engine.changes import Notify

SKIPPED = "skipped"
"""As an outcome's code: left out on purpose, which is no failure."""
PATIENCE = 10
"""Seconds a receiver has to answer."""
RUN_PATIENCE = 60
"""Seconds a command may run."""
PAGERDUTY = "pagerduty://"
_EVENTS = "https://events.pagerduty.com/v2/enqueue"


Sender = Callable[[str, str, str], bool]
"""Sends (address, title, text); False where it was not taken."""


class Channel(msgspec.Struct, frozen=True):
    """One entry of `channels:`: an address read from the environment when it is needed (None where
    it is not set), or a command."""

    address: Callable[[], str | None] = lambda: None
    command: tuple[str, ...] = ()


class Channels(msgspec.Struct, frozen=True):
    """Every channel that service.yaml names."""

    known: Mapping[str, Channel] = {}
    send: Sender | None = None

    @property
    def names(self) -> frozenset[str]:
        """The channels that can be told something now."""
        return frozenset(n for n, one in self.known.items() if one.command or one.address())

    def tell(self, notice: Notify, title: str = "") -> Outcome:
        """Send a notice; `title` is for people, by default the ticket's. Delivered at least once: a
        channel cannot be read back. PagerDuty makes one incident of all that bear the same key; a
        command is never run twice."""
        channel = self.known.get(notice.channel)
        if channel is None:
            return _skipped(f'service.yaml names no channel "{notice.channel}"')
        if notice.way == "run":
            return _run(channel.command, notice)
        where = channel.address()
        if not where:
            return _skipped(f'the address of channel "{notice.channel}" is not set')
        with guarded(where) as refused:
            outcome = self._send(where, notice, title or f"SLA {notice.ref.key}")
        if refused:
            led = f'the address of channel "{notice.channel}" leads to {refused[0]}'
            return Outcome("rejected", f"{led}, which is no place for a notice", code="SLA403")
        return outcome

    def _send(self, where: str, notice: Notify, title: str) -> Outcome:
        if notice.way == "webhook":
            return _post(where, notice, facts(notice), {"Idempotency-Key": identity(notice)})
        if notice.way == "page" and where.startswith(PAGERDUTY):
            return _post(_EVENTS, notice, incident(where.removeprefix(PAGERDUTY), notice), {})
        if (self.send or send_by_apprise)(where, title, notice.text):
            return Outcome("confirmed", f"sent to {notice.channel}")
        return _again(notice)


def identity(notice: Notify) -> str:
    """What is the same however often a notice is sent."""
    return f"{notice.ref.connection}/{notice.ref.id}/{notice.key}"


def facts(notice: Notify) -> dict[str, object]:
    """What a webhook and a command read."""
    return {"id": identity(notice), "text": notice.text, **dict(notice.facts)}


def incident(routing_key: str, notice: Notify) -> dict[str, object]:
    """A trigger of PagerDuty's Events API v2; `dedup_key` has at most 255 characters."""
    return {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": identity(notice)[-255:],
        "payload": {
            "summary": notice.text[:1024],
            "source": notice.ref.connection,
            "severity": "critical" if ("state", "breached") in notice.facts else "warning",
            "custom_details": dict(notice.facts),
        },
    }


def _post(
    where: str, notice: Notify, body: Mapping[str, object], headers: Mapping[str, str]
) -> Outcome:
    if not (where.startswith("https://") or is_loopback(where)):
        return _failed(f'the address of channel "{notice.channel}" must be https://')
    try:
        with requests.post(
            where,
            json=body,
            headers=dict(headers),
            auth=_no_auth,
            timeout=PATIENCE,
            allow_redirects=False,
            stream=True,  # what it says is not read, however much it is
        ) as answer:
            status, taken = answer.status_code, answer.ok and not answer.is_redirect
    except requests.RequestException:
        return _again(notice)
    if taken:
        return Outcome("confirmed", f"sent to {notice.channel}")
    return _again(notice, f" ({status})")


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands where a secret would, so that requests looks for none in ~/.netrc."""
    return request


def _run(command: Sequence[str], notice: Notify) -> Outcome:
    if not command:
        return _skipped(f'channel "{notice.channel}" has no command')
    said = json.dumps(facts(notice))
    without = {name: value for name, value in os.environ.items() if not name.startswith("SLA_")}
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command, no shell, not our tokens
            command,
            input=said,
            env=without,
            text=True,
            capture_output=True,
            timeout=RUN_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _failed(f"{command[0]} did not run: {type(error).__name__}")
    if done.returncode:
        return _failed(f"{command[0]} ended with {done.returncode}")
    return Outcome("confirmed", f"ran {command[0]}")


def _again(notice: Notify, why: str = "") -> Outcome:
    return Outcome("retryable", f'channel "{notice.channel}" did not take it{why}', code="SLA504")


def _failed(why: str) -> Outcome:
    return Outcome("rejected", why, code="SLA504")


def _skipped(why: str) -> Outcome:
    return Outcome("rejected", why, code=SKIPPED)


def send_by_apprise(address: str, title: str, text: str) -> bool:
    """By apprise, which is an extra: `pip install sla-sync[notify]`. Redirects are not followed."""
    try:
        import apprise
    except ImportError:
        return False
    told = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    return bool(told.add(address) and told.notify(body=text, title=title))
