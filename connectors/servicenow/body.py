"""Changes as the body of one PATCH, and whether the reply shows that they were taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.servicenow.stamps import write_stamp
from sla_engine.changes import AddComment
from sla_engine.model import At, FieldValue

_TAG = re.compile(
    r"\[(?=\W*(?:c\W*o\W*d\W*e\W*\]|s\W*l\W*a\W*:))",  # \W: whatever may be dropped on the way
    re.IGNORECASE,
)


def stored(value: FieldValue) -> str:
    """A value as ServiceNow stores it; "" empties the column."""
    match value:
        case None:
            return ""
        case At(at):
            return write_stamp(at)
        case tuple():
            return ",".join(value)
    return value


def note(comments: Sequence[AddComment]) -> str:
    """The text of one journal entry that says all these, each with its mark on a line of its own.

    Journals render `[code]` as HTML and we find ourselves by `[sla:...]`, so neither may come out
    of a ticket's text, nor what becomes either once unseen characters in it are dropped.
    """
    return "\n\n".join(
        "\n".join([*map(_harmless, (*one.lines, *one.detail)), f"[sla:{one.key}]"])
        for one in comments
    )


def _harmless(line: str) -> str:
    return _TAG.sub("(", line)


def impact_and_urgency(priority: int, impact: int) -> tuple[str, str]:
    """How a priority is had, which ServiceNow works out from impact and urgency by itself.

    The usual table is impact + urgency - 1. The impact is a fact and stays as near as can be to
    what it is; the urgency is what an escalation raises.
    """
    fitting = [i for i in (1, 2, 3) if 1 <= priority + 1 - i <= 3]
    kept = min(fitting, key=lambda one: abs(one - impact))
    return str(kept), str(priority + 1 - kept)


def refused(wanted: Mapping[str, str], reply: Mapping[str, str]) -> str:
    """Which columns do not hold what they should after a write, and why; "" where all do.

    Unknown columns are dropped without a word, and a choice that is not on its list is stored as
    nothing. A text that was cut to the column's length counts as taken.
    """
    wrongs = []
    for name, sent in wanted.items():
        if name not in reply:
            wrongs.append(f"{name} was not stored: unknown column, or not readable")
        elif reply[name] != sent and not (reply[name] and sent.startswith(reply[name])):
            wrongs.append(f'{name} was not stored: it holds "{reply[name]}" instead of "{sent}"')
    return "; ".join(wrongs)
