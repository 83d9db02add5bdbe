"""Channels: where a notice goes that is not a change of the ticket. Their addresses are secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from connectors.base import Outcome
from sla_engine.changes import Notify

SKIPPED = "skipped"
"""As an outcome's code: left out on purpose, which is no failure."""


Sender = Callable[[str, str, str], bool]
"""Sends (address, title, text); False where it was not taken."""


class Channels(msgspec.Struct, frozen=True):
    """`addresses` reads a channel's address from the environment; None where it is not set."""

    addresses: Mapping[str, Callable[[], str | None]] = {}
    send: Sender | None = None

    @property
    def names(self) -> frozenset[str]:
        """The channels that can be told something now."""
        return frozenset(name for name, address in self.addresses.items() if address())

    def tell(self, notice: Notify) -> Outcome:
        """Send a notice. Delivered at least once: a channel cannot be read back."""
        address = self.addresses.get(notice.channel)
        if address is None:
            return _skipped(f'service.yaml names no channel "{notice.channel}"')
        where = address()
        if not where:
            return _skipped(f'the address of channel "{notice.channel}" is not set')
        sent = (self.send or send_by_apprise)(where, f"SLA {notice.ref.key}", notice.text)
        if sent:
            return Outcome("confirmed", f"sent to {notice.channel}")
        return Outcome("retryable", f'channel "{notice.channel}" did not take it', code="SLA504")


def _skipped(why: str) -> Outcome:
    return Outcome("rejected", why, code=SKIPPED)


def send_by_apprise(address: str, title: str, text: str) -> bool:
    """By apprise, which is an extra: `pip install sla-sync[notify]`."""
    try:
        import apprise
    except ImportError:
        return False
    told = apprise.Apprise()
    return bool(told.add(address) and told.notify(body=text, title=title))
