"""Pages that the service shows to people, as HTML: no text of a ticket is markup in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent / "templates"


def sign_in_page() -> str:
    """Asks for the token."""
    return environment().get_template("sign_in.html").render()


@cache
def environment() -> Environment:
    """Everything that is filled in is escaped; a name that nobody gives is an error."""
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
