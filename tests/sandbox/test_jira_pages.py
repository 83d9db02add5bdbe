"""Pages for people: what an agent sees, and what the buttons do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.jira_site import DUE, MISSED, STATUS, SUMMARY, Site, adf, jira_site


@pytest.fixture
def site() -> Iterator[Site]:
    with jira_site() as running:
        yield running


def press(site: Site, key: str, button: str, **form: str) -> int:
    link = site.link(f"/browse/{key}/{button}")
    return site.http.post(link, data=form, timeout=5, allow_redirects=False).status_code


def listed(site: Site, **asked: str) -> list[str]:
    """The keys of the list page, from top to bottom."""
    page = site.get("/", **asked).text
    return [part.split('"')[0] for part in page.split('href="/browse/')[1:]]


def test_a_ticket_shows_what_the_sync_wrote(site: Site) -> None:
    site.put(
        "issue/SUP-231",
        fields={
            STATUS: {"value": "At risk"},
            DUE: "2026-11-21T11:30:00.000+0100",
            SUMMARY: "Resolution due Sat 21 Nov 11:30 CET · target 4 h",
            MISSED: ["first-response"],
        },
    )
    page = site.get("/browse/SUP-231").text
    assert '<span class="sla At-risk">At risk</span>' in page
    assert "Sat 21 Nov 11:30 CET" in page
    assert "in 38 min" in page
    assert "target 4 h" in page
    assert '<span class="tag">first-response</span>' in page


def test_without_sla_fields_it_says_so(site: Site) -> None:
    assert "No SLA fields yet" in site.get("/browse/SUP-231").text


def test_internal_notes_are_marked_and_others_are_not(site: Site) -> None:
    page = site.get("/browse/SUP-118").text
    assert page.count("Internal note</span>") == 1
    assert page.count('class="said internal"') == 1
    assert "Carla Moss" in page
    assert "Waiting for customer</div>" in page  # in the history


def test_a_comment_is_shown_as_it_was_written_and_never_as_markup(site: Site) -> None:
    site.post("issue/SUP-231/comment", body=adf("<script>alert(1)</script>"))
    page = site.get("/browse/SUP-231")
    assert "&lt;script&gt;alert(1)" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_an_old_key_leads_to_the_ticket_and_no_key_to_nothing(site: Site) -> None:
    assert "SUP-105" in site.get("/browse/OPS-60").text
    assert site.get("/browse/SUP-9999").status == 404


def test_a_button_moves_the_ticket_as_its_agent(site: Site) -> None:
    assert press(site, "SUP-231", "transition", transition="21") == 303
    issue = site.desk.find("SUP-231")
    assert issue
    assert issue.histories[-1].author == "ada"
    assert "Waiting for customer" in site.get("/browse/SUP-231").text
    assert press(site, "SUP-231", "transition", transition="71") == 400


@pytest.mark.parametrize(
    ("role", "author", "internal"),
    [("customer", "estelle", False), ("agent", "mona", False), ("note", "mona", True)],
)
def test_words_are_said_as_customer_agent_or_note(
    site: Site, role: str, author: str, internal: bool
) -> None:
    assert press(site, "SUP-240", "reply", **{"as": role, "text": "hello\r\nyou"}) == 303
    issue = site.desk.find("SUP-240")
    assert issue
    said = issue.comments[-1]
    assert (said.author, said.internal, said.body) == (author, internal, "hello\nyou")
    assert press(site, "SUP-240", "reply", **{"as": role, "text": "  "}) == 400


def test_the_list_shows_what_is_open_and_sorts(site: Site) -> None:
    site.put("issue/SUP-240", fields={DUE: "2026-11-21T12:00:00.000Z"})
    site.put("issue/SUP-230", fields={DUE: "2026-11-20T12:00:00.000Z"})
    keys = listed(site)
    assert keys[:3] == ["SUP-230", "SUP-240", "SUP-231"]  # by SLA due, then by priority
    assert "SUP-118" not in keys
    assert len(listed(site, show="all")) == 170
    assert listed(site, sort="key", project="SUP")[0] == "SUP-204"
    assert listed(site, sort="priority")[0] == "SUP-231"
    assert listed(site, sort="status")[-1] == "SUP-204"
    assert set(listed(site, sort="updated")[:2]) == {"SUP-230", "SUP-240"}
    assert listed(site, sort="nonsense") == keys
    assert listed(site, project="OPS") == ["OPS-76"]
