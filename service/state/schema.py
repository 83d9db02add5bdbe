"""The tables of the store: what is kept between two passes, and nothing that could be computed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
    true,
)

OLDER = tuple(f"{number:04}" for number in range(1, 15))
"""Migrations that a writer takes a store on from."""

REVISION = "0015"
"""The newest migration; a store that bears none of them is of a newer program."""

METADATA = MetaData()

CONNECTIONS = Table(
    "connections",
    METADATA,
    Column("name", String, primary_key=True),
    Column("system", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("policies", String, nullable=False),  # the version every ticket was judged under
    Column("armed_at", BigInteger),  # the instant of the first pass that might write
    Column("tried_at", BigInteger),
    Column("pulled_at", BigInteger),  # the last complete pull: how old the data is
    Column("error_code", String, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("ahead", BigInteger, nullable=False, server_default="0"),  # its clock, before ours
    Column("restored_at", BigInteger),  # the store was brought back then, and is behind since
    Column("resumed_at", BigInteger),  # people said then that all is well: what was before is over
    Column("withheld", Text, nullable=False, server_default=""),  # JSON: why less was written
    Column("counted_at", BigInteger),  # the last census, and how many tickets it met
    Column("counted", Integer, nullable=False, server_default="0"),
    Column("tzdata", String, nullable=False, server_default=""),  # judged under it; "" is not known
    Column("tidied_at", BigInteger),  # when what is too old was last let go, to its end
)

KIN = Table(
    "kin",  # what tickets have in common with others of their case
    METADATA,
    Column("connection", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("role", String, primary_key=True),  # parent | child
    Column("link", String, primary_key=True),
    Column("words", String, primary_key=True),
)
Index("kin_words", KIN.c.link, KIN.c.words, KIN.c.role)

VOCABULARIES = Table(
    "vocabularies",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("known", LargeBinary, nullable=False),  # MessagePack of sla_engine.vocabulary.Known
)

CURSORS = Table(
    "cursors",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("scope", String, nullable=False),  # what was asked for: other questions, other cursor
)

TICKETS = Table(
    "tickets",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("journal", LargeBinary, nullable=False),
    Column("next_at", BigInteger),  # due for judgement from then on; 0 is at once, NULL never
    Column("known_at", BigInteger, nullable=False, server_default="0"),  # when it was first kept
    Column("learnt", LargeBinary),  # which events came later, and when; NULL where none did
    Column("reread_at", BigInteger),  # to be asked for again from then on; NULL never
    Column("absent_at", BigInteger),  # since then it cannot be found
)
Index(
    "tickets_reread",
    TICKETS.c.connection,
    TICKETS.c.reread_at,
    sqlite_where=TICKETS.c.reread_at.is_not(None),
    postgresql_where=TICKETS.c.reread_at.is_not(None),
)
Index(
    "tickets_absent",
    TICKETS.c.connection,
    sqlite_where=TICKETS.c.absent_at.is_not(None),
    postgresql_where=TICKETS.c.absent_at.is_not(None),
)
Index(
    "tickets_due",
    TICKETS.c.connection,
    TICKETS.c.next_at,
    sqlite_where=TICKETS.c.next_at.is_not(None),
    postgresql_where=TICKETS.c.next_at.is_not(None),
)
Index("tickets_open", TICKETS.c.connection, TICKETS.c.open)
Index("tickets_key", TICKETS.c.key)

SUPERSEDED = Table(
    "superseded",  # what was known of tickets whose history was rewritten, or read otherwise
    METADATA,
    Column("connection", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("until", BigInteger, primary_key=True),  # from then on something else was known
    # By the source; else it is we who began to read otherwise.
    Column("rewritten", Boolean, nullable=False, server_default=true()),
    Column("updated_at", BigInteger, nullable=False),
    Column("journal", LargeBinary, nullable=False),
    Column("known_at", BigInteger, nullable=False),
    Column("learnt", LargeBinary),
)

VERDICTS = Table(
    "verdicts",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("ticket", String, primary_key=True),
    Column("policy", String, primary_key=True),
    Column("clock", String, primary_key=True),
    Column("of", String, primary_key=True, server_default=""),  # of clocks by a field: its value
    Column("cycle", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("state", String, nullable=False),
    Column("phase", String, nullable=False),
    Column("warned", Boolean, nullable=False),
    Column("started_at", BigInteger),
    Column("stopped_at", BigInteger),
    Column("due_at", BigInteger),
    Column("breached_at", BigInteger),
    # Of finished cycles, frozen: when they were judged so, the figures, and what they follow from.
    Column("type", String),  # sla, ola, uc
    Column("judged_at", BigInteger),
    Column("elapsed", BigInteger),
    Column("aim", BigInteger),
    Column("limit", BigInteger),
    Column("rules", Integer),  # the basis whose policies judge it
    Column("basis", Integer),  # the basis of everything else
    Column("inputs", LargeBinary),  # SHA-256 over the history and both
    sqlite_with_rowid=False,
)
# What a part of a table is indexed by is said literally, here and below: for a value that comes
# with the question, a database must choose the index anew each time.
OPEN = VERDICTS.c.phase != literal_column("'stopped'")
Index(
    "verdicts_open",
    VERDICTS.c.connection,
    VERDICTS.c.state,
    VERDICTS.c.warned,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index("verdicts_due", VERDICTS.c.due_at, sqlite_where=OPEN, postgresql_where=OPEN)

BASES = Table(
    "bases",  # what verdicts were judged under
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hash", String, nullable=False, unique=True),
    Column("inputs", Text, nullable=False),  # JSON: the parts that the hash is of
    Column("files", LargeBinary, nullable=False),  # the texts of the policies, packed
    Column("since", BigInteger, nullable=False),
)

RESTATEMENTS = Table(
    "restatements",  # verdicts of finished cycles that were changed after all, and why
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("connection", String, nullable=False),
    Column("ticket", String, nullable=False),
    Column("key", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("clock", String, nullable=False),
    Column("of", String, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("said", Text, nullable=False),  # JSON: old, new, causes
)
Index("restatements_at", RESTATEMENTS.c.at)
Index("restatements_ticket", RESTATEMENTS.c.connection, RESTATEMENTS.c.ticket)

DEEDS = Table(
    "deeds",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("ticket", String, primary_key=True),
    Column("deed", String, primary_key=True),  # the key that the change bears
    Column("key", String, nullable=False),  # the ticket's, for people
    Column("state", String, nullable=False),  # planned | sending | done | dead | skipped
    Column("attempt", Integer, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("change", LargeBinary, nullable=False),
    Column("remote_id", String, nullable=False, server_default=""),
    Column("message", Text, nullable=False, server_default=""),
)
SENDING = DEEDS.c.state == literal_column("'sending'")
Index("deeds_sending", DEEDS.c.connection, sqlite_where=SENDING, postgresql_where=SENDING)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("connection", String, nullable=False),
    Column("ticket", String, nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),  # SetFields, AddComment, ..., Verdict, Restatement
    Column("deed", String, nullable=False),
    Column("change", Text, nullable=False),  # JSON: the change and, for fields, what stood there
    Column("why", Text, nullable=False),
    Column("policies", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("run", String, nullable=False, server_default=""),  # "" before runs were counted
    Column("remote_id", String, nullable=False, server_default=""),
    # What ties a line to the one before it; NULL before there was a chain.
    Column("salt", LargeBinary),
    Column("digest", LargeBinary),  # SHA-256 over the salt and all of the above but the number
    Column("seal", LargeBinary),  # SHA-256 over the seal before, the number and the digest
)
Index("audit_at", AUDIT.c.connection, AUDIT.c.at)
Index("audit_run", AUDIT.c.run)
Index("audit_ticket", AUDIT.c.connection, AUDIT.c.ticket, AUDIT.c.at)
OF_DEEDS = AUDIT.c.kind != literal_column("'SetFields'")
Index(
    "audit_deeds",
    AUDIT.c.connection,
    AUDIT.c.at,
    sqlite_where=OF_DEEDS,
    postgresql_where=OF_DEEDS,
)

QUARANTINE = Table(
    "quarantine",  # tickets that fail: left alone for longer and longer
    METADATA,
    Column("connection", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("stage", String, nullable=False),  # read | judge | write
    Column("what", Text, nullable=False),
    Column("code", String, nullable=False),
    Column("fields", Text, nullable=False),  # JSON: those that the system refused by name
    Column("since", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
)

VEILS = Table(
    "veils",  # people who were forgotten, and what stands for them
    METADATA,
    Column("word", LargeBinary, primary_key=True),  # HMAC-SHA256 of an account or name
    Column("pseudonym", String, nullable=False),
    Column("key", LargeBinary, nullable=False),  # of the hashes; the same in every row
)

HOLDS = Table(
    "holds",  # changed policies that wait for a person's word before they write
    METADATA,
    Column("connection", String, primary_key=True),
    Column("policies", String, nullable=False),
    Column("state", String, nullable=False),  # weighing | held | approved
    Column("since", BigInteger, nullable=False),
    Column("id", String, nullable=False),
    Column("of", Integer, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("fields", Integer, nullable=False),
    Column("comments", Integer, nullable=False),
    Column("escalations", Integer, nullable=False),
    Column("approved_at", BigInteger),
    Column("shares", Text, nullable=False, server_default="[]"),  # JSON: tickets by whose they are
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # pass | apply | revert
    Column("began_at", BigInteger, nullable=False),
    Column("policies", String, nullable=False),
    Column("cause", String, nullable=False),  # the plan's hash, or the run that is undone
)
Index("runs_began", RUNS.c.began_at)
