"""The pages for people, behind the guard: signing in and out, and what makes them look right."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from flask import Blueprint, Response

if TYPE_CHECKING:
    from web.guard import Guard

FILES = {"pages.css": "text/css", "pages.js": "text/javascript", "pages.svg": "image/svg+xml"}
PUBLIC = frozenset(("pages.sign_in", *(f"pages.{name.replace('.', '_')}" for name in FILES)))
"""Endpoints that ask for no name: they are the same for everybody."""


def person_pages(guard: Guard) -> Blueprint:
    """What all of them need."""
    pages = Blueprint("pages", __name__)
    pages.post("/sign-in", endpoint="sign_in")(guard.sign_in)
    pages.post("/sign-out", endpoint="sign_out")(guard.sign_out)
    for name, kind in FILES.items():
        pages.get(f"/{name}", endpoint=name.replace(".", "_"))(_giving(name, kind))
    return pages


def _giving(name: str, kind: str) -> Callable[[], Response]:
    def give() -> Response:
        return Response(_content(name), mimetype=kind)

    return give


@cache
def _content(name: str) -> bytes:
    return files("web").joinpath("static", name).read_bytes()
