"""What `sla run --http` answers: pages for watchers and people, and the bell of webhooks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import msgspec

from commands.session import FINDINGS, USAGE, Clock, Session, end

if TYPE_CHECKING:
    from flask import Blueprint

    from commands.reporters import Reporter
    from service.passes.doorbell import Doorbell
    from service.watch.watching import Watch
    from web.guard import Guard

FIX = "make one with: openssl rand -hex 32"


class Served(msgspec.Struct, frozen=True):
    """What a server is for. `session` is asked each time, as policies change."""

    session: Callable[[], Session]
    watch: Watch
    bell: Doorbell
    clock: Clock
    says: Reporter

    def page(self, who: str) -> str:
        """How everything stands, as HTML."""
        from commands.overview import page

        return page(self.session(), self.clock, who)

    def halt(self, why: str) -> None:
        """Stop all writing, as `sla halt` does."""
        from service.delivery.halting import put

        put(self.session().settings.file, why)
        self.says.noted("warning", "writes.halted", f"halted: {why}")

    def at(self, address: tuple[str, int] | None) -> AbstractContextManager[object]:
        """The server, where one is asked for; ends the command where it cannot be."""
        settings = self.session().settings
        if address is None:
            if settings.webhooks or settings.pages:
                words = "nothing listens for webhooks or pages; add --http HOST:PORT"
                self.says.noted("warning", "http.missing", words)
            return nullcontext()
        from web.app import create_app
        from web.health import health_pages
        from web.server import Server
        from web.status import status_pages

        host, port = address
        open_parts = [health_pages(self.watch), *self._hooks()]
        guard = self._guard(host)
        app = create_app(open_parts, [status_pages(self)], guard)
        try:
            return Server(app, host, port)
        except OSError as error:
            end(f"cannot listen on {host}:{port}: {error.strerror}; choose another --http", USAGE)

    def _hooks(self) -> list[Blueprint]:
        said = self.session().settings.webhooks
        if not said:
            return []
        from service.setup.webhooks import hooks
        from web.hooks import hook_pages

        found, lacking = hooks(said, self.session().secret)
        if lacking:
            end("\n".join(f"error[SLA304]: {why}; {FIX}" for why in lacking), FINDINGS)

        def refused(words: str) -> None:
            self.says.noted("warning", "webhook.refused", words)

        return [hook_pages(found, self.bell.ring, self.watch.figures.rang, refused)]

    def _guard(self, host: str) -> Guard | None:
        said = self.session().settings.pages
        if said is None:
            return None
        from service.setup.access import access
        from web.guard import Guard

        found, lacking = access(said, self.session().secret, host)
        if lacking:
            end(f"error[SLA304]: {lacking}; {FIX}", FINDINGS)
        return Guard(found)
