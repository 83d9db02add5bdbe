"""The page that shows how everything stands, and stops all writing."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint, Response, g, request

from web.guard import refused

LONGEST = 200
"""Characters of a reason."""


class Shown(Protocol):
    """The service as a person sees it who may."""

    def page(self, who: str) -> str:
        """How it stands, as HTML."""

    def halt(self, why: str) -> None:
        """Stop all writing."""


def status_pages(shown: Shown) -> Blueprint:
    """For people whom the guard let in."""
    pages = Blueprint("status", __name__)

    @pages.get("/")
    def status() -> Response:
        return Response(shown.page(g.who))

    @pages.post("/halt")
    def halt() -> Response:
        why = " ".join(request.form.get("why", "").split())[:LONGEST]
        if not why:
            return refused("say why, for those who wonder", 400)
        shown.halt(f"{why} ({g.who or 'from the status page'})")
        return Response(status=204)

    return pages
