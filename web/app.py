"""The one web application; each part adds its pages as a blueprint."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from web.headers import HEADERS
from web.server import MOST_BODY

_log = logging.getLogger("sla.web")


def create_app(parts: Sequence[Blueprint]) -> Flask:
    """An application of these parts. What goes wrong is told by a number that the log has too."""
    app = Flask("sla", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    for part in parts:
        app.register_blueprint(part)

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
