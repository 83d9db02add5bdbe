"""Pages for people: the list of tickets, and one ticket as its agent sees it; no scripts."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from sandbox.hours import MINUTE, berlin
from sandbox.jira.desk import JiraDesk
from sandbox.jira.html import to_html
from sandbox.jira.model import Comment, Issue
from sandbox.jira.schema import PRIORITIES, STATUSES, TYPES
from sandbox.jira.telling import INTERNAL
from sandbox.people import AUTOMATION

COLUMNS = {
    "key": "Key",
    "summary": "Summary",
    "priority": "Priority",
    "status": "Status",
    "assignee": "Assignee",
    "sla": "SLA status",
    "due": "SLA due",
    "updated": "Updated",
}
_SLA = {"sla": "SLA status", "due": "SLA due", "summary": "SLA summary", "missed": "SLA missed"}
_LATE = "~"  # sorts after every word and figure
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
Row = dict[str, object]


def pages(desk: JiraDesk) -> Blueprint:
    """`/` lists, `/browse/SUP-118` shows; its buttons and its form change the desk for real."""
    routes = Blueprint("pages", __name__, template_folder="templates")
    routes.add_app_template_filter(_moment, "moment")
    routes.add_app_template_filter(lambda at: _away(at, desk.clock.now()), "away")
    routes.after_request(_closed_to_scripts)

    @routes.get("/")
    def tickets() -> str:
        with desk.lock:
            return _tickets(desk)

    @routes.get("/browse/<key>")
    def ticket(key: str) -> str:
        with desk.lock:
            return _ticket(desk, _found(desk, key))

    @routes.post("/browse/<key>/transition")
    def move(key: str) -> Answer:
        with desk.lock:
            issue = _found(desk, key)
            steps = {step.id: step for step in desk.workflow(issue)}
            step = steps.get(request.form.get("transition", "")) or abort(400)
            desk.set_status(issue, _agent(desk, issue), desk.clock.now(), step.to, {})
        return redirect(f"/browse/{issue.key}", 303)

    @routes.post("/browse/<key>/reply")
    def reply(key: str) -> Answer:
        with desk.lock:
            issue = _found(desk, key)
            _say(desk, issue, request.form.get("as", "customer"), request.form.get("text", ""))
        return redirect(f"/browse/{issue.key}", 303)

    return routes


def _say(desk: JiraDesk, issue: Issue, role: str, text: str) -> None:
    if not text.strip():
        abort(400)
    who = issue.text("reporter") if role == "customer" else _agent(desk, issue)
    body = text.strip().replace("\r\n", "\n")
    desk.comment(issue, who, desk.clock.now(), body, INTERNAL if role == "note" else {})


def _agent(desk: JiraDesk, issue: Issue) -> str:
    """Who presses the buttons: the assignee, else whoever leads the desk."""
    lead = next(person.id for person in desk.people.values() if person.role == "manager")
    return issue.text("assignee") or lead


def _found(desk: JiraDesk, key: str) -> Issue:
    return desk.find(key) or abort(404)


def _tickets(desk: JiraDesk) -> str:
    show, project = request.args.get("show", "open"), request.args.get("project", "")
    sort = request.args.get("sort", "due")
    rows = [
        _row(desk, issue)
        for issue in desk.seen()
        if project in ("", desk.project_of(issue).key)
        and (show == "all" or STATUSES[issue.text("status")].category.key != "done")
    ]
    rows.sort(key=lambda row: _rank(row, sort if sort in COLUMNS else "due"))
    return render_template(
        "list.html", rows=rows, columns=COLUMNS, sort=sort, show=show, project=project,
        now=desk.clock.now(),
    )  # fmt: skip


def _rank(row: Row, name: str) -> tuple[str, str]:
    """Names by letters, priorities by weight, the newest update first, what is empty last."""
    if name == "priority":
        return str(row["weight"]), str(row["key"])
    if name == "updated":
        return f"{10**14 - int(str(row['updated'])):014}", ""
    if name == "key":
        project, _, number = str(row["key"]).partition("-")
        return project, f"{number:>8}"
    value = row[name]
    return str(value) if value else _LATE, str(row["weight"])


def _row(desk: JiraDesk, issue: Issue) -> Row:
    status = STATUSES[issue.text("status")]
    user = desk.users.get(issue.text("assignee"))
    promise = _promise(desk, issue)
    return {
        "key": issue.key,
        "summary": issue.text("summary"),
        "priority": PRIORITIES[issue.text("priority")].name,
        "weight": issue.text("priority"),
        "status": status.name,
        "category": status.category.key,
        "assignee": user.display_name if user else "",
        "sla": promise["sla"],
        "due": promise["due"],
        "updated": issue.updated,
    }


def _promise(desk: JiraDesk, issue: Issue) -> Row:
    """What the sync has written, by what it means; fields are found by name, as people see them."""
    shown: Row = {}
    for meaning, name in _SLA.items():
        field = next((f for f in desk.fields.values() if f.name == name), None)
        value = issue.fields.get(field.id) if field else None
        shown[meaning] = field.options.get(str(value)) if field and field.options else value
    return shown | {"missed": shown["missed"] or ()}


def _ticket(desk: JiraDesk, issue: Issue) -> str:
    description = issue.fields.get("description")
    return render_template(
        "ticket.html",
        row=_row(desk, issue),
        project=desk.project_of(issue),
        moves=desk.workflow(issue),
        description=to_html(description if isinstance(description, str | dict) else ""),
        comments=[_said(desk, comment) for comment in issue.comments],
        requester=_name(desk, issue.text("reporter")),
        history=list(_history(desk, issue)),
        promise=_promise(desk, issue),
        details=_details(desk, issue),
        labels=issue.fields.get("labels") or (),
        creator=_name(desk, issue.text("creator")),
        created=issue.created,
        now=desk.clock.now(),
    )


def _details(desk: JiraDesk, issue: Issue) -> dict[str, str]:
    named = {
        field.name: field.options.get(issue.text(field.id), "")
        for field in desk.fields.values()
        if field.name in ("Tier", "Team", "Organization")
    }
    resolution = issue.fields.get("resolution")
    return {
        "Assignee": _name(desk, issue.text("assignee")) or "Unassigned",
        "Reporter": _name(desk, issue.text("reporter")),
        "Type": TYPES[issue.text("issuetype")].name,
        "Priority": PRIORITIES[issue.text("priority")].name,
        "Resolution": desk.told("resolution", resolution) or "Unresolved",
        **named,
    }


def _said(desk: JiraDesk, comment: Comment) -> Row:
    person = desk.people.get(comment.author)
    role = "" if person is None else "automation" if person.id == AUTOMATION else person.role
    return {
        "id": comment.id,
        "author": _name(desk, comment.author),
        "role": role,
        "at": comment.created,
        "internal": comment.internal,
        "body": to_html(comment.body),
    }


def _history(desk: JiraDesk, issue: Issue) -> Iterable[Row]:
    """Newest first."""
    for history in sorted(issue.histories, key=lambda h: (-h.at, -h.id)):
        author = _name(desk, history.author)
        yield {"id": history.id, "at": history.at, "author": author, "items": history.items}


def _name(desk: JiraDesk, person: str) -> str:
    user = desk.users.get(person)
    return user.display_name if user else ""


def _moment(at: int) -> str:
    return berlin(at).strftime("%a %-d %b %H:%M %Z")


def _away(at: int, now: int) -> str:
    minutes = abs(at - now) // MINUTE
    text = f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
    return f"in {text}" if at >= now else f"{text} ago"


def _closed_to_scripts(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response
