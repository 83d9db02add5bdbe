"""The words of a Jira: fields, and the lists of its statuses, types, priorities, ..."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connectors.http import Client
from connectors.jira.metadata import Metadata
from sla_engine.vocabulary import Vocabulary


class _Named(msgspec.Struct, frozen=True):
    id: str
    name: str = ""


class _Type(_Named, frozen=True):
    statuses: tuple[_Named, ...] = ()


def vocabulary(client: Client, site: Metadata, projects: Sequence[str]) -> Vocabulary:
    """The site's words; statuses and types are those of the projects, where these are named."""
    fields = [name for field in site.fields for name in (field.id, field.name) if name]
    values = site.lists()
    types = [kind for key in projects for kind in _types(client, key)]
    if types:
        values["issuetype"] = {kind.id: kind.name for kind in types}
        values["status"] = {one.id: one.name for kind in types for one in kind.statuses}
    return Vocabulary(tuple(dict.fromkeys(fields)), values)


def _types(client: Client, project: str) -> list[_Type]:
    return client.read("GET", f"/rest/api/2/project/{project}/statuses").into(list[_Type])
