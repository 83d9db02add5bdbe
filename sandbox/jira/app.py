"""The Flask app of a Jira: its API in both versions, the gateway, and pages for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, g, jsonify, request

from sandbox.clock import SandboxClock
from sandbox.faults import Faults
from sandbox.jira.call import CLOUD_ID, GATEWAY, ApiError, begin_call
from sandbox.jira.comments import add_comments
from sandbox.jira.desk import JiraDesk
from sandbox.jira.field_routes import add_fields
from sandbox.jira.jql_read import JqlError
from sandbox.jira.meta import add_meta
from sandbox.jira.pages import pages
from sandbox.jira.portal import add_portal
from sandbox.jira.reading import add_one_issue, add_reading
from sandbox.jira.server_search import add_server_search
from sandbox.jira.writing import add_writing
from sandbox.request_log import RequestLog
from sandbox.wire import attach

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(desk: JiraDesk, clock: SandboxClock, faults: Faults, log: RequestLog) -> Flask:
    """Serves `/rest/api/2` and `/3` as the desk's deployment would, and `/_sandbox/`."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.register_blueprint(_api(desk, faults))
    portal = Blueprint("portal", __name__, url_prefix="/rest/servicedeskapi")
    _signed(portal, desk, faults)
    add_portal(portal)
    app.register_blueprint(portal)
    app.register_blueprint(pages(desk))
    app.register_error_handler(ApiError, lambda error: error.answer())
    app.register_error_handler(JqlError, lambda error: ApiError(400, str(error)).answer())
    app.register_error_handler(404, _no_such_path)

    @app.get("/_edge/tenant_info")
    def tenant_info() -> Response:
        return jsonify(cloudId=CLOUD_ID)

    gateway = _Gateway(app.wsgi_app)
    app.wsgi_app = gateway  # type: ignore[method-assign,assignment]  # Flask's own way of wrapping
    return attach(app, clock, faults, log, desk.dials)


def _no_such_path(_: Exception) -> tuple[Response, int]:
    return jsonify({"message": f"null for uri: {request.url}", "status-code": 404}), 404


def _api(desk: JiraDesk, faults: Faults) -> Blueprint:
    """One set of routes for both versions: `g.version` is the one that is asked."""
    api = Blueprint("api", __name__, url_prefix="/rest/api/<version>")

    @api.url_value_preprocessor
    def take_version(_: str | None, values: dict[str, str] | None) -> None:
        g.version = (values or {}).pop("version", "")

    _signed(api, desk, faults)
    add_meta(api)
    add_fields(api)
    add_one_issue(api)
    add_comments(api)
    add_writing(api)
    if desk.cloud:
        add_reading(api)
    else:
        add_server_search(api)
    return api


def _signed(api: Blueprint, desk: JiraDesk, faults: Faults) -> None:
    """Every call knows who asks, and has the desk for itself."""

    @api.before_request
    def sign_in() -> None:
        desk.lock.acquire()
        g.locked = desk.lock
        version = g.get("version", "2")
        route = str(request.url_rule).replace("<version>", version)
        request.environ.get("sandbox.note", {})["route"] = route
        g.call = begin_call(desk, faults, version)

    @api.teardown_request
    def leave(_: BaseException | None) -> None:
        if lock := g.pop("locked", None):
            lock.release()


class _Gateway:
    """api.atlassian.com/ex/jira/{cloudId}: the same site under another address."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(GATEWAY + "/"):
            environ["SCRIPT_NAME"] = GATEWAY
            environ["PATH_INFO"] = path.removeprefix(GATEWAY)
        return self._app(environ, start)
