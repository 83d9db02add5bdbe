"""Where settings are found, and how secrets come in and never go out."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.setup.environment import dotenv, hidden, locate, prefix, secrets, variable


@pytest.mark.parametrize(
    ("there", "config", "environ", "expected"),
    [
        ([], None, {}, None),
        (["service.yaml", "config/service.yaml"], None, {}, "config/service.yaml"),
        (["service.yaml", "sla-demo/service.yaml"], None, {}, "service.yaml"),
        (["sla-demo/service.yaml"], None, {}, "sla-demo/service.yaml"),
        (["service.yaml"], None, {"SLA_CONFIG": "mine.yaml"}, "mine.yaml"),
        (["service.yaml"], "his.yaml", {"SLA_CONFIG": "mine.yaml"}, "his.yaml"),
    ],
    ids=["nothing", "config first", "own before demo", "the demo", "SLA_CONFIG", "--config"],
)
def test_settings_are_looked_for_in_order(
    tmp_path: Path,
    there: list[str],
    config: str | None,
    environ: dict[str, str],
    expected: str | None,
) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert locate(config, environ, tmp_path) == (expected and tmp_path / expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("jira/acme", "SLA_JIRA_ACME"), ("Snow (EU) 2", "SLA_SNOW_EU_2"), ("log", "SLA_LOG")],
)
def test_a_connection_has_variables_of_its_own(name: str, expected: str) -> None:
    assert prefix(name) == expected


def test_a_secret_comes_from_a_variable_or_from_the_file_it_names(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-the-file\n", encoding="utf-8")
    environ = {"SLA_JIRA_ACME_TOKEN_FILE": str(file), "SLA_JIRA_ACME_USER": "bot"}
    secret = secrets("jira/acme", environ)
    assert (secret("token"), secret("user"), secret("password")) == ("from-the-file", "bot", None)
    assert variable("SLA_JIRA_ACME_TOKEN", environ | {"SLA_JIRA_ACME_TOKEN": "direct"}) == "direct"
    assert variable("SLA_X", {"SLA_X_FILE": str(tmp_path / "missing")}) is None


def test_a_file_beside_the_settings_holds_variables_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert dotenv(tmp_path) == {}
    file.write_text("# for us\nA=1\nexport B='two words'\n\nC=x=y\nnothing\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        dotenv(tmp_path)
    file.chmod(0o600)
    assert dotenv(tmp_path) == {"A": "1", "B": "two words", "C": "x=y"}


def test_no_secret_is_left_in_a_text(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("in-a-file-77", encoding="utf-8")
    environ = {
        "SLA_JIRA_ACME_TOKEN": "tok-123456",
        "SLA_SNOW_PASSWORD_FILE": str(file),
        "SLA_CHANNEL_DUTY": "https://chat.example/hook/9",
        "SLA_CONFIG": "service.yaml",
        "HOME": "/home/ada",
    }
    text = "tok-123456 in-a-file-77 https://chat.example/hook/9 service.yaml /home/ada"
    assert hidden(text, environ) == "*** *** *** service.yaml /home/ada"
