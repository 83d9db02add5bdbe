"""What we intend to do to a ticket, as values: planned here, carried out by the service alone."""

from __future__ import annotations

from typing import Literal

import msgspec

from sla_engine.model import FieldValue, Ref, Value
from sla_engine.problems import Where
from sla_engine.units import Instant

Stood = tuple[tuple[str, Value], ...]
"""What fields that people own said when a deed upon them was first planned."""


class Why(msgspec.Struct, frozen=True, gc=False):
    """The reason of a change: which policy line, and which event of the ticket."""

    text: str
    policy: Where | None = None
    source_id: str = ""


class SetFields(msgspec.Struct, frozen=True, tag=True):
    """A level: these fields shall hold these values. Repeating it does no harm, so it has no key
    of its own. `add_labels` joins labels to those there."""

    ref: Ref
    fields: tuple[tuple[str, FieldValue], ...]
    why: Why


class AddComment(msgspec.Struct, frozen=True, tag=True):
    """A deed: said once. `key` is the same after a restart and is borne by the comment.

    `lines` are plain text; `detail` folds away where the system can fold. `at`, here and in all
    deeds: when the step was reached that it is done for; None where no step was.
    """

    ref: Ref
    key: str
    lines: tuple[str, ...]
    why: Why
    detail: tuple[str, ...] = ()
    internal: bool = True
    at: Instant | None = None


class Assign(msgspec.Struct, frozen=True, tag=True):
    """A deed: give the ticket to a team or person, unless people gave it away since they `stood`
    so."""

    ref: Ref
    key: str
    to: str
    why: Why
    stood: Stood = ()
    at: Instant | None = None


class Transition(msgspec.Struct, frozen=True, tag=True):
    """A deed: move the ticket to a status by name, if its workflow allows and people did not move
    it since it `stood` so."""

    ref: Ref
    key: str
    to: str
    why: Why
    stood: Stood = ()
    at: Instant | None = None


class AddLabels(msgspec.Struct, frozen=True, tag=True):
    """A level reached once: labels are joined to those there, never removed."""

    ref: Ref
    key: str
    labels: tuple[str, ...]
    why: Why
    at: Instant | None = None


class SetTicketFields(msgspec.Struct, frozen=True, tag=True):
    """A deed of an escalation: set fields that people own too (`set: {impact: High}`), unless they
    set them since these `stood` so."""

    ref: Ref
    key: str
    fields: tuple[tuple[str, str], ...]
    why: Why
    stood: Stood = ()
    at: Instant | None = None


Way = Literal["tell", "page", "webhook", "run"]


class Notify(msgspec.Struct, frozen=True, tag=True):
    """A deed outside the ticket: tell a channel that service.yaml names, or have it act.

    `facts` are names and values for programs: what a webhook and a playbook get.
    """

    ref: Ref
    key: str
    channel: str
    text: str
    why: Why
    way: Way = "tell"
    facts: tuple[tuple[str, str], ...] = ()
    at: Instant | None = None


Deed = AddComment | Assign | Transition | AddLabels | SetTicketFields | Notify
Change = SetFields | Deed
