"""Pages for people: the list of incidents, and one incident as its agent sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, redirect, render_template_string, request
from flask import current_app as app

from sandbox.servicenow.furniture import ADMIN
from sandbox.servicenow.page_texts import FRAME, LIST, STYLE, TICKET
from sandbox.servicenow.shown import conversation, details, history, moment, shown
from sandbox.servicenow.values import sort_key, stamp
from sandbox.servicenow.writing import Hand, update

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from sandbox.clock import SandboxClock
    from sandbox.servicenow.query import Row
    from sandbox.servicenow.state import Desk
    from sandbox.servicenow.states import StateModel

LISTED: Final = {
    "number": "Number",
    "short_description": "Short description",
    "priority": "Priority",
    "state": "State",
    "assignment_group": "Team",
    "assigned_to": "Assigned to",
    "u_sla_status": "SLA status",
    "u_sla_due": "SLA due",
    "sys_updated_on": "Updated",
}
PAGE: Final = 100
NEWEST_FIRST: Final = frozenset({"number", "sys_updated_on"})
LAST: Final = "~"
"""Sorts after every stamp and word: what has no SLA due comes last."""


def pages(desk: Desk, clock: SandboxClock) -> Blueprint:
    """`/` lists (`?sort=u_sla_due&page=2`), `/now/INC0010042` shows and takes moves and words."""
    site = _Site(desk, clock)
    routes = Blueprint("pages", __name__)
    routes.add_url_rule("/", "list", site.incidents)
    routes.add_url_rule("/now/<number>", "ticket", site.ticket)
    routes.add_url_rule("/now/<number>/state", "move", site.move, methods=["POST"])
    routes.add_url_rule("/now/<number>/say", "say", site.say, methods=["POST"])
    return routes


class _Site:
    def __init__(self, desk: Desk, clock: SandboxClock) -> None:
        self._desk, self._clock = desk, clock

    def incidents(self) -> str:
        asked = request.args.get("sort", "u_sla_due")
        sort = asked if asked in LISTED else "u_sla_due"
        page = max(0, request.args.get("page", 0, type=int))
        with self._desk.lock:
            rows = self._sorted(sort)
            part = rows[page * PAGE : (page + 1) * PAGE]
            told = [{name: shown(self._desk, row, name) for name in LISTED} for row in part]
        columns = [{"sort": name, "label": label} for name, label in LISTED.items()]
        first, last = page * PAGE + 1, page * PAGE + len(part)
        return self._page(
            LIST, "Incidents", rows=told, columns=columns, sort=sort, page=page,
            first=first, last=last, total=len(rows),
        )  # fmt: skip

    def ticket(self, number: str) -> str:
        with self._desk.lock:
            row = self._row(number)
            told = {name: shown(self._desk, row, column) for name, column in _HEADLINES.items()}
            return self._page(
                TICKET,
                f"{number} {row.get('short_description', '')}",
                number=number,
                moves=_moves(row, self._desk.states),
                details=details(self._desk, row),
                conversation=conversation(self._desk, row),
                history=history(self._desk, row),
                **told,
            )

    def move(self, number: str) -> Response:
        said = {name: request.form.get(name, "") for name in ("state", "hold_reason")}
        with self._desk.lock:
            row = self._row(number)
            return self._write(row, said, self._agent(row))

    def say(self, number: str) -> Response:
        text, role = request.form.get("text", "").strip(), request.form.get("as", "note")
        with self._desk.lock:
            row = self._row(number)
            caller = self._desk.get("sys_user", row.get("caller_id", ""))
            who = caller["user_name"] if role == "caller" and caller else self._agent(row)
            return self._write(row, {"work_notes" if role == "note" else "comments": text}, who)

    def _write(self, row: Row, values: dict[str, str], who: str) -> Response:
        update(self._desk, "incident", row["sys_id"], values, Hand(who, self._clock.now()))
        return redirect(f"/now/{row['number']}", 303)

    def _row(self, number: str) -> Row:
        found = self._desk.rows("incident").where("number", number)
        return found[0] if found else abort(404)

    def _agent(self, row: Row) -> str:
        """Who works on it; nobody assigned: the administrator."""
        assigned = self._desk.get("sys_user", row.get("assigned_to", ""))
        return ADMIN if assigned is None else assigned["user_name"]

    def _sorted(self, sort: str) -> list[Row]:
        """By a column, newest first where nothing else decides; empty ones last."""
        rows = sorted(self._desk.rows("incident"), key=lambda row: row["number"], reverse=True)
        column = self._desk.tables["incident"].columns[sort]

        def key(row: Row) -> tuple[float, str]:
            value = row.get(sort, "")
            if column.reference and value:
                value = shown(self._desk, row, sort)
            return sort_key(column, value or LAST)

        return sorted(rows, key=key, reverse=sort in NEWEST_FIRST)

    def _page(self, text: str, title: str, **told: object) -> str:
        frame = app.jinja_env.from_string(FRAME)
        now = moment(stamp(self._clock.now()))
        return render_template_string(text, frame=frame, style=STYLE, title=title, now=now, **told)


def _moves(row: Row, states: StateModel) -> list[dict[str, str]]:
    """Every other state; On Hold once for each reason."""
    there = [(state, "", label) for state, label in states.labels.items()]
    if states.reasons:
        there = [move for move in there if move[0] != states.hold]
        there += [(states.hold, code, f"On hold: {why}") for code, why in states.reasons.items()]
    here = (row["state"], row.get("hold_reason", ""))
    keys = ("state", "reason", "label")
    return [dict(zip(keys, move, strict=True)) for move in sorted(there) if move[:2] != here]


_HEADLINES: Final = {
    "title_of": "short_description",
    "description": "description",
    "state": "state",
    "priority": "priority",
    "caller": "caller_id",
    "sla_status": "u_sla_status",
    "sla_due": "u_sla_due",
    "sla_summary": "u_sla_summary",
    "sla_missed": "u_sla_missed",
}
