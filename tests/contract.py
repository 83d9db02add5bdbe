"""What every connector promises, as tests: subclass ConnectorContract and say what a desk is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Literal

import msgspec
import pytest

from connectors.base import AuthError, Batch, Connector, UnreachableError
from sla_engine.changes import AddComment, Assign, Change, SetFields, Why
from sla_engine.model import At, FieldValue, Ref, Ticket
from sla_engine.presets import FIELDS
from sla_engine.units import Instant

ANY = Ref("", "", "")
WHY = Why("because the test says so")
Who = Literal["staff", "customer"]


class Desk(ABC):
    """A system behind a connector, and people who work in it. Ids are the source's own.

    `published` are the names of our fields there, by what they hold: "state", "due", "summary",
    "missed"; empty where nothing can be written. `opening` is the status of a new ticket,
    `idle_requests` what an idle pull may cost.
    """

    published: Mapping[str, str] = {
        "state": "SLA status",
        "due": "SLA due",
        "summary": "SLA summary",
        "missed": "SLA missed",
    }
    opening = "Open"
    another_status = "In Progress"
    idle_requests = 1

    @abstractmethod
    def connect(self) -> Connector:
        """A new connector, as after a restart."""

    @abstractmethod
    def add(self, title: str) -> str:
        """A customer opens a ticket; its id."""

    @abstractmethod
    def set_status(self, identity: str, status: str) -> None:
        """Staff move the ticket."""

    def comment(self, identity: str, by: Who, public: bool) -> None:
        """Somebody writes a comment."""
        pytest.skip("this system has no comments")

    def spoil(self, identity: str) -> None:
        """From now on nobody can make sense of this ticket."""
        pytest.skip("a ticket of this system cannot be spoilt alone")

    def remove(self, identity: str) -> None:
        """The ticket is deleted."""
        pytest.skip("tickets of this system are never deleted")

    def connect_with_a_wrong_secret(self) -> Connector:
        pytest.skip("this system asks for no secret")

    def connect_to_a_dead_host(self) -> Connector:
        pytest.skip("this system has no host")

    def lose_the_next_answer(self) -> None:
        """The next write is carried out, and the connection breaks before the answer."""
        pytest.skip("answers of this system cannot be lost")

    def writes(self) -> int:
        """How many write requests have arrived since the desk opened."""
        pytest.skip("this system does not count writes")

    def comments(self, identity: str) -> int:
        """How many comments the ticket bears."""
        pytest.skip("this system has no comments")


def pulled(connector: Connector, cursor: str = "") -> tuple[dict[str, Ticket], str]:
    """The tickets of a whole pull by id, and the last cursor."""
    batches = list(connector.pull(cursor))
    return {t.ref.id: t for batch in batches for t in batch.tickets}, batches[-1].cursor


def final(ticket: Ticket, field: str) -> object:
    """The value of a field once all that happened is folded."""
    value = ticket.initial.get(field)
    for event in ticket.journal:
        value = event.new if event.field == field else value
    return value


class ConnectorContract(ABC):
    """Every promise is a test; `desk` comes from the subclass. `tells_of_loss`: its pulls read
    again what they saw last."""

    tells_of_loss = True

    @pytest.fixture
    @abstractmethod
    def desk(self) -> Desk: ...

    # Reading

    def test_the_first_pull_brings_every_ticket_once(self, desk: Desk) -> None:
        ids = {desk.add(f"ticket {number}") for number in range(3)}
        batches = list(desk.connect().pull(""))
        found = [ticket.ref.id for batch in batches for ticket in batch.tickets]
        assert len(found) == len(set(found))
        assert ids <= set(found)

    def test_refs_bear_the_name_of_the_connection(self, desk: Desk) -> None:
        identity = desk.add("whose is it?")
        connector = desk.connect()
        tickets, _ = pulled(connector)
        assert tickets[identity].ref.connection == connector.name
        assert tickets[identity].system == connector.system
        assert tickets[identity].initial["system"] == connector.system

    def test_an_idle_pull_is_one_empty_batch_and_cheap(self, desk: Desk) -> None:
        desk.add("seen already")
        connector = desk.connect()
        _, cursor = pulled(connector)
        before = connector.requests()
        batches: list[Batch] = list(connector.pull(cursor))
        assert [batch.tickets for batch in batches] == [()]
        assert connector.requests() - before <= desk.idle_requests

    def test_a_changed_ticket_comes_again_with_its_whole_history(self, desk: Desk) -> None:
        identity, other = desk.add("will change"), desk.add("will not")
        desk.set_status(identity, desk.another_status)
        connector = desk.connect()
        _, cursor = pulled(connector)
        desk.set_status(identity, desk.opening)
        tickets, _ = pulled(connector, cursor)
        assert other not in tickets
        moves = [e.new for e in tickets[identity].journal if e.field == "status"]
        assert moves == [desk.another_status, desk.opening]

    def test_a_cursor_survives_a_restart(self, desk: Desk) -> None:
        desk.add("before")
        _, cursor = pulled(desk.connect())
        identity = desk.add("after")
        tickets, _ = pulled(desk.connect(), cursor)
        assert set(tickets) == {identity}

    def test_first_values_are_those_at_the_creation(self, desk: Desk) -> None:
        identity = desk.add("moved since")
        desk.set_status(identity, desk.another_status)
        ticket = pulled(desk.connect())[0][identity]
        assert ticket.initial["status"] == desk.opening
        assert final(ticket, "status") == desk.another_status
        assert not ticket.incomplete

    def test_the_journal_is_in_order_and_after_the_creation(self, desk: Desk) -> None:
        identity = desk.add("busy")
        for status in (desk.another_status, desk.opening, desk.another_status):
            desk.set_status(identity, status)
        ticket = pulled(desk.connect())[0][identity]
        order = [(event.at, event.sequence) for event in ticket.journal]
        assert order == sorted(order)
        assert all(event.at >= ticket.created_at for event in ticket.journal)
        assert all(event.source_id for event in ticket.journal)

    def test_old_and_new_values_chain(self, desk: Desk) -> None:
        identity = desk.add("busy")
        for status in (desk.another_status, desk.opening):
            desk.set_status(identity, status)
        ticket = pulled(desk.connect())[0][identity]
        value = ticket.initial["status"]
        for event in ticket.journal:
            if event.field == "status":
                assert event.old == value
                value = event.new

    def test_comments_tell_who_wrote_them_and_for_whom(self, desk: Desk) -> None:
        identity = desk.add("a talk")
        desk.comment(identity, "customer", public=True)
        desk.comment(identity, "staff", public=False)
        desk.comment(identity, "staff", public=True)
        ticket = pulled(desk.connect())[0][identity]
        said = [(e.new, e.actor.kind) for e in ticket.journal if e.field == "comment"]
        assert said == [("public", "customer"), ("internal", "staff"), ("public", "staff")]

    def test_a_ticket_that_cannot_be_read_does_not_hide_the_others(self, desk: Desk) -> None:
        bad, good = desk.add("will be spoilt"), desk.add("fine")
        desk.spoil(bad)
        batches = list(desk.connect().pull(""))
        assert good in {ticket.ref.id for batch in batches for ticket in batch.tickets}
        assert [why for batch in batches for _, why in batch.unreadable]

    def test_fetch_reads_what_pull_reads(self, desk: Desk) -> None:
        identity = desk.add("read twice")
        desk.set_status(identity, desk.another_status)
        connector = desk.connect()
        ticket = pulled(connector)[0][identity]
        assert connector.fetch([ticket.ref]) == (ticket,)

    def test_fetch_leaves_out_what_is_gone(self, desk: Desk) -> None:
        gone, here = desk.add("gone soon"), desk.add("stays")
        connector = desk.connect()
        tickets, _ = pulled(connector)
        desk.remove(gone)
        found = connector.fetch([tickets[gone].ref, tickets[here].ref])
        assert [ticket.ref.id for ticket in found] == [here]

    def test_fates_tell_what_fetch_leaves_out(self, desk: Desk) -> None:
        gone, odd = desk.add("gone soon"), desk.add("makes no sense soon")
        connector = desk.connect()
        if connector.census(Instant(0)) is None:
            pytest.skip("a pull of this system misses nothing")
        tickets, _ = pulled(connector)
        desk.remove(gone)
        desk.spoil(odd)
        refs = [tickets[gone].ref, tickets[odd].ref]
        assert connector.fetch(refs) == ()
        fates = connector.fates(refs)
        assert fates[odd].kind == "there"
        assert gone not in fates or fates[gone].kind == "deleted"

    def test_a_census_lists_what_is_open_or_changed_lately(self, desk: Desk) -> None:
        ids = {desk.add(f"ticket {number}") for number in range(3)}
        desk.set_status(min(ids), desk.another_status)
        connector = desk.connect()
        newest = max(ticket.updated_at for ticket in pulled(connector)[0].values())
        pages = connector.census(Instant(newest + 1))
        if pages is None:
            pytest.skip("a pull of this system misses nothing")
        listed = [one for page in pages for one in page]
        assert len(listed) == len(set(listed))
        assert set(listed) >= ids
        desk.remove(max(ids))
        assert max(ids) not in {one for page in connector.census(newest) or () for one in page}

    def test_a_pull_says_when_it_meets_nothing_again(self, desk: Desk) -> None:
        identity = desk.add("the newest")
        connector = desk.connect()
        _, cursor = pulled(connector)
        assert not any(batch.lost for batch in connector.pull(cursor))
        desk.remove(identity)
        again = list(connector.pull(cursor))
        assert [batch.tickets for batch in again] == [()]
        if self.tells_of_loss:
            assert again[-1].lost

    def test_check_proves_the_credentials(self, desk: Desk) -> None:
        desk.connect().check()

    def test_examining_finds_a_desk_well(self, desk: Desk) -> None:
        desk.add("First")
        marks = {one.what: one.mark for one in desk.connect().examine(frozenset())}
        assert marks
        assert "problem" not in marks.values()

    def test_the_vocabulary_has_the_words_of_tickets(self, desk: Desk) -> None:
        identity = desk.add("in words")
        connector = desk.connect()
        ticket = pulled(connector)[0][identity]
        words = connector.vocabulary()
        listed = {
            field: {*values, *values.values()}
            for field, terms in FIELDS.items()
            if (values := words.values.get(terms.sources.get(connector.system, "")))
        }
        assert ("status" in listed) == (connector.system in ("jira", "servicenow"))
        for field in listed.keys() & ticket.initial.keys():
            assert ticket.initial[field] in {*listed[field], None}
        sources = {FIELDS[field].sources[connector.system] for field in listed}
        assert sources <= set(words.fields)

    def test_nobody_gets_words_with_a_wrong_secret(self, desk: Desk) -> None:
        connector = desk.connect_with_a_wrong_secret()
        with pytest.raises(AuthError):
            connector.vocabulary()

    # Writing

    def write(self, desk: Desk, *changes: Change) -> tuple[Ticket, Ticket, tuple[str, ...]]:
        """A ticket before and after the changes, and how each went."""
        if not desk.published:
            pytest.skip("this system is read only")
        identity = desk.add("to be written")
        connector = desk.connect()
        before = pulled(connector)[0][identity]
        own = [_for(before.ref, change) for change in changes]
        written = connector.write(before.ref, own)
        assert len(written.outcomes) == len(own)
        (after,) = connector.fetch([before.ref])
        return before, after, tuple(outcome.kind for outcome in written.outcomes)

    def test_written_fields_read_back_as_they_were_written(self, desk: Desk) -> None:
        values = self.values(desk)
        change = SetFields(ANY, tuple(values.items()), WHY)
        before, after, kinds = self.write(desk, change)
        assert kinds == ("confirmed",)
        assert {name: after.written.get(name) for name in values} == values
        assert list(after.journal) == list(before.journal), "our own fields are no history"

    def test_fields_can_be_emptied(self, desk: Desk) -> None:
        values = self.values(desk)
        empty = tuple((name, None) for name in values)
        first = SetFields(ANY, tuple(values.items()), WHY)
        _, after, kinds = self.write(desk, first, SetFields(ANY, empty, WHY))
        assert kinds == ("confirmed", "confirmed")
        assert all(after.written.get(name) in (None, ()) for name in values)

    def test_our_comment_is_known_by_its_mark_and_as_our_own(self, desk: Desk) -> None:
        comment = AddComment(ANY, "res#1:breach", ("[Breached] Resolution", "x"), WHY)
        _, after, kinds = self.write(desk, comment)
        assert kinds == ("confirmed",)
        assert "res#1:breach" in after.marks
        said = [(e.new, e.actor.kind) for e in after.journal if e.field == "comment"]
        assert said == [("internal", "self")]

    def test_fields_and_a_comment_go_together(self, desk: Desk) -> None:
        fields = SetFields(ANY, tuple(self.values(desk).items()), WHY)
        comment = AddComment(ANY, "res#1:75%", ("[At risk]",), WHY)
        _, after, kinds = self.write(desk, fields, comment)
        assert kinds == ("confirmed", "confirmed")
        assert after.marks == {"res#1:75%"}

    def test_a_field_that_does_not_exist_is_rejected_and_the_comment_still_made(
        self, desk: Desk
    ) -> None:
        fields = SetFields(ANY, (("no such field", "x"),), WHY)
        comment = AddComment(ANY, "res#1:75%", ("[At risk]",), WHY)
        _, after, kinds = self.write(desk, fields, comment)
        assert kinds == ("rejected", "confirmed")
        assert after.marks == {"res#1:75%"}

    def test_a_lost_answer_is_doubtful_and_nothing_is_sent_twice(self, desk: Desk) -> None:
        if not desk.published:
            pytest.skip("this system is read only")
        identity = desk.add("to be written")
        connector = desk.connect()
        ticket = pulled(connector)[0][identity]
        before = desk.writes()
        desk.lose_the_next_answer()
        comment = AddComment(ticket.ref, "res#1:breach", ("[Breached]",), WHY)
        written = connector.write(ticket.ref, [comment])
        assert [outcome.kind for outcome in written.outcomes] == ["doubtful"]
        assert desk.writes() - before == 1
        (after,) = connector.fetch([ticket.ref])
        assert after.marks == {"res#1:breach"}
        assert desk.comments(identity) == 1

    def test_a_write_to_a_ticket_that_is_gone_is_rejected(self, desk: Desk) -> None:
        if not desk.published:
            pytest.skip("this system is read only")
        identity = desk.add("gone soon")
        connector = desk.connect()
        ticket = pulled(connector)[0][identity]
        desk.remove(identity)
        comment = AddComment(ticket.ref, "res#1:breach", ("[Breached]",), WHY)
        (outcome,) = connector.write(ticket.ref, [comment]).outcomes
        assert outcome.kind == "rejected"
        assert outcome.message

    def test_a_read_only_system_rejects_every_change(self, desk: Desk) -> None:
        if desk.published:
            pytest.skip("this system can be written")
        identity = desk.add("read only")
        connector = desk.connect()
        ticket = pulled(connector)[0][identity]
        changes: list[Change] = [
            SetFields(ticket.ref, (("x", "y"),), WHY),
            Assign(ticket.ref, "k", "Ada Lovelake", WHY),
        ]
        outcomes = connector.write(ticket.ref, changes).outcomes
        assert [outcome.kind for outcome in outcomes] == ["rejected", "rejected"]

    # Failing

    def test_a_wrong_secret_is_an_auth_error(self, desk: Desk) -> None:
        connector = desk.connect_with_a_wrong_secret()
        with pytest.raises(AuthError) as told:
            connector.check()
        assert told.value.code == "SLA401"
        with pytest.raises(AuthError):
            list(connector.pull(""))

    def test_a_dead_host_is_unreachable(self, desk: Desk) -> None:
        connector = desk.connect_to_a_dead_host()
        with pytest.raises(UnreachableError) as told:
            connector.check()
        assert told.value.code == "SLA503"

    def test_a_write_to_a_dead_host_surely_did_not_arrive(self, desk: Desk) -> None:
        connector = desk.connect_to_a_dead_host()
        ref = Ref(connector.name, "KEY-1", "1")
        changes = [AddComment(ref, "res#1:breach", ("[Breached]",), WHY)]
        assert [outcome.kind for outcome in connector.write(ref, changes).outcomes] == ["retryable"]

    def values(self, desk: Desk) -> dict[str, FieldValue]:
        """A value for each of our fields."""
        values: dict[str, FieldValue] = {
            "state": "Breached",
            "due": At(Instant(1_795_000_000_000)),
            "summary": "Resolution was due Sat 11:30 CET · target 4 h",
            "missed": ("resolution",),
        }
        return {desk.published[name]: values[name] for name in desk.published}


def _for(ref: Ref, change: Change) -> Change:
    """The same change, to this ticket."""
    return msgspec.structs.replace(change, ref=ref)
