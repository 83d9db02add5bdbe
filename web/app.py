"""The one web application; each part adds its pages as a blueprint."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from web.headers import HEADERS
from web.pages import PUBLIC, person_pages
from web.server import MOST_BODY

if TYPE_CHECKING:
    from web.guard import Guard

_log = logging.getLogger("sla.web")


def create_app(
    open_parts: Sequence[Blueprint], guarded: Sequence[Blueprint] = (), guard: Guard | None = None
) -> Flask:
    """An application of these parts. The open ones ask nobody who he is, or ask themselves. All
    else is behind the guard, what does not exist too; without one there is nothing else.

    What goes wrong is told by a number that the log has too."""
    app = Flask("sla", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    for part in open_parts:
        app.register_blueprint(part)
    if guard is not None:
        for part in (person_pages(guard), *guarded):
            app.register_blueprint(part)
        _stand(app, guard, frozenset(part.name for part in open_parts))

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        return answer

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify(status=(error.name or "error").lower()), error.code or 500

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int]:
        number = secrets.token_hex(4)
        _log.error("web error %s: %s", number, type(error).__name__, exc_info=error)
        return jsonify(status="internal error", id=number), 500

    return app


def _stand(app: Flask, guard: Guard, open_names: frozenset[str]) -> None:
    @app.before_request
    def stand() -> Response | None:
        if request.blueprint in open_names:
            return None
        return guard.refusal(public=request.endpoint in PUBLIC)
