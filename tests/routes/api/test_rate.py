"""How many requests a key may send: by key, by window, together where there is Redis, and never because Redis is away."""

from limits.storage import Storage, storage_from_string

from app.routes.api.rate import KeyLimits


def sent(limits: KeyLimits, key: str, times: int) -> int:
    """How many of these requests may be sent."""
    return sum(limits.seconds_to_wait(key) == 0 for _ in range(times))


def test_each_key_has_its_own_count():
    limits = KeyLimits("3/hour", None)
    assert [sent(limits, key, 5) for key in ("a", "b")] == [3, 3]
    assert 1 <= limits.seconds_to_wait("a") <= 3601


def test_of_several_rates_the_tightest_holds():
    assert sent(KeyLimits("100/minute;2/hour", None), "a", 5) == 2


def test_processes_count_together_in_redis(redis_url: str):
    first, second = (KeyLimits("3/hour", storage_from_string(redis_url)) for _ in range(2))
    assert sent(first, "a", 2) == 2
    assert sent(second, "a", 5) == 1
    assert sent(first, "a", 5) == 0


def test_without_redis_each_process_counts_alone():
    class Away(Storage):
        """A store that does not answer."""

        base_exceptions = ConnectionError

        def incr(self, *_args, **_more) -> int:
            raise ConnectionError

        get = get_expiry = clear = reset = check = incr

    assert sent(KeyLimits("3/hour", Away()), "a", 5) == 3
