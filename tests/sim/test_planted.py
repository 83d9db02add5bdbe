"""The tests have power: every planted mistake is noticed."""

from __future__ import annotations

import os

import pytest

from tests.mutants import is_noticed
from tests.sim.planted import PLANTED, Planted

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_a_planted_mistake_is_noticed(planted: Planted) -> None:
    """Outside the deep tests only that it can still be planted where it says."""
    assert planted.tree()
    assert not DEEP or is_noticed(planted, planted.tests)
