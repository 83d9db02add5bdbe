"""Connections made from settings and policies: what they are given, and when they begin anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from connectors.event_log import EventLog
from service.setup.connections import connection, scope, sources
from service.setup.settings import load_text
from sla_engine.terms import FieldTerms, Policies, PublishTerms
from tests.service.test_settings import SOUND

if TYPE_CHECKING:
    from service.setup.settings import Settings

POLICIES = Policies(
    fields={"tier": FieldTerms("tier", {"jira": "Tier"})},
    publish={"jira": PublishTerms({"SLA due": "due"})},
    version="v1",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made, problems = load_text(SOUND, tmp_path / "service.yaml", {})
    assert made is not None, problems
    return made


def test_a_connection_knows_its_fields_and_its_secrets(settings: Settings) -> None:
    made = connection(settings.connections[0], POLICIES, {"SLA_JIRA_ACME_TOKEN": "t"})
    assert (made.fields, made.publish) == (POLICIES.fields, {"SLA due": "due"})
    assert (made.secret("token"), made.secret("password")) == ("t", None)
    assert connection(settings.connections[2], POLICIES, {}).publish == {}


def test_a_connection_is_made_once_and_kept(settings: Settings) -> None:
    (log,) = [one for one in sources(settings, POLICIES, {}) if one.name == "log"]
    assert isinstance(log.connect(), EventLog)
    assert log.connect() is log.connect()


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"version": "v2"}, True),
        ({"fields": {}}, False),
        ({"publish": {"jira": PublishTerms({"SLA state": "state"})}}, False),
    ],
    ids=["policies alone", "fields read", "fields written"],
)
def test_what_is_read_decides_whether_all_is_read_anew(
    settings: Settings, changed: dict[str, object], same: bool
) -> None:
    one = settings.connections[0]
    other = msgspec.structs.replace(POLICIES, **changed)
    assert (scope(connection(one, POLICIES, {})) == scope(connection(one, other, {}))) is same


def test_other_options_are_another_scope(settings: Settings) -> None:
    one = settings.connections[0]
    other = msgspec.structs.replace(one, options={**one.options, "projects": ["OPS"]})
    assert scope(connection(one, POLICIES, {})) != scope(connection(other, POLICIES, {}))
