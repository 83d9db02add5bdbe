"""A page of the policies as one HTML file: no script, no request, nothing of a text is markup."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markupsafe import Markup

from reports.pages import environment
from reports.screen import harmless

if TYPE_CHECKING:
    from reports.promise_page import Page


def html(page: Page) -> str:
    """The whole file; links lead to the other pages as HTML."""
    body = _markdown().render(harmless(page.text))
    body = re.sub(r'href="([\w-]+)\.md(#[^"]*)?"', r'href="\1.html\2"', body)
    body = re.sub(r"<h2>(.+?)</h2>", _anchored, body)
    template = environment().get_template("promise.html")
    return template.render(title=page.title, body=Markup(body))  # noqa: S704  # escaped by _markdown


def _anchored(heading: re.Match[str]) -> str:
    """A heading that can be linked to, as the markdown page's can."""
    words = re.sub(r"<[^>]+>|&\w+;|[^\w\- ]", "", heading[1].lower())
    return f'<h2 id="{words.replace(" ", "-")}">{heading[1]}</h2>'


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
