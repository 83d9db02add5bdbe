"""What systems call things, and what they called them before."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from sla_engine.units import Instant
from sla_engine.vocabulary import Known, Vocabulary, renewed


def known(names: Mapping[str, str], former: Mapping[str, str] | None = None) -> Known:
    told = {"status": former} if former else {}
    return Known("desk", "jira", Instant(0), Vocabulary((), {"status": names}), told)


def former(*times: Mapping[str, str]) -> Mapping[str, str]:
    held: Known | None = None
    for names in times:
        held = renewed(held, known(names))
    assert held is not None
    return held.former.get("status", {})


def test_what_is_first_read_was_never_renamed() -> None:
    assert former({"1": "Open"}) == {}


def test_a_rename_is_known_by_the_id() -> None:
    assert former({"1": "Open", "2": "Done"}, {"1": "New", "2": "Done"}) == {"Open": "New"}


def test_a_rename_of_a_rename_leads_to_the_name_of_today() -> None:
    assert former({"1": "a"}, {"1": "b"}, {"1": "c"}) == {"a": "c", "b": "c"}


def test_a_name_in_use_is_no_old_name() -> None:
    assert former({"1": "a", "2": "b"}, {"1": "b", "2": "a"}) == {}
    assert former({"1": "a"}, {"1": "b"}, {"1": "b", "2": "a"}) == {}


NAMES = st.dictionaries(st.sampled_from("123"), st.sampled_from("abcd"), max_size=3)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_every_old_name_leads_away_from_itself(times: list[dict[str, str]]) -> None:
    renames = former(*times)
    assert not set(renames) & set(times[-1].values())
    assert all(old != new for old, new in renames.items())
