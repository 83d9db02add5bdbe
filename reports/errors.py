"""A failure as people can mend it: what, where, the evidence, the likely cause, the fix."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

WIDTH = 100


def render_error(
    code: str,
    what: str,
    facts: Sequence[tuple[str, str]] = (),
    *,
    effect: str = "",
    width: int = WIDTH,
) -> str:
    """`error[SLA401]: Jira refused the token (401) at …` and its facts, a line each.

    `effect` is the last line: what this did or did not do to tickets.
    """
    lines = [f"error[{code}]: {what}"]
    room = max((len(label) for label, _ in facts), default=0)
    indent = 2 + max(room, 6) + 3
    for label, words in facts:
        first, *rest = wrap(words, width - indent, break_long_words=False) or [""]
        lines.append(f"  {label:<{indent - 2}}{first}")
        lines += [" " * indent + more for more in rest]
    return "\n".join([*lines, *([f"  {effect}"] if effect else [])]) + "\n"


def error_json(code: str, what: str, facts: Sequence[tuple[str, str]] = ()) -> dict[str, object]:
    """The same for machines."""
    return {"code": code, "what": what, "facts": [list(fact) for fact in facts]}
