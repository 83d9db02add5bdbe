"""Who may ask: Basic on Cloud, PAT on Data Center, scoped tokens through the gateway only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.jira.call import GATEWAY
from sandbox.jira.users import SCOPED_TOKEN, TOKEN
from tests.sandbox.jira_site import BOT, Site, jira_site

GATED = f"{GATEWAY}/rest/api/3/myself"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Site]:
    with jira_site(empty=True) as running:
        running.http.auth = None
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    with jira_site("dc", empty=True) as running:
        running.http.headers.pop("Authorization")
        yield running


def asked(site: Site, path: str, auth: object) -> int:
    basic = auth if isinstance(auth, tuple) else None
    headers = {"Authorization": auth} if isinstance(auth, str) else {}
    return site.http.get(site.link(path), auth=basic, headers=headers, timeout=5).status_code


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        pytest.param("myself", (BOT, TOKEN), 200, id="mail and token"),
        pytest.param("myself", (BOT, "wrong"), 401, id="wrong token"),
        pytest.param("myself", ("nobody@lumen.example", TOKEN), 401, id="unknown mail"),
        pytest.param("myself", f"Bearer {TOKEN}", 401, id="no PAT on Cloud"),
        pytest.param("myself", "Basic !!!", 401, id="no base64"),
        pytest.param("myself", None, 401, id="nobody"),
        pytest.param("field", None, 200, id="anonymous reading"),
        pytest.param("serverInfo", None, 200, id="anonymous server"),
        pytest.param("field", (BOT, "wrong"), 401, id="wrong is worse than none"),
        pytest.param("issue/SUP-1", None, 401, id="issues are for people"),
        pytest.param("myself", (BOT, SCOPED_TOKEN), 401, id="scoped on the site"),
        pytest.param(GATED, (BOT, SCOPED_TOKEN), 200, id="scoped, gateway"),
        pytest.param(GATED, (BOT, TOKEN), 200, id="plain, gateway"),
    ],
)  # fmt: skip
def test_cloud_lets_in(cloud: Site, path: str, auth: object, status: int) -> None:
    assert asked(cloud, path, auth) == status


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        pytest.param("myself", f"Bearer {TOKEN}", 200, id="PAT"),
        pytest.param("myself", "Bearer wrong", 401, id="wrong PAT"),
        pytest.param("myself", f"Bearer {TOKEN}.nobody", 401, id="PAT of nobody"),
        pytest.param("myself", ("bob.kettle", TOKEN), 200, id="name and password"),
        pytest.param("myself", (BOT, SCOPED_TOKEN), 401, id="nothing scoped"),
        pytest.param("field", None, 401, id="no anonymous reading"),
    ],
)
def test_data_center_lets_in(server: Site, path: str, auth: object, status: int) -> None:
    assert asked(server, path, auth) == status


def test_a_pat_can_be_another_s(server: Site) -> None:
    server.http.headers["Authorization"] = f"Bearer {TOKEN}.ada"
    assert server.get("myself").json["displayName"] == "Ada Lovelake"
    server.http.headers.pop("Authorization")


def test_a_refusal_says_why_in_a_header(cloud: Site) -> None:
    answer = cloud.get("myself")
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert answer.json["status-code"] == 401


def test_tokens_run_out_after_so_many_calls(cloud: Site) -> None:
    cloud.faults.say({"chaos": "expire-token=after:2"})
    statuses = [asked(cloud, "myself", (BOT, TOKEN)) for _ in range(4)]
    cloud.faults.renew_token()
    renewed = asked(cloud, "myself", (BOT, TOKEN))
    cloud.faults.reset()
    assert (statuses, renewed) == ([200, 200, 401, 401], 200)
