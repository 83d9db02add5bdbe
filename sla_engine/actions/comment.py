"""comment: say it in the ticket, internally, once a step, whoever else is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sla_engine.actions.context import Context
from sla_engine.changes import AddComment
from sla_engine.model import Value
from sla_engine.wording import comment_detail, comment_lines
from sla_engine.words import duration, instant, title

PLACEHOLDER = re.compile(r"\{(clock|due|left|used|target|key|priority|team|policy)\}")

_MENTION = re.compile(r"@(?=\w)|<(?=[!@#])")


def deed(context: Context, texts: Sequence[str], recipients: Sequence[str]) -> AddComment:
    """The one comment of a step: our head line, the texts that the ladder gives, who was told.

    Told are those with a channel. The others this comment alone may reach, save for the names of
    channels (`slack:#x`) that nobody set up: those mean nothing to the reader of a ticket.
    """
    head, *rest = comment_lines(
        context.verdict,
        context.step,
        context.policy,
        context.zone,
        told=[name for name in recipients if name in context.channels],
        attention=[n for n in recipients if n not in context.channels and ":" not in n],
    )
    said = [fill(text, context) for text in texts if text]
    return AddComment(
        context.ref,
        context.key,
        (head, *said, *rest),
        context.why,
        detail=comment_detail(context.verdict, context.zone),
        at=context.at,
    )


def fill(text: str, context: Context) -> str:
    """Put values for the fixed placeholders, in one pass: what comes from a ticket is never read
    again, and any other braces stay as they are."""
    verdict = context.verdict
    due = verdict.due_at or verdict.breached_at
    values = {
        "clock": title(verdict),
        "due": "no due date" if due is None else instant(due, context.zone),
        "left": "no target" if verdict.left is None else duration(verdict.left),
        "used": duration(verdict.elapsed),
        "target": "no target" if verdict.limit is None else duration(verdict.limit),
        "key": context.ref.key,
        "priority": inert(context.fields.get("priority")) or "no priority",
        "team": inert(context.fields.get("team")) or "no team",
        "policy": context.policy.name,
    }
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def inert(value: Value) -> str:
    """A ticket's value on one line, steering nothing and calling nobody: chats take `@here` and
    `<!channel>` for a mention wherever they stand, so a word joiner parts them."""
    seen = "".join(one if one.isprintable() else " " for one in str(value or ""))
    return _MENTION.sub("\\g<0>\u2060", " ".join(seen.split()))
