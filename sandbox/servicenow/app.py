"""The ServiceNow that we pretend: one Flask app over one desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from sandbox.servicenow.access import Access
from sandbox.servicenow.api import table_api
from sandbox.servicenow.batch import batch_api
from sandbox.servicenow.gate import guard
from sandbox.servicenow.pages import pages
from sandbox.wire import attach

if TYPE_CHECKING:
    from sandbox.clock import SandboxClock
    from sandbox.faults import Faults
    from sandbox.request_log import RequestLog
    from sandbox.servicenow.state import Desk


def create_app(desk: Desk, clock: SandboxClock, faults: Faults, log: RequestLog) -> Flask:
    """The Table API, the token endpoint, the pages and the sandbox's own `/_sandbox/` controls."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    guard(app, Access(desk), faults)
    app.register_blueprint(table_api(desk, clock))
    batch_api(app)
    app.register_blueprint(pages(desk, clock))
    return attach(app, clock, faults, log, vars(desk.dials))
