"""What stands before the API: who asks, in which form, and the tokens they ask with."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.servicenow.access import TOKEN_LASTS, Access
from sandbox.servicenow.http import INNER, LONGEST_QUERY, RefusedError, unauthenticated

if TYPE_CHECKING:
    from sandbox.faults import Faults


def guard(app: Flask, access: Access, faults: Faults) -> None:
    """Let nobody unknown reach /api/, and answer every refusal in the API's own shape."""
    gate = _Gate(access, faults)
    app.before_request(gate.know_the_caller)
    app.after_request(_keep_session)
    app.register_error_handler(RefusedError, _refuse)
    app.register_error_handler(HTTPException, _explain)
    app.add_url_rule("/oauth_token.do", "token", gate.issue_token, methods=["POST"])


class _Gate:
    def __init__(self, access: Access, faults: Faults) -> None:
        self._access, self._faults = access, faults

    def know_the_caller(self) -> None:
        if not request.path.startswith("/api/"):
            return
        if len(request.query_string) > LONGEST_QUERY and INNER not in request.environ:
            raise RefusedError(414, "Request-URI Too Long")
        g.caller = self._access.caller(request.headers)
        bears_token = request.headers.get("Authorization", "").startswith("Bearer ")
        if g.caller is None or (bears_token and self._faults.token_expired()):
            g.caller = None
            raise unauthenticated()
        _check_accept()

    def issue_token(self) -> Response:
        """Form-encoded only; no refresh token comes with client credentials."""
        said = request.form
        token = None
        if said.get("grant_type") == "client_credentials":
            token = self._access.issue(said.get("client_id", ""), said.get("client_secret", ""))
        if token is None:
            answer = jsonify(error="server_error", error_description="access_denied")
            answer.status_code = 401
            return answer
        self._faults.renew_token()
        granted = {"access_token": token, "scope": "useraccount", "token_type": "Bearer"}
        return jsonify(granted | {"expires_in": TOKEN_LASTS - 1})


def _keep_session(response: Response) -> Response:
    if g.get("caller") is not None and "JSESSIONID" not in request.cookies:
        response.set_cookie("JSESSIONID", secrets.token_hex(16).upper(), httponly=True)
    return response


def _refuse(refused: RefusedError) -> Response:
    answer = refused.response()
    if refused.status == 401:
        answer.headers["WWW-Authenticate"] = 'BASIC realm="Service-now"'
    return answer


def _explain(error: HTTPException) -> Response | HTTPException:
    if not request.path.startswith("/api/"):
        return error
    return RefusedError(error.code or 500, error.name, error.description).response()


def _check_accept() -> None:
    if "Accept" not in request.headers:
        raise RefusedError(400, "Accept header is required", "The response type is not given")
    if not request.accept_mimetypes.accept_json:
        raise RefusedError(406, "Not Acceptable", "Only application/json is served")
