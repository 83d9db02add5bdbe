"""What `sla run --http` answers: pages for watchers, and the doorbell of webhooks."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from commands.session import FINDINGS, USAGE, Session, end

if TYPE_CHECKING:
    from flask import Blueprint

    from commands.reporters import Reporter
    from service.doorbell import Doorbell
    from service.watching import Watch


def served(
    session: Session,
    watch: Watch,
    bell: Doorbell,
    address: tuple[str, int] | None,
    says: Reporter,
) -> AbstractContextManager[object]:
    """The server, where one was asked for; ends the command where it cannot be."""
    if address is None:
        if session.settings.webhooks:
            words = "webhooks: nobody can ring, because nothing listens; add --http HOST:PORT"
            says.noted("warning", "webhooks.unheard", words)
        return nullcontext()
    from web.app import create_app
    from web.health import health_pages
    from web.server import Server

    parts = [health_pages(watch), *_hooks(session, watch, bell, says)]
    host, port = address
    try:
        return Server(create_app(parts), host, port)
    except OSError as error:
        end(f"cannot listen on {host}:{port}: {error.strerror}; choose another --http", USAGE)


def _hooks(session: Session, watch: Watch, bell: Doorbell, says: Reporter) -> list[Blueprint]:
    if not session.settings.webhooks:
        return []
    from service.webhooks import hooks
    from web.hooks import hook_pages

    found, lacking = hooks(session.settings.webhooks, session.secret)
    if lacking:
        fix = "make one with: openssl rand -hex 32"
        end("\n".join(f"error[SLA304]: {why}; {fix}" for why in lacking), FINDINGS)

    def refused(words: str) -> None:
        says.noted("warning", "webhook.refused", words)

    return [hook_pages(found, bell.ring, watch.figures.rang, refused)]
