"""A personal access token in the header where Data Center looks for it."""

from __future__ import annotations

import requests
from requests.auth import AuthBase

from connectors.secret import Secret


class BearerAuth(AuthBase):
    """Shows the token to our server; the session follows no redirect to another."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request
