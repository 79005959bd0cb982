"""The storage of the rate limits: windows, slots, threads and clocks that are set back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from limits import parse

from jack.core.errors import RateLimited, Unavailable
from jack.http import rate_limit_storage, rate_limits
from jack.http.rate_limit_storage import BRIEF, KEPT, Part, SharedStorage
from jack.http.rate_limits import Limits, Spent, address_key
from tests.conftest import Clock

FIVE = parse("5/minute")
SECRET = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _by_our_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rate_limits, rate_limit_storage):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=clock))


def opened(path: Path, secret: str = SECRET) -> SharedStorage:
    return SharedStorage(f"jack+mmap://{path}", secret=secret)


@pytest.fixture
def storage(tmp_path: Path) -> SharedStorage:
    return opened(tmp_path / "limits.bin")


@pytest.fixture
def limits(tmp_path: Path) -> Limits:
    return Limits(Flask("test"), tmp_path / "limits.bin", SECRET)


def in_one_bucket(
    count: int,
    storage: SharedStorage,
    part: Part = BRIEF,
    named: Callable[[str], str] = lambda key: key,
) -> list[str]:
    """Keys that share a bucket; the storage knows them by the names they are given."""
    found: dict[int, list[str]] = {}
    for number in range(1_000_000):
        key = f"key {number}"
        keys = found.setdefault(
            rate_limit_storage._place(storage._hash_key, named(key), part)[1], []
        )
        keys.append(key)
        if len(keys) == count:
            return keys
    raise AssertionError("no bucket is that full")


# ------------------------------------------------------------------------------------------------ windows


def test_a_window_counts_up_and_ends_when_it_began_to(storage: SharedStorage, clock: Clock) -> None:
    ends = clock() + 60
    for count in (1, 2, 3):
        assert storage.increment("a", 60) == (count, ends)
        clock.move(10)


def test_when_a_window_is_over_the_next_begins(storage: SharedStorage, clock: Clock) -> None:
    storage.increment("a", 60)
    clock.move(59.9)
    assert storage.increment("a", 60)[0] == 2
    clock.move(0.2)
    assert storage.increment("a", 60) == (1, clock() + 60)


def test_keys_are_counted_apart(storage: SharedStorage) -> None:
    assert [storage.incr(key, 60) for key in ("a", "b", "a", "ключ", "\ud800")] == [1, 1, 2, 1, 1]


def test_looking_does_not_count(storage: SharedStorage, clock: Clock) -> None:
    assert (storage.get("a"), storage.get_expiry("a")) == (0, clock())
    storage.incr("a", 60)
    clock.move(5)
    assert [storage.get("a") for _ in range(3)] == [1, 1, 1]
    assert storage.get_expiry("a") == clock() + 55


def test_several_at_once(storage: SharedStorage) -> None:
    assert storage.incr("a", 60, 5) == 5
    assert storage.incr("a", 60, -2) == 3
    assert storage.incr("a", 60, -9) == 0


def test_a_count_does_not_run_over(storage: SharedStorage) -> None:
    storage.increment("a", 60, 2**32 - 1)
    assert storage.increment("a", 60)[0] == 2**32 - 1


def test_a_key_can_be_forgotten(storage: SharedStorage) -> None:
    storage.incr("a", 60)
    storage.incr("b", 60)
    storage.clear("a")
    assert (storage.get("a"), storage.get("b")) == (0, 1)


def test_all_can_be_forgotten(storage: SharedStorage) -> None:
    storage.incr("a", 60)
    storage.reset()
    assert storage.get("a") == 0


def test_it_says_whether_it_can_be_used(storage: SharedStorage, tmp_path: Path) -> None:
    assert storage.check()
    assert not opened(tmp_path / "nowhere" / "x").check()
    assert storage.base_exceptions is OSError


# ------------------------------------------------------------------------------------------------ slots


def test_eight_keys_share_a_bucket_in_peace(storage: SharedStorage) -> None:
    keys = in_one_bucket(8, storage)
    for key in keys * 2:
        storage.incr(key, 60)
    assert [storage.get(key) for key in keys] == [2] * 8


def test_the_ninth_takes_the_place_of_whoever_would_have_gone_first(
    storage: SharedStorage, clock: Clock
) -> None:
    *keys, ninth = in_one_bucket(9, storage)
    for number, key in enumerate(keys):
        storage.incr(key, 600 if number != 3 else 60)
    assert storage.incr(ninth, 60) == 1
    assert [storage.get(key) for key in keys] == [1, 1, 1, 0, 1, 1, 1, 1]


def test_a_window_that_is_over_makes_room(storage: SharedStorage, clock: Clock) -> None:
    *keys, ninth = in_one_bucket(9, storage)
    for number, key in enumerate(keys):
        storage.incr(key, 600 if number != 3 else 60)
    clock.move(61)
    storage.incr(ninth, 600)
    assert sum(storage.get(key) for key in keys) == 7


def kept(storage: SharedStorage, key: str, amount: int = 1, window: int = 900) -> int:
    """Count a key that guards a secret."""
    return storage.increment(key, window, amount, part=KEPT)[0]


def test_where_a_key_lies_is_known_only_to_who_knows_the_secret(tmp_path: Path) -> None:
    keys = [f"login:x{number}@hotel.example" for number in range(50)]
    one, other = (opened(tmp_path / name, name * 32) for name in "ab")
    for part in (BRIEF, KEPT):
        places = [
            [rate_limit_storage._place(storage._hash_key, key, part) for key in keys]
            for storage in (one, other)
        ]
        assert not set(places[0]) & set(places[1])


def test_what_guards_a_secret_is_not_crowded_out(storage: SharedStorage) -> None:
    *keys, one_more = in_one_bucket(KEPT.slots + 1, storage, KEPT)
    for key in keys:
        kept(storage, key, 10)
    for _ in range(3):
        with pytest.raises(OSError, match="no room"):
            kept(storage, one_more)
    assert [kept(storage, key) for key in keys] == [11] * len(keys)


def test_what_guards_a_secret_makes_room_when_it_has_run_out(
    storage: SharedStorage, clock: Clock
) -> None:
    *keys, one_more = in_one_bucket(KEPT.slots + 1, storage, KEPT)
    for number, key in enumerate(keys):
        kept(storage, key, window=60 if number == 7 else 900)
    clock.move(61)
    assert kept(storage, one_more) == 1
    assert kept(storage, keys[6]) == 2


def test_what_is_given_back_whole_makes_room_at_once(storage: SharedStorage) -> None:
    *keys, one_more = in_one_bucket(KEPT.slots + 1, storage, KEPT)
    for key in keys:
        kept(storage, key)
    kept(storage, keys[7], -1)
    assert kept(storage, one_more) == 1


def test_requests_take_no_room_from_what_guards_a_secret(storage: SharedStorage) -> None:
    kept(storage, "login:ada", 10)
    for number in range(20_000):
        storage.incr(f"address:{number}", 60)
    assert kept(storage, "login:ada") == 11


def test_each_part_of_the_file_begins_where_the_other_ends() -> None:
    assert (BRIEF.start, KEPT.start) == (0, BRIEF.end)
    assert KEPT.end == rate_limit_storage.FILE_SIZE


# ------------------------------------------------------------------------------------------------ clocks


def test_a_clock_set_back_gives_no_new_budget(storage: SharedStorage, clock: Clock) -> None:
    storage.incr("a", 60)
    clock.move(-20)
    assert storage.incr("a", 60) == 2


def test_a_window_of_a_day_survives_a_clock_set_back(storage: SharedStorage, clock: Clock) -> None:
    storage.incr("a", 86_400)
    clock.move(-20)
    assert storage.incr("a", 86_400) == 2


def test_a_clock_that_was_a_year_ahead_locks_nobody_out(
    storage: SharedStorage, clock: Clock
) -> None:
    storage.incr("a", 60, 100)
    clock.move(-365 * 86_400)
    assert storage.increment("a", 60) == (1, clock() + 60)


# ------------------------------------------------------------------------------------------------ threads


def test_threads_lose_no_count(storage: SharedStorage) -> None:
    def work() -> None:
        for _ in range(500):
            storage.incr("a", 60)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.get("a") == 2000


@pytest.mark.parametrize("left", [0, 64])
def test_a_file_that_is_cut_short_while_it_is_used_ends_no_process(
    storage: SharedStorage, tmp_path: Path, left: int
) -> None:
    """Touching what is mapped beyond the end of a file is SIGBUS."""
    storage.incr("one", 60)
    (tmp_path / "limits.bin").write_bytes(b"\xff" * left)
    assert storage.incr("one", 60) == 1
    assert storage.incr("one", 60) == 2
    assert (tmp_path / "limits.bin").stat().st_size == rate_limit_storage.FILE_SIZE


def test_two_storages_of_one_file_count_together(storage: SharedStorage, tmp_path: Path) -> None:
    other = opened(tmp_path / "limits.bin")
    assert [one.incr("a", 60) for one in (storage, other, storage)] == [1, 2, 3]


# ------------------------------------------------------------------------------------------------ budgets


def test_spending_tells_what_is_left(limits: Limits, clock: Clock) -> None:
    whole = int(clock() + 60)
    assert limits.spend(FIVE, "a") == Spent(5, 4, whole, exceeded=False)
    assert limits.spend(FIVE, "a", 4) == Spent(5, 0, whole, exceeded=False)
    assert limits.spend(FIVE, "a") == Spent(5, 0, whole, exceeded=True)


def test_should_the_file_fail_a_process_counts_alone(
    limits: Limits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # The library's own memory goes by the wall's clock.
    for module in (rate_limits, rate_limit_storage):
        monkeypatch.setattr(module, "time", time)

    def fail(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(limits.limiter.storage, "increment", fail)
    spent = [limits.spend(FIVE, "a") for _ in range(6)]
    assert [(one.remaining, one.exceeded) for one in spent] == [
        *((left, False) for left in (4, 3, 2, 1, 0)),
        (0, True),
    ]
    assert "No space left on device" in caplog.text


def test_what_guards_a_secret_fails_closed(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(limits.limiter.storage, "increment", fail)
    with pytest.raises(Unavailable) as raised:
        limits.spend_or_refuse(FIVE, "a", "No.")
    assert raised.value.retry_after == 30
    limits.give_back(FIVE, "a")


def test_what_guards_a_secret_refuses_over_its_budget(limits: Limits) -> None:
    for _ in range(5):
        limits.spend_or_refuse(FIVE, "a", "No.")
    with pytest.raises(RateLimited, match=r"No\.") as raised:
        limits.spend_or_refuse(FIVE, "a", "No.")
    assert raised.value.retry_after == 60


def test_what_is_given_back_can_be_spent_again(limits: Limits) -> None:
    for _ in range(20):
        limits.spend_or_refuse(FIVE, "a", "No.")
        limits.give_back(FIVE, "a")


def test_of_several_budgets_the_first_that_refuses_leaves_the_others_as_they_were(
    limits: Limits,
) -> None:
    two = parse("2/minute")
    for refusing in (0, 1):
        budgets = [(FIVE, f"a{refusing}"), (FIVE, f"b{refusing}")]
        budgets[refusing] = (two, budgets[refusing][1])
        for _ in range(2):
            limits.spend_all_or_refuse(budgets, "No.")
        for _ in range(9):
            with pytest.raises(RateLimited):
                limits.spend_all_or_refuse(budgets, "No.")
        other = budgets[1 - refusing]
        for _ in range(3):
            limits.spend_or_refuse(*other, "No.")
        with pytest.raises(RateLimited):
            limits.spend_or_refuse(*other, "No.")


def test_what_is_given_back_of_several_can_be_spent_again(limits: Limits) -> None:
    budgets = [(FIVE, "a"), (FIVE, "b")]
    for _ in range(20):
        limits.spend_all_or_refuse(budgets, "No.")
        limits.give_all_back(budgets)


def test_where_there_is_no_room_for_a_count_a_sign_in_is_refused(limits: Limits) -> None:
    storage = limits.limiter.storage
    assert isinstance(storage, SharedStorage)
    *keys, one_more = in_one_bucket(KEPT.slots + 1, storage, KEPT, named=FIVE.key_for)
    for key in keys:
        limits.spend_or_refuse(FIVE, key, "No.")
    with pytest.raises(Unavailable):
        limits.spend_or_refuse(FIVE, one_more, "No.")
    limits.give_back(FIVE, keys[0])
    limits.spend_or_refuse(FIVE, one_more, "No.")


def test_giving_back_what_was_not_spent_gives_nothing(limits: Limits) -> None:
    limits.give_back(FIVE, "a")
    for _ in range(5):
        limits.spend_or_refuse(FIVE, "a", "No.")
    with pytest.raises(RateLimited):
        limits.spend_or_refuse(FIVE, "a", "No.")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("10.0.0.1", "address:10.0.0.1"),
        ("::ffff:10.0.0.1", "address:10.0.0.1"),
        ("2001:db8::1", "address:2001:db8::/64"),
        ("2001:db8:0:0:ffff::2", "address:2001:db8::/64"),
        ("fe80::1%eth0", "address:fe80::%eth0/64"),
        ("", "address:unknown"),
        (None, "address:unknown"),
        ("nonsense", "address:unknown"),
    ],
)
def test_what_an_address_is_counted_by(address: str | None, key: str) -> None:
    if address and "%" in address:
        assert address_key(address).startswith("address:")
        return
    assert address_key(address) == key
