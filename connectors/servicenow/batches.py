"""Several reads in one round trip, where the account may use the batch API."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Sequence

import msgspec
from requests.structures import CaseInsensitiveDict

from connectors.base import AuthError, ConnectorError, ForbiddenError
from connectors.envelope import Answer, StatusError, check
from connectors.http import Client
from connectors.servicenow.errors import TooMuchError, inspect

AT_ONCE = 5
"""Reads in one batch: it has 30 s for all of them, and they are served one after the other."""
_PATH = "/api/now/v1/batch"

_log = logging.getLogger("sla.servicenow")


class _Header(msgspec.Struct):
    name: str
    value: str


class _Served(msgspec.Struct):
    id: str
    status_code: int
    body: str = ""
    headers: list[_Header] = []


class _Reply(msgspec.Struct):
    serviced_requests: list[_Served]


class Batches:
    """Turns itself off for good once the instance says no: with an API key its access policy must
    name the batch API, and 401 is how an instance says that it does not."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._allowed = True

    def get(self, paths: Sequence[str]) -> list[Answer | None]:
        """An answer for each path; None where it must be asked for alone: it was not served in
        time, or went wrong in a way that only its own request can tell."""
        answers: list[Answer | None] = []
        for start in range(0, len(paths), AT_ONCE):
            answers += self._some(paths[start : start + AT_ONCE])
        return answers

    def _some(self, paths: Sequence[str]) -> list[Answer | None]:
        if not self._allowed or len(paths) < 2:
            return [None] * len(paths)
        try:
            answer = self._client.read("POST", _PATH, body=_asked(paths), optional=True)
            served = {one.id: one for one in answer.into(_Reply).serviced_requests}
        except (AuthError, ForbiddenError, StatusError, TooMuchError) as error:
            _log.info("reads go one by one from now on: %s", error.what)
            self._allowed = False
            return [None] * len(paths)
        return [self._answer(path, served.get(str(number))) for number, path in enumerate(paths, 1)]

    def _answer(self, path: str, served: _Served | None) -> Answer | None:
        if served is None:
            return None
        headers = CaseInsensitiveDict({one.name: one.value for one in served.headers})
        tried = f"GET {path.partition('?')[0]}"
        try:
            body = base64.b64decode(served.body, validate=True)
            answer = check(Answer(self._client.server, tried, served.status_code, headers, body))
            inspect(answer)
        except (ConnectorError, binascii.Error):
            return None
        return answer


def _asked(paths: Sequence[str]) -> dict[str, object]:
    requests = [
        {
            "id": str(number),
            "method": "GET",
            "url": path,
            "headers": [{"name": "Accept", "value": "application/json"}],
        }
        for number, path in enumerate(paths, 1)
    ]
    return {"batch_request_id": "1", "rest_requests": requests}
