from __future__ import annotations

import pytest

from sandbox.clock import parse_moment
from sandbox.script import read_script

NOW = parse_moment("2026-11-21T10:52:00+01:00")
TEXT = """
OPS-7 -2 09:00 carla Network P2 Proxy is slow
  > It crawls.
  0 09:30 imke = assignee imke, labels a b, resolution
  0 09:31 imke # seen
  1 10:00 - gone, and said: no

INC1 -1 08:00 hugo Workplace P4 Screen is dark
"""


def test_a_script_is_read_line_by_line() -> None:
    ops, inc = read_script(TEXT, NOW)
    assert (ops.key, ops.system, ops.title) == ("OPS-7", "jira", "Proxy is slow")
    created, changed, noted, said = ops.acts
    assert created.at == parse_moment("2026-11-19T09:00:00+01:00")
    assert created.fields["project"] == "OPS"
    assert created.fields["tier"] == "gold"
    assert created.text == "It crawls."
    assert inc.acts[0].text == "Screen is dark, please help."
    assert changed.fields == {"assignee": "imke", "labels": ["a", "b"], "resolution": None}
    assert (noted.verb, noted.text) == ("note", "seen")
    assert (said.actor, said.verb, said.text) == ("", "comment", "gone, and said: no")
    assert said.at == parse_moment("2026-11-20T10:00:00+01:00")
    assert (inc.system, "project" in inc.acts[0].fields) == ("servicenow", False)


@pytest.mark.parametrize("bad", ["SUP-1 -1 09:00 carla", "SUP-1 x 09:00 carla Network P1 t"])
def test_what_cannot_be_read_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"not enough|invalid literal"):
        read_script(bad, NOW)
