"""What happens in a step, as conditions about events see it."""

from __future__ import annotations

from collections.abc import Callable

from sla_engine.conditions import EventTest

Token = tuple[str, str, str]
"""Something that happened in a step: ("comment", "public", "staff"), ("changed", "team", "")."""

PEOPLE = frozenset({"staff", "customer", "requester", "vendor"})
ASSIGNED: Token = ("assigned", "", "")
TOUCH, LINK, OPENING = "touched", "linked", "in effect"
"""Fields of a journal that only tell of an event: the team that has the ticket does something to it
for the first time; another ticket of its case comes to it (the value names the link); a policy
comes into effect that takes over open clocks."""
DELETED, MERGED_INTO = "deleted", "merged_into"
"""Fields with a value once a ticket is no more: nothing of it is promised from then on."""
COMING_INTO_EFFECT = EventTest(OPENING)
CUSTOMER_SPOKE = EventTest("comment", "public", ("customer",))

VOICES: dict[str, str] = {
    role: f"comment by {role}"
    for role in ("staff", "customer", "requester", "vendor", "bot", "ai", "self", "unknown")
}
"""What a comment is called as a change of a field: it depends on whose it is."""
ROLES = {field: role for role, field in VOICES.items()}


def happened_in(tokens: tuple[Token, ...]) -> Callable[[EventTest], bool]:
    """Answers for each event whether it is among these."""
    return lambda test: any(fits(test, token) for token in tokens)


def fits(test: EventTest, token: Token) -> bool:
    """Whether the token is an event that passes the test."""
    kind, detail, role = token
    if kind != test.kind:
        return False
    if kind == "comment":
        who = test.by or PEOPLE
        by = role in who or (role == "requester" and "customer" in who)
        return by and test.visibility in ("", detail)
    return kind == "assigned" or test.field in ("", detail)
