"""The tests have power: every planted mistake is noticed."""

from __future__ import annotations

import os

import pytest

from tests.mutants.living import NOTICED, imported_anew, in_fork
from tests.sim.planted import PLANTED, Planted

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_a_planted_mistake_is_noticed(planted: Planted) -> None:
    """Outside the deep tests only that it can still be planted where it says."""
    assert planted.tree()
    if DEEP:
        assert in_fork(lambda: imported_anew(planted, planted.tests)) == NOTICED
