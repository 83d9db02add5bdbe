"""The fault dial decides: scripted faults exactly, chances by seed."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.faults import REASONS, Chaos, Faults


def test_a_scripted_fault_hits_what_it_names_as_often_as_it_says() -> None:
    faults = Faults()
    faults.add(kind="status", method="POST", path="comment$", status=502, after=1, times=2)
    asked = [("GET", "/comment"), ("POST", "/issue"), *[("POST", "/issue/1/comment")] * 4]
    hits = [faults.next(*one) for one in asked]
    assert [fault.status if fault else 0 for fault in hits] == [0, 0, 0, 502, 502, 0]
    assert faults.pending() == []


def test_times_0_is_for_ever_until_reset() -> None:
    faults = Faults()
    faults.add(kind="drop", times=0)
    assert all(faults.next("GET", "/") for _ in range(5))
    faults.reset()
    assert faults.next("GET", "/") is None


def test_faults_come_in_the_order_in_which_they_were_asked_for() -> None:
    faults = Faults()
    faults.add(kind="status", status=500)
    faults.add(kind="status", status=501)
    first, second = faults.next("GET", "/"), faults.next("GET", "/")
    assert first
    assert second
    assert (first.status, second.status) == (500, 501)


def test_asked_to_slow_down_is_429_with_its_headers() -> None:
    fault = Faults().add(kind="retry-after", headers={"Retry-After": "12"})
    assert fault.status == 429
    assert fault.headers == {"Retry-After": "12", "RateLimit-Reason": REASONS[0]}


def test_chaos_is_read() -> None:
    text = "429=0.05, 503=0.02,slow=200ms,drop-after=0.01,expire-token=after:50,html-login=0.01"
    chaos = Chaos.parse(text)
    assert chaos.chances == (
        (0.05, "retry-after", 429),
        (0.02, "status", 503),
        (0.01, "apply-then-drop", 200),
        (0.01, "html", 200),
    )
    assert (chaos.slow, chaos.expire_after) == (0.2, 50)
    assert Chaos.parse("") == Chaos()
    assert Chaos.parse("slow=2s").slow == 2


@pytest.mark.parametrize("text", ["429=2", "429", "nonsense=0.1", "503=-1", "slow=x", "429=x"])
def test_chaos_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"chaos|could not convert"):
        Chaos.parse(text)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind 'explode'"):
        Faults().add(kind="explode")
    with pytest.raises(TypeError):
        Faults().add(kind="drop", colour="red")


def test_chances_are_kept_and_seeded() -> None:
    def drawn(seed: int) -> list[int]:
        faults = Faults("429=0.2,503=0.1", seed)
        return [fault.status if (fault := faults.next("GET", "/")) else 0 for _ in range(3000)]

    counts = Counter(drawn(1))
    assert 500 < counts[429] < 700
    assert 230 < counts[503] < 370
    assert drawn(1) == drawn(1) != drawn(2)


def test_tokens_expire_and_are_renewed() -> None:
    faults = Faults("expire-token=after:1")
    assert [faults.token_expired() for _ in range(3)] == [False, True, True]
    faults.renew_token()
    assert faults.token_expired() is False
    assert Faults().token_expired() is False
