"""A bucket of tokens: no more in any stretch of time than was saved up and came in meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rumpus.token_bucket import TokenBucket


def test_it_begins_full_and_refills_to_the_brim_and_not_beyond() -> None:
    bucket = TokenBucket(2, 5)
    assert [bucket.spend() for _ in range(6)] == [True] * 5 + [False]
    bucket.refill()
    assert [bucket.spend() for _ in range(3)] == [True, True, False]
    bucket.refill(100)
    assert bucket.left == 5


def test_what_is_not_there_is_not_spent_but_may_be_taken() -> None:
    bucket = TokenBucket(1, 3)
    assert not bucket.spend(4)
    assert bucket.left == 3
    bucket.take(5)
    assert not bucket.spend()
    bucket.refill(3)
    assert bucket.spend()


def test_another_rate_holds_from_then_on() -> None:
    bucket = TokenBucket(1000, 1000)
    bucket.change(1, 2)
    bucket.refill_until(0.0)
    assert bucket.left == 2
    bucket.take(2)
    bucket.refill_until(1.0)
    assert bucket.left == 1


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 8)), max_size=40), st.integers(1, 10), st.integers(1, 20))
def test_nobody_gets_more_than_the_rate_allows(steps: list[tuple[float, int]], rate: int, most: int) -> None:
    bucket, now, got = TokenBucket(rate, most), 0.0, 0
    for pause, wanted in steps:
        now += pause
        bucket.refill_until(now)
        got += sum(bucket.spend() for _ in range(wanted))
        assert got <= most + rate * now + 1e-6
