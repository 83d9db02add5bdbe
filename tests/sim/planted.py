"""Named mistakes in the code that keeps promises: each must be noticed by the tests beside it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from tests.mutants.breaking import ROOT


class Planted(NamedTuple):
    """`right` stands once in the module and is made `wrong`."""

    name: str
    module: str
    right: str
    wrong: str
    tests: tuple[str, ...]

    @property
    def path(self) -> Path:
        return ROOT / self.module

    def tree(self) -> ast.Module:
        text = self.path.read_text(encoding="utf-8")
        assert text.count(self.right) == 1, f"{self.name}: {self.right!r} in {self.module}"
        return ast.parse(text.replace(self.right, self.wrong))


_APPLY, _TELL = ("tests/service/test_apply.py",), ("tests/service/test_telling.py",)
_BACK, _HOLD = ("tests/service/test_reconcile.py",), ("tests/service/test_holds.py",)
_BRAKE, _CLOCK = ("tests/service/test_brakes.py",), ("tests/service/test_clock_faults.py",)
_WORKERS, _HTTP = ("tests/service/test_workers.py",), ("tests/connectors/test_http.py",)
_JIRA = tuple(f"tests/connectors/test_jira_{part}.py" for part in ("parts", "pull", "write"))
_NOW = tuple(f"tests/connectors/test_servicenow{part}.py" for part in ("", "_writing"))
_BREAK, _ASIDE = ("tests/service/test_breakers.py",), ("tests/service/test_quarantine.py",)
_WAITS = ("tests/fault/test_retry_after.py",)

PLANTED = (
    Planted("a try ends though a newer one began", "service/delivery/deeds.py",
            'DEEDS.c.attempt == bindparam("try"), ', "", _BACK),
    Planted("no send window", "service/delivery/apply.py",
            "if self.clock() - sent_at > SEND_WINDOW:", "if False:", _APPLY),
    Planted("a request sent long after the first", "connectors/http.py",
            "if self._clock() > self._send_until:", "if False:",
            ("tests/connectors/test_jira_write.py",)),
    Planted("a message without send window", "service/delivery/telling.py",
            "if self.clock() - sent_at > SEND_WINDOW:", "if False:", _TELL),
    Planted("no quiet period", "service/delivery/promises.py",
            "return Millis(0) if isinstance(change, SetFields | Notify) else quiet",
            "return Millis(0)", _BACK),
    Planted("people are overruled", "service/delivery/apply.py",
            "elif why := overtaken(meant, ticket):", "elif why := '':", _APPLY),
    Planted("an old reading is trusted", "service/delivery/apply.py",
            "if self.clock() - now <= FRESH or ", "if True or ", _APPLY),
    Planted("done once more though it stands there", "service/delivery/apply.py",
            "if seen(meant, ticket):", "if False:", _APPLY),
    Planted("retried on what stands there by now", "service/delivery/apply.py",
            "meant = as_first_meant(change, tried.get(deeds.name_of(change)))",
            "meant = change", _APPLY),
    Planted("settled before its messages are told", "service/delivery/apply.py",
            "if unfinished or has_notices(item) or", "if unfinished or", _APPLY),
    Planted("settled though something is left to do", "service/delivery/telling.py",
            "            and not done.again\n", "", _TELL),
    Planted("told of a ticket that could not be read", "service/delivery/telling.py",
            " if not done.unread", "", _TELL),
    Planted("one ticket's intent is taken for another's", "service/delivery/telling.py",
            "{(intent.ref, intent.name): intent for", "{(notices[0].ref, intent.name): intent for",
            _TELL),
    Planted("late pages one by one", "service/delivery/telling.py",
            ' or (notice.way == "page" and is_late(notice, now))', "", _TELL),
    Planted("changed policies are not weighed", "service/passes/pulling.py",
            'if before.armed_at and (moved or before.policies not in ("", policies)):',
            "if False:", _HOLD),
    Planted("what waits is written", "service/delivery/holds.py",
            "if wanted.tickets <= allowed(hold, tickets, now):", "if True:", _HOLD),
    Planted("an approval that never ends", "service/delivery/holds.py",
            " and now < hold.approved_at + APPROVED_FOR", "", _HOLD),
    Planted("approved without waiting", "service/delivery/holds.py",
            ', HOLDS.c.state == "held")\n    return', ")\n    return", _HOLD),
    Planted("no cap of an hour", "service/delivery/brakes.py",
            "if self._deeds + 1 > DEEDS_AN_HOUR:", "if False:", _BRAKE),
    Planted("fights whoever clears a field", "service/delivery/brakes.py",
            "elif written[plain] >= WRITES_A_DAY:", "elif False:", _BRAKE),
    Planted("what is refused is tried for ever", "service/delivery/breakers.py",
            "if sum(latest) > REFUSED:", "if False:", _BREAK),
    Planted("what people undo is done again", "service/delivery/breakers.py",
            "if undone >= UNDONE else", "if False else", _BREAK),
    Planted("a field that is refused is sent to all", "service/delivery/brakes.py",
            "if bar := self._bars.against(change.ref, pair[0]):", "if bar := '':", _BREAK),
    Planted("what was left out is never written", "service/state/quarantine.py",
            "if bars(db, connection).places != before:", "if False:", _BREAK),
    Planted("a channel without a cap", "service/delivery/brakes.py",
            "> MESSAGES_AN_HOUR:", "> 10**9:", _BREAK),
    Planted("the same value once more", "service/delivery/brakes.py",
            " or self._too_much_a_day(change)", "", _BREAK),
    Planted("an older copy of the state goes on", "service/state/lineage.py",
            "if not strange or", "if True or", ("tests/service/test_lineage.py",)),
    Planted("what is in doubt is let go", "service/record/retention.py",
            "            ~doubtful,\n", "", ("tests/service/test_retention.py",)),
    Planted("the old goes by a clock that jumped", "service/passes/passes.py",
            "if half.pulled is not None and not doubted:", "if half.pulled is not None:",
            ("tests/service/test_retention.py",)),
    Planted("a hidden project is taken for a restore", "service/passes/census.py",
            "if gone and not _is_outlived(store, connector, refs, now):", "if gone:",
            ("tests/service/test_census.py",)),
    Planted("judged on what is old", "service/state/keeping.py",
            "_OF, ~quarantine.unread, due)", "_OF, due)", _ASIDE),
    Planted("what we may not say today is never said", "service/delivery/items.py",
            " or outcome.code == ForbiddenError.code", "", ("tests/service/test_passes.py",)),
    Planted("poison is tried in every pass", "service/state/quarantine.py",
            '"next_at": now + wait,', '"next_at": now,', _ASIDE),
    Planted("one that cannot be kept stops all", "service/passes/judging.py",
            "if len(ids) > 1:", "if False:", _ASIDE),
    Planted("halted only before a pass", "service/passes/carrying.py",
            "if terms.stop() or terms.halted() or (", "if terms.stop() or (", _BRAKE),
    Planted("no cap for a ticket", "service/delivery/brakes.py",
            "self._comments[change.ref.id] >= COMMENTS_AN_HOUR:", "False:", _BRAKE),
    Planted("said to be done before it is sent", "service/delivery/deeds.py",
            'return _first(db, change, "sending", sent_at)',
            'return _first(db, change, "done", sent_at)', _BACK),
    Planted("its mark is not looked for", "service/delivery/promises.py",
            "return key in ticket.marks", "return False", _BACK),
    Planted("proven by a clock that is wrong", "service/delivery/reconcile.py",
            "read_at = told_by(connector, began_at, clock())", "read_at = began_at", _BACK),
    Planted("a command is run twice", "service/delivery/reconcile.py",
            'if isinstance(intent.change, Notify) and intent.change.way == "run":', "if False:",
            _BACK),
    Planted("no comment comes too late", "service/delivery/promises.py",
            "return isinstance(change, AddComment) and", "return False and",
            ("tests/service/test_promises.py",)),
    Planted("judged by a clock that is wrong", "service/delivery/skew.py",
            "if skew is not None and abs(skew) > HOLD else at", "if False else at", _CLOCK),
    Planted("what is heard after a verdict is known before it", "service/delivery/hearing.py",
            "return Instant(last + 1) if has_come else self.at", "return self.at", _CLOCK),
    Planted("too late by a clock that jumped", "service/passes/judging.py",
            "if not observed and not self.doubted:", "if not observed:", _CLOCK),
    Planted("what another worker heard is put back", "service/delivery/apply.py",
            "kept = keeping.find_one(db, item.ticket.ref) or item.ticket", "kept = item.ticket",
            _WORKERS),
    Planted("what another worker heard is settled away", "service/delivery/apply.py",
            " or more:", ":", _WORKERS),
    Planted("what another worker began and left is put to rest", "service/delivery/telling.py",
            "(*done.results, *told)}",
            "(*done.results, *told)} | deeds.tried(db, done.ticket.ref).keys()", _WORKERS),
    Planted("the next version of a policy says it all again", "sla_engine/plan.py",
            'return f"{verdict.policy}.', 'return f"{verdict.policy}@{verdict.version}.',
            ("tests/engine/test_plan.py",)),
    Planted("half a history is judged", "sla_engine/evaluate.py",
            "if reason := ticket.incomplete or", "if reason :=",
            ("tests/engine/test_evaluate.py",)),
    Planted("a cursor before its rows", "service/passes/pulling.py",
            "    for batch in connector.pull(cursor):\n",
            "    for batch in connector.pull(cursor):\n"
            "        with store.write() as db:\n"
            "            new = batch.cursor\n"
            "            keeping.move_cursor(db, source.name, source.scope, cursor, new)\n",
            ("tests/sim/test_schedules.py",)),
    Planted("a cursor moves past what another worker put aside", "service/state/keeping.py",
            "        CURSORS.c.cursor == bindparam(\"old\"),\n", "",
            ("tests/service/test_keeping.py",)),
    Planted("a clock that stands still is believed", "service/delivery/timekeeping.py",
            "stands = (mono - self._moved) * 1000 > STANDS", "stands = False",
            ("tests/service/test_timekeeping.py",)),
    Planted("of two passes at one instant the first knows all", "service/delivery/hearing.py",
            "last < self.at", "last <= self.at", ("tests/service/test_audit.py",)),
    Planted("a power cut takes an intent along", "service/state/store.py",
            "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL",
            ("tests/service/test_store_file.py",)),
    Planted("a wait is a number or nothing", "connectors/waits.py",
            "return None if moment is None or now is None else (moment - now) / 1000",
            "return float(text)", _WAITS),
    Planted("a date of no zone is no date", "connectors/waits.py",
            "return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))\n"
            "    except",
            "return from_datetime(moment)\n    except", _WAITS),
    Planted("redirects are followed", "connectors/http.py",
            "allow_redirects=False", "allow_redirects=True", _HTTP),
    Planted("a server error surely did nothing", "connectors/envelope.py",
            'and answer.status != 408 else "doubtful"', 'and answer.status != 408 else "retryable"',
            _HTTP),
    Planted("a broken line surely did nothing", "connectors/http.py",
            '"doubtful" if isinstance(error, CutOffError) else "rejected"', '"retryable"', _HTTP),
    Planted("a refused token is tried again and again", "connectors/holds.py",
            'self.put("", LOCKED_OUT, error)', "pass", _HTTP),
    Planted("nobody is found who is touched all the time", "connectors/jira/reading.py",
            'f"updated >= {low}"]', 'f"updated >= {low}", f"updated < {low + 86_400_000}"]', _JIRA),
    Planted("asked in the time zone of this machine", "connectors/jira/reading.py",
            'f"updated >= {low}"]',
            "f'updated >= \"{__import__(\"time\").strftime(\"%Y-%m-%d %H:%M\")}\"']", _JIRA),
    Planted("a cursor beyond the begin of its scan", "connectors/jira/connector.py",
            "sure = reached if began is None else min(reached, Instant(began - MARGIN))",
            "sure = reached", _JIRA),
    Planted("what we did ourselves counts", "connectors/jira/people.py",
            "if user.id == own_id:", "if False:", _JIRA),
    Planted("customers read what is internal, in Jira", "connectors/jira/writing.py",
            '"value": {"internal": True}', '"value": {"internal": False}', _JIRA),
    Planted("customers read what is internal, in ServiceNow", "connectors/servicenow/writing.py",
            '(("work_notes", True), ("comments", False))',
            '(("work_notes", False), ("comments", True))', _NOW),
    Planted("a ticket's text becomes HTML", "connectors/servicenow/body.py",
            'return _TAG.sub("(", line)', "return line", _NOW),
)  # fmt: skip
