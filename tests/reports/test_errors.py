"""Failures as people can mend them."""

from __future__ import annotations

from collections.abc import Callable

from reports.errors import error_json, render_error

Golden = Callable[[str, str], None]

FACTS = (
    ("tried", "GET /rest/api/3/myself as sla-bot@acme.example"),
    (
        "token",
        (
            "from SLA_JIRA_ACME_TOKEN, 192 characters, fingerprint 3f9a"
            " (the token itself is never printed anywhere, not even here)"
        ),
    ),
    ("likely", "the token was revoked or expired; API tokens live 1–365 days"),
    ("fix", "make one at https://id.example/manage-profile/security/api-tokens"),
)


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    what = "Jira refused the token (401) at https://acme.example"
    text = render_error("SLA401", what, FACTS, effect="No ticket was changed.")
    golden("reports/error.txt", text)
    assert max(map(len, text.splitlines())) <= 100


def test_a_long_address_is_never_broken() -> None:
    address = "https://acme.example/" + "x" * 120
    assert address in render_error("SLA503", "cannot reach it", (("tried", address),))


def test_without_facts_it_is_one_line() -> None:
    assert render_error("SLA500", "it broke") == "error[SLA500]: it broke\n"


def test_json_keeps_the_order_of_facts() -> None:
    assert error_json("SLA401", "no", (("b", "1"), ("a", "2")))["facts"] == [["b", "1"], ["a", "2"]]
