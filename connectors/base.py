"""What every connector does, and the few ways in which it may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Literal, Protocol

import msgspec

from sla_engine.changes import Change
from sla_engine.model import NOBODY, Actor, Ref, Ticket
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant, Millis
from sla_engine.vocabulary import Vocabulary

# ConnectorError
# ├── TransientError     worth trying again: rate limit, unreachable, server error
# │   └── UnreachableError
# └── PermanentError     not worth it: a mistake, a refusal
#     ├── AuthError      credentials refused, or a login page instead of data
#     └── ForbiddenError one ticket, project or table is closed to us


class ConnectorError(Exception):
    """Something went wrong between us and a ticket system; says it as experience.md's errors do.

    `code` is documented (SLA401); `facts` are the labelled lines of the screen, in order:
    ("tried", "GET /rest/api/3/myself as bot@example"), ("likely", ...), ("fix", ...).
    """

    code = "SLA500"

    def __init__(self, what: str, facts: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.facts = tuple(facts)


class TransientError(ConnectorError):
    code = "SLA502"


class UnreachableError(TransientError):
    code = "SLA503"


class PermanentError(ConnectorError):
    code = "SLA400"


class AuthError(PermanentError):
    code = "SLA401"


class ForbiddenError(PermanentError):
    code = "SLA403"


GONE = "SLA404"
"""As an outcome's code: the ticket was not found."""


class Batch(msgspec.Struct, frozen=True):
    """Some tickets and the cursor that is right once they are kept. An `unreadable` ticket may be
    known by its key alone, which is its id then too; the id is "" where a row tells neither.
    `lost`: nothing is there any more of what the pull before saw last, so it was deleted, or
    hidden, or time went back there."""

    tickets: tuple[Ticket, ...]
    cursor: str
    unreadable: tuple[tuple[Ref, str], ...] = ()  # (which, why)
    lost: bool = False


class Fate(msgspec.Struct, frozen=True):
    """What a system tells of a ticket that `fetch` leaves out: it is `there` and makes no sense, or
    was `deleted`, by whom and when."""

    kind: Literal["there", "deleted"]
    at: Instant | None = None
    by: Actor = NOBODY


OutcomeKind = Literal["confirmed", "rejected", "retryable", "doubtful"]
"""`retryable`: it surely never arrived. `doubtful`: it may have; look before doing it again."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a change. `refused` are those of its fields that the system will not take."""

    kind: OutcomeKind
    message: str = ""
    remote_id: str = ""
    code: str = ""
    refused: tuple[str, ...] = ()


class Written(msgspec.Struct, frozen=True):
    """One outcome per change given to `write`, in order, and the system's new `updated` stamp."""

    outcomes: tuple[Outcome, ...]
    updated_at: Instant | None = None


class Allowance(msgspec.Struct, frozen=True):
    """What a system still grants before it refuses, by an answer of it: `left` of `of` requests, or
    points, and how long until it is whole again. None: it does not say."""

    left: int | None = None
    of: int | None = None
    whole_in: Millis | None = None


Use = Literal["edit", "comment", "assign", "transition"]
"""What the policies want to do to tickets: it decides which rights are needed."""


Mark = Literal["ok", "warning", "problem", "unknown"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: `said` is the evidence, `mend` what to do where it is not well.
    A problem keeps the program from its work, a warning does not; `unknown` nobody can tell.
    `writing` is what matters only to who writes."""

    mark: Mark
    what: str
    said: str = ""
    mend: str = ""
    writing: bool = False


class Connector(Protocol):
    """A ticket system. Raises ConnectorError and nothing else; holds no opinion about promises."""

    name: str
    """The connection's name in service.yaml: `jira/acme`. Every Ref bears it."""
    system: str
    """"jira", "servicenow", "event_log" or "memory": what `publish:` and `fields:` call it."""

    def check(self) -> Instant | None:
        """Prove the credentials with one cheap call; the server's clock where it tells."""

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        """Look, with reads alone, at what these uses need and at what the account could do beyond:
        rights, fields. After `check` went well."""

    def vocabulary(self) -> Vocabulary:
        """Which fields there are, and of those with a list of values the list, as it is now."""

    def pull(self, cursor: str) -> Iterator[Batch]:
        """All tickets changed since the cursor ("" = everything), each with its whole history.

        There is no upper bound; what was seen before may come again. A batch's cursor may be kept
        only with its tickets. An idle pull yields one batch without tickets.
        """

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        """These tickets as they are now, read from the records themselves and not from an index;
        tickets that are gone or hidden are left out."""

    def fates(self, refs: Sequence[Ref]) -> Mapping[str, Fate]:
        """By id, what is known of tickets that `fetch` left out; nothing of those of which nobody
        can tell whether they were deleted, moved or hidden from us."""

    def census(self, since: Instant) -> Iterator[Sequence[str]] | None:
        """The ids of all tickets there are that are open or changed `since`, some at a time, others
        perhaps among them; None where a pull cannot miss any."""

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        """Carry out changes to one ticket, as few requests as can be; never tries a write twice."""

    def server_now(self) -> Instant | None:
        """The system's own clock at this moment, by its latest answer; None where it has none that
        could differ from ours. Sends nothing."""

    def allowance(self) -> Allowance | None:
        """What the system still grants, by its latest answer that said so; None before one. Sends
        nothing."""

    def requests(self) -> int:
        """HTTP requests sent so far (0 where there is no server)."""


class Connection(msgspec.Struct, frozen=True):
    """One entry of `connections:` in service.yaml, secrets resolved from the environment.

    `options` is what the entry says beyond `system`, already checked against the connector's
    settings model. `secret("token")` reads SLA_<NAME>_TOKEN or its `_FILE`; None where unset.
    """

    name: str
    system: str
    options: Mapping[str, object]
    secret: Callable[[str], str | None]
    fields: Mapping[str, FieldTerms] = {}
    publish: Mapping[str, str] = {}  # our field names in this system -> state, due, summary, ...
