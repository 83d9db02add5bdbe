"""The pages for people: whoever proves nothing, comes from elsewhere or means nothing gets none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.setup.access import Access, PageSettings, access
from service.setup.webhooks import Hook
from tests.web.test_health import FRESH, Fake
from web.app import create_app
from web.guard import COOKIE, MEANT, Guard
from web.headers import HEADERS
from web.health import health_pages
from web.hooks import hook_pages
from web.limits import Rate
from web.pages import FILES
from web.sessions import Sessions
from web.status import LONGEST, status_pages

TOKEN = "fedcba98765432100123456789abcdef"
HERE = "http://localhost"
MINE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", MEANT: "1", "Origin": HERE}
OPEN = {"/livez", "/readyz", "/healthz", "/metrics", "/hooks/<path:place>"}
"""What asks nobody for a session; a hook asks for a proof of its own."""
SAME_FOR_ALL = {f"/{name}" for name in FILES}


class Office:
    """The service as the pages see it."""

    def __init__(self) -> None:
        self.halted: list[str] = []
        self.seen: list[str] = []

    def page(self, who: str) -> str:
        self.seen.append(who)
        return "the status"

    def halt(self, why: str) -> None:
        self.halted.append(why)


class Desk:
    """All parts at once, and somebody who asks for them."""

    def __init__(self, said: str = "token_env: T", host: str = "127.0.0.1") -> None:
        self.now = 0.0
        self.office = Office()
        settings = PageSettings.model_validate(SETTINGS[said])
        found, lacking = access(settings, {"T": TOKEN}.get, host)
        assert not lacking
        self.guard = Guard(found, lambda: self.now)
        hook = Hook("jira", "signature", b"a secret that signs")
        hooks = hook_pages((hook,), lambda *_: None, lambda *_: None, lambda _: None)
        open_parts = [health_pages(Fake(FRESH)), hooks]
        self.app: Flask = create_app(open_parts, [status_pages(self.office)], self.guard)
        self.web: FlaskClient = self.app.test_client()

    def ask(self, path: str, method: str = "GET", **said: Any) -> TestResponse:
        """As a page of ours asks, unless headers say otherwise, with the cookies of before unless
        they have one."""
        headers = said.pop("headers", MINE)
        web = self.app.test_client(use_cookies=False) if "Cookie" in headers else self.web
        answer = web.open(path, method=method, base_url=HERE, headers=headers, **said)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert TOKEN not in f"{answer.headers}{answer.text}"
        return answer

    def sign_in(self, token: str = TOKEN) -> TestResponse:
        return self.ask("/sign-in", "POST", data={"token": token})


SETTINGS: Mapping[str, Mapping[str, object]] = {
    "token_env: T": {"token_env": "T"},
    "a name": {"token_env": "T", "hosts": ["SLA.acme.example"]},
    "a proxy": {"proxy": {"peers": ["127.0.0.1"]}},
    "a proxy elsewhere": {"proxy": {"peers": ["10.1.0.0/16", "fd00::/8"], "header": "X-User"}},
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def signed_in(desk: Desk) -> Desk:
    assert desk.sign_in().status_code == 204
    return desk


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Every (path, method) there is."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule.rule, method


GUARDED = sorted({one for one in routes(Desk().app) if one[0] not in OPEN})
FORMS = {"/sign-in": {"token": TOKEN}, "/halt": {"why": "a trial"}}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in MINE.items() if key != name}


WRONG: Mapping[str, Callable[[Desk], dict[str, str]]] = {
    "another host": lambda _: {**MINE, "Host": "evil.example", "Origin": "http://evil.example"},
    "another host by a like name": lambda _: {**MINE, "Host": "localhost.evil.example"},
    "an origin elsewhere": lambda _: {**MINE, "Origin": "https://evil.example"},
    "an origin of another port": lambda _: {**MINE, "Origin": f"{HERE}:81"},
    "an origin that hides": lambda _: {**MINE, "Origin": "null"},
    "fetched by another site": lambda _: {**without("Origin"), "Sec-Fetch-Site": "cross-site"},
    "fetched by a neighbour": lambda _: {**without("Origin"), "Sec-Fetch-Site": "same-site"},
}
UNMEANT: Mapping[str, dict[str, str]] = {
    "no header of ours": without(MEANT),
    "another word in it": {**MINE, MEANT: "0"},
    "a browser that tells nothing": without("Sec-Fetch-Site"),
    "typed": {**MINE, "Sec-Fetch-Site": "none"},
    "a form of another site": {
        **MINE,
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
    },
}


def test_the_routes_are_these() -> None:
    assert set(GUARDED) == {
        ("/", "GET"), ("/halt", "POST"), ("/sign-in", "POST"), ("/sign-out", "POST"),
        *((name, "GET") for name in SAME_FOR_ALL),
    }  # fmt: skip


@pytest.mark.parametrize(("path", "method"), GUARDED)
def test_every_page_opens_to_who_signed_in_and_means_it(
    signed_in: Desk, path: str, method: str
) -> None:
    answer = signed_in.ask(path, method, data=FORMS.get(path, {}))
    assert answer.status_code in (200, 204)


@pytest.mark.parametrize(("path", "method"), GUARDED)
@pytest.mark.parametrize("cookie", [None, "", "x", TOKEN, "\xe4"])
def test_no_page_opens_without_a_session(
    desk: Desk, path: str, method: str, cookie: str | None
) -> None:
    headers = MINE if cookie is None else {**MINE, "Cookie": f"{COOKIE}={cookie}"}
    data = {} if path == "/sign-in" else FORMS.get(path, {})
    answer = desk.ask(path, method, headers=headers, data=data)
    assert answer.status_code == (200 if path in SAME_FOR_ALL else 401)
    assert (desk.office.seen, desk.office.halted) == ([], [])


@pytest.mark.parametrize(("path", "method"), GUARDED)
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_no_page_opens_to_another_host_or_site(
    signed_in: Desk, path: str, method: str, wrong: Callable[[Desk], dict[str, str]]
) -> None:
    answer = signed_in.ask(path, method, headers=wrong(signed_in), data=FORMS.get(path, {}))
    assert answer.status_code == 403
    assert (signed_in.office.seen, signed_in.office.halted) == ([], [])


@pytest.mark.parametrize("path", [path for path, method in GUARDED if method == "POST"])
@pytest.mark.parametrize("unmeant", UNMEANT.values(), ids=UNMEANT)
def test_nothing_changes_by_a_request_that_nobody_meant(
    signed_in: Desk, path: str, unmeant: dict[str, str]
) -> None:
    answer = signed_in.ask(path, "POST", headers=unmeant, data=FORMS.get(path, {}))
    assert answer.status_code == 403
    assert signed_in.office.halted == []


@pytest.mark.parametrize("path", [path for path, method in GUARDED if method == "POST"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_what_changes_something_is_a_post(signed_in: Desk, path: str, method: str) -> None:
    assert signed_in.ask(path, method).status_code == 405


@pytest.mark.parametrize(
    ("said", "method", "kind"),
    [
        ("token_env: T", "GET", "text/html; charset=utf-8"),
        ("token_env: T", "POST", "application/json"),
        ("a proxy", "GET", "application/json"),
        ("a proxy", "POST", "application/json"),
    ],
)
def test_a_stranger_is_asked_for_the_token_where_there_is_one(
    said: str, method: str, kind: str
) -> None:
    answer = Desk(said).ask("/" if method == "GET" else "/halt", method, data={"why": "x"})
    assert (answer.status_code, answer.content_type) == (401, kind)
    assert ('action="/sign-in"' in answer.text or 'type="password"' in answer.text) is (
        kind != "application/json"
    )


def test_a_page_that_is_not_there_is_not_told_to_strangers(desk: Desk) -> None:
    assert desk.ask("/nowhere").status_code == 401
    desk.sign_in()
    assert desk.ask("/nowhere").status_code == 404


def test_a_link_from_another_site_may_be_followed(signed_in: Desk) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert signed_in.ask("/", headers=link).status_code == 200


def test_without_settings_there_are_no_pages() -> None:
    web = create_app([health_pages(Fake(FRESH))]).test_client()
    assert {web.get(path).status_code for path, _ in GUARDED} == {404}
    assert web.get("/livez", headers={"Host": "10.0.0.7"}).status_code == 200


# Signing in and out


def test_a_session_is_a_cookie_that_only_the_browser_sees(desk: Desk) -> None:
    said = desk.sign_in().headers["Set-Cookie"]
    assert said.startswith(f"{COOKIE}=")
    assert {part.strip() for part in said.split(";")[1:]} >= {
        "Secure", "HttpOnly", "SameSite=Strict", "Path=/",
    }  # fmt: skip
    assert "Domain" not in said
    assert TOKEN not in said
    assert desk.ask("/").status_code == 200
    assert desk.office.seen == [""]


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], f"{TOKEN}0", TOKEN.upper(), "\xe4\u20ac"])
def test_another_token_begins_no_session(desk: Desk, token: str) -> None:
    answer = desk.sign_in(token)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)


def test_the_token_is_taken_from_no_address(desk: Desk) -> None:
    assert desk.ask(f"/?token={TOKEN}").status_code == 401
    assert desk.ask(f"/sign-in?token={TOKEN}", "POST").status_code == 401


def test_tries_are_few(desk: Desk) -> None:
    codes = [desk.sign_in(f"try {number}").status_code for number in range(13)]
    assert codes == [401] * 10 + [429] * 3
    assert desk.sign_in().status_code == 429
    desk.now += 1.0
    assert desk.sign_in().status_code == 204


def test_a_rate_fills_steadily_up_to_its_burst() -> None:
    now = [100.0]
    rate = Rate(1.0, 2, lambda: now[0])
    found = []
    for after in (0, 0, 0, 0.5, 0.5, 0, 60, 0, 0):
        now[0] += after
        found.append(rate.allows())
    assert found == [True, True, False, False, True, False, True, True, False]


def test_who_signs_out_is_out_wherever_the_cookie_went(signed_in: Desk) -> None:
    kept = signed_in.web.get_cookie(COOKIE, "localhost")
    assert kept is not None
    left = signed_in.ask("/sign-out", "POST")
    assert left.status_code == 204
    parts = {part.strip() for part in left.headers["Set-Cookie"].split(";")}
    assert parts >= {f"{COOKIE}=", "Max-Age=0", "Secure", "HttpOnly", "SameSite=Strict"}
    again = {**MINE, "Cookie": f"{COOKIE}={kept.value}"}
    assert signed_in.ask("/", headers=again).status_code == 401


def test_sessions_end_by_themselves_and_are_not_too_many() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    first = sessions.begin()
    assert len(first) == 43, "32 bytes of chance"
    now[0] = 12 * 3600 - 1
    others = [sessions.begin() for _ in range(100 - 1)]
    assert sessions.holds(first)
    assert not sessions.holds(first + "x")
    now[0] = 12 * 3600
    assert not sessions.holds(first)
    sessions.begin()
    assert sessions.holds(others[0])
    sessions.begin()
    assert not sessions.holds(others[0])
    assert len(set(others)) == len(others)


# A proxy that signs people in


def test_whom_a_trusted_proxy_names_is_in() -> None:
    desk = Desk("a proxy")
    named = {**MINE, "X-Forwarded-User": "ada"}
    assert desk.ask("/", headers=named).status_code == 200
    assert desk.office.seen == ["ada"]
    desk.ask("/halt", "POST", headers=named, data={"why": "too many comments"})
    assert desk.office.halted == ["too many comments (ada)"]


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_proxy_that_names_nobody_lets_in_nobody(name: str | None) -> None:
    desk = Desk("a proxy")
    headers = MINE if name is None else {**MINE, "X-Forwarded-User": name}
    assert desk.ask("/", headers=headers).status_code == 401
    assert desk.sign_in("").status_code == 401
    assert desk.sign_in().status_code == 401


@pytest.mark.parametrize(
    ("peer", "header", "code"),
    [
        ("10.1.2.3", "X-User", 200),
        ("fd00::7", "X-User", 200),
        ("10.2.0.1", "X-User", 401),
        ("127.0.0.1", "X-User", 401),
        ("10.1.2.3", "X-Forwarded-User", 401),
        ("unix", "X-User", 401),
    ],
)
def test_only_the_proxys_own_address_and_header_count(peer: str, header: str, code: int) -> None:
    desk = Desk("a proxy elsewhere")
    asked = desk.ask("/", headers={**MINE, header: "ada"}, environ_base={"REMOTE_ADDR": peer})
    assert asked.status_code == code


# Names under which it is reached


@pytest.mark.parametrize(
    ("bound", "host", "known"),
    [
        ("127.0.0.1", "127.0.0.1:8700", True),
        ("127.0.0.1", "[::1]:8700", True),
        ("127.0.0.1", "[::1]", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "sla.acme.example", True),
        ("127.0.0.1", "acme.example", False),
        ("127.0.0.1", "10.0.0.5", False),
        ("10.0.0.5", "10.0.0.5:8700", True),
        ("fd00::5", "[fd00::5]:8700", True),
        ("0.0.0.0", "0.0.0.0:8700", False),
        ("::", "[::]:8700", False),
        ("0.0.0.0", "10.0.0.5:8700", False),
    ],
)
def test_it_is_reached_under_names_that_are_listed(bound: str, host: str, known: bool) -> None:
    desk = Desk("a name", bound)
    answer = desk.ask("/", headers={"Host": host})
    assert answer.status_code == (401 if known else 403)


# What goes wrong


def test_a_fault_in_any_route_tells_a_number_and_nothing_else(
    signed_in: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> NoReturn:
        raise RuntimeError("an inside that nobody sees")

    for endpoint in signed_in.app.view_functions:
        signed_in.app.view_functions[endpoint] = fail
    paths = sorted(routes(signed_in.app))
    assert len(paths) > 10
    for path, method in paths:
        with caplog.at_level(logging.ERROR):
            answer = signed_in.ask(path.replace("<path:place>", "jira"), method)
        assert answer.status_code == 500
        assert answer.json is not None
        assert answer.json.keys() == {"status", "id"}
        assert "nobody sees" not in answer.text
        assert answer.json["id"] in caplog.text


def test_a_guard_that_fails_lets_in_nobody(signed_in: Desk) -> None:
    class Broken(Access, frozen=True):
        def trusts(self, address: str) -> bool:
            raise RuntimeError("nobody knows")

    signed_in.guard._access = Broken(signed_in.guard._access.hosts)
    for path, method in GUARDED:
        assert signed_in.ask(path, method, data=FORMS.get(path, {})).status_code == 500
    assert (signed_in.office.seen, signed_in.office.halted) == ([], [])


def test_who_halts_says_why(signed_in: Desk) -> None:
    assert signed_in.ask("/halt", "POST", data={"why": " \n "}).status_code == 400
    assert signed_in.ask("/halt", "POST", data={"why": "a\nb " + "x" * 999}).status_code == 204
    (said,) = signed_in.office.halted
    assert said.startswith("a b xxx")
    assert "\n" not in said
    assert len(said) <= LONGEST + len(" (from the status page)")
