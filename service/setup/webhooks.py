"""Who may ring, and how they prove it: `webhooks:` of service.yaml with its secrets."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from service.setup.settings_reading import Part
from sla_engine.document import Node
from sla_engine.problems import Problem, did_you_mean

Proof = Literal["signature", "address"]

SIGNING = 16
"""Characters that a secret must have which signs and is never sent."""
SENT = 32
"""And one that is sent in the address: 128 bits, as 32 hex digits."""
FORM = "sha256="


class WebhookSettings(Part):
    """One entry: `signature` is an HMAC-SHA256 of the body, `address` a secret at its end."""

    secret_env: Annotated[
        str, Field(min_length=1, description="name the variable that holds the secret")
    ]
    proof: Proof = "signature"


class Hook(msgspec.Struct, frozen=True):
    """Who rings for one connection."""

    connection: str
    proof: Proof
    secret: bytes

    def proven(self, sent: bytes, signature: bytes, body: bytes) -> bool:
        """Whether the sender has the secret. `sent` is what the address ends with, b"" for none;
        compared in a time that tells nothing of where it differs."""
        if self.proof == "address":
            return hmac.compare_digest(sent, self.secret)
        wanted = hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        return not sent and hmac.compare_digest(signature, f"{FORM}{wanted}".encode())


def strangers(node: Node) -> Iterator[Problem]:
    """A problem for every entry of `webhooks:` that is of no connection."""
    section, connections = node.child("webhooks"), node.child("connections")
    known = (connections.entries or {}) if connections else {}
    for name in (section.entries or {}) if section else {}:
        if name not in known:
            mend = did_you_mean(name, known) or f"there are {', '.join(known)}"
            where = node.key_of("webhooks", name)
            yield Problem(where, f'no connection "{name}"', mend, "SLA105")


def hooks(
    said: Mapping[str, WebhookSettings], secret: Callable[[str], str | None]
) -> tuple[tuple[Hook, ...], list[str]]:
    """Every hook with its secret, and why others cannot be: what a secret lacks."""
    found, lacking = [], []
    for name, one in said.items():
        text = secret(one.secret_env)
        why = _weakness(text, one.proof)
        if why or text is None:
            lacking.append(f"{one.secret_env}, the secret of the webhook of {name}, {why}")
        else:
            found.append(Hook(name, one.proof, text.encode()))
    return tuple(found), lacking


def _weakness(text: str | None, proof: Proof) -> str:
    why = guessable(text, SENT if proof == "address" else SIGNING)
    if not why and proof == "address" and not re.fullmatch(r"[\w-]+", text or "", re.ASCII):
        return "is part of an address: letters, digits, - and _ only"
    return why


def guessable(text: str | None, least: int) -> str:
    """Why a secret is none: absent, too short, or of a few letters; "" where it is one."""
    if not text:
        return "is not set"
    if len(text) < least or len(set(text)) < least // 4:
        return f"can be guessed: it needs {least} characters that chance chose"
    return ""
