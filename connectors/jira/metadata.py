"""What a site is set up with, read by the `jira` library over our own client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec
import requests
from requests.adapters import BaseAdapter

from connectors.base import PermanentError
from connectors.http import Client
from connectors.jira.fields import Field
from connectors.jira.wire import User

if TYPE_CHECKING:
    from jira import JIRA

T = TypeVar("T")

_MISREAD = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
"""What the library raises over an answer of another shape; msgspec's errors are ValueErrors."""
_CATEGORIES = {"new": "new", "indeterminate": "in_progress", "done": "done"}


class Status(msgspec.Struct, frozen=True):
    """A status with its name of today; its category in our words, None where Jira has none."""

    id: str
    name: str
    category: str | None


class Project(msgspec.Struct, frozen=True, rename="camel"):
    """A project; `project_type_key` is `service_desk` where its comments may be internal."""

    key: str
    project_type_key: str = ""


class _Category(msgspec.Struct):
    key: str = ""


class _Named(msgspec.Struct):
    id: str = ""
    key: str = ""
    name: str = ""
    status_category: _Category = msgspec.field(name="statusCategory", default_factory=_Category)


def category_of(key: str) -> str | None:
    """new, in_progress or done for Jira's new, indeterminate and done."""
    return _CATEGORIES.get(key)


class Metadata:
    """Read once, when first needed; `refresh_statuses` after a status that nobody knows."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._library: JIRA | None = None
        self._myself: User | None = None
        self._fields: tuple[Field, ...] | None = None
        self._statuses: Mapping[str, Status] | None = None
        self._projects: Mapping[str, str] | None = None
        self._priorities: tuple[str, ...] | None = None

    def myself(self) -> User:
        """The account whose token we have: proof that the token is good, at one request."""
        self._myself = self._asked(lambda jira: jira.myself(), User)
        return self._myself

    @property
    def own_id(self) -> str:
        return (self._myself or self.myself()).id

    @property
    def fields(self) -> tuple[Field, ...]:
        if self._fields is None:
            self._fields = self._asked(lambda jira: jira.fields(), tuple[Field, ...])
        return self._fields

    @property
    def statuses(self) -> Mapping[str, Status]:
        """All statuses of the site by id."""
        if self._statuses is None:
            self._statuses = {
                status.id: Status(status.id, status.name, category_of(status.status_category.key))
                for status in self._named(lambda jira: jira.statuses())
            }
        return self._statuses

    def refresh_statuses(self) -> None:
        self._statuses = None

    def lists(self) -> dict[str, dict[str, str]]:
        """By field the values that the site has a list of, by id; projects go by their keys."""
        named: dict[str, Callable[[JIRA], Sequence[object]]] = {
            "status": lambda jira: jira.statuses(),
            "issuetype": lambda jira: jira.issue_types(),
            "priority": lambda jira: jira.priorities(),
            "resolution": lambda jira: jira.resolutions(),
            "project": lambda jira: jira.projects(),
        }
        return {
            field: {one.id: one.key or one.name for one in self._named(ask)}
            for field, ask in named.items()
        }

    @property
    def projects(self) -> tuple[Project, ...]:
        """The projects that we may see, as they are now."""
        raws = [getattr(one, "raw", None) for one in self._jira().projects()]
        return msgspec.convert(raws, tuple[Project, ...])

    def project_key(self, identity: str) -> str | None:
        """The key of a project by its id, where we may see it; asked for only after a move."""
        if self._projects is None:
            found = self._named(lambda jira: jira.projects())
            self._projects = {project.id: project.key for project in found}
        return self._projects.get(identity)

    @property
    def priorities(self) -> tuple[str, ...]:
        """The names of the site's priorities."""
        if self._priorities is None:
            found = self._named(lambda jira: jira.priorities())
            self._priorities = tuple(priority.name for priority in found)
        return self._priorities

    def _named(self, ask: Callable[[JIRA], Sequence[object]]) -> list[_Named]:
        return self._asked(
            lambda jira: [getattr(resource, "raw", None) for resource in ask(jira)], list[_Named]
        )

    def _asked(self, ask: Callable[[JIRA], object], kind: type[T]) -> T:
        """The answer as `kind`; PermanentError where the library or we cannot make sense of it."""
        try:
            return msgspec.convert(ask(self._jira()), kind)
        except _MISREAD as error:
            raise PermanentError(
                f"{self._client.server.title} describes itself in a shape that we do not know",
                (("said", self._client.server.redact(str(error))[:200]),),
            ) from None

    def _jira(self) -> JIRA:
        if self._library is None:
            self._library = _library(self._client)
        return self._library


def _library(client: Client) -> JIRA:
    """The library with our client for a wire: it sees no token, follows no redirect, and neither
    waits nor tries again by itself (it would sleep a minute, and send a POST four times)."""
    from jira import JIRA  # here because it is heavy: 0.2 s that most commands need not pay

    library = JIRA(
        server=client.server.base,
        options={"rest_api_version": "2"},
        get_server_info=False,
        max_retries=0,
        timeout=(3.05, 30.0),
        logging=False,
    )
    session = library._session
    session.trust_env = False
    session.adapters.clear()
    session.mount(client.server.base, _Wire(client))
    return library


class _Wire(BaseAdapter):
    """Carries the library's GETs through our client, and refuses everything else."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        assert request.method == "GET"  # metadata alone is read through the library
        path = (request.url or "").removeprefix(self._client.server.base)
        answer = self._client.read("GET", path)
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = answer.body
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Our client's session outlives the library."""
