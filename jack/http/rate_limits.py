"""Rate limits that all processes share: Flask-Limiter over a small memory-mapped file.

`limits` ships no storage that processes share without a server, and counting in each process would multiply every
limit by the number of processes. The file holds hashes and counts only, and may be lost or deleted at any time. What guards a
secret fails closed, and its counts are kept until they have run out.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem
from limits.storage import MemoryStorage

from jack.core.errors import JackError, RateLimited, Unavailable
from jack.http.rate_limit_storage import BRIEF, KEPT, Part, SharedStorage

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

# A limit, and the key that is counted.
Budget = tuple[RateLimitItem, str]


class Spent(NamedTuple):
    """What is left of a budget after a request: the limit, what remains, and when it is whole again (epoch seconds)."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool


class Limits:
    """The budgets of callers and addresses, shared by all processes. `secret` is the instance's."""

    def __init__(self, app: Flask, path: Path, secret: str) -> None:
        self.limiter = Limiter(
            get_remote_address,
            storage_uri=f"jack+mmap://{path}",
            storage_options={"secret": secret},
            strategy="fixed-window",
        )
        # Known to the app beforehand, it leaves its own hooks out: `request_hooks` counts each request once, by caller.
        app.extensions.setdefault("limiter", set()).add(self.limiter)
        self.limiter.init_app(app)
        self._fallback = MemoryStorage()

    def spend(self, item: RateLimitItem, key: str, amount: int = 1) -> Spent:
        """Count `amount` against the budget of `key`. If the shared file fails, this process counts by itself."""
        try:
            return self._spent(item, key, amount)
        except OSError as error:
            log.warning("rate limits are counted by process: %s", error.strerror)
            full = item.key_for(key)
            count = self._fallback.incr(full, item.get_expiry(), amount)
            return _spent(item, count, self._fallback.get_expiry(full))

    def left(self, item: RateLimitItem, key: str) -> Spent:
        """What is left of the budget of `key`, of which nothing is spent; all of it where the shared file fails."""
        try:
            return self._spent(item, key, 0)
        except OSError:
            return _spent(item, 0, time.time())

    def spend_or_refuse(self, item: RateLimitItem, key: str, message: str) -> None:
        """Count against a budget that guards a secret. Raises RateLimited over it, Unavailable when it cannot be counted."""
        try:
            spent = self._spent(item, key, 1, KEPT)
        except OSError:
            raise Unavailable("Signing in is not possible at the moment.", retry_after=30) from None
        if spent.exceeded:
            raise RateLimited(message, retry_after=wait(spent))

    def spend_all_or_refuse(self, budgets: Sequence[Budget], message: str) -> None:
        """The same against several budgets, in their order: where one refuses, none of the others has been spent from.

        The address's comes first: one that is refused already must not use up the budget of an account.
        """
        for number, (item, key) in enumerate(budgets):
            try:
                self.spend_or_refuse(item, key, message)
            except JackError:
                self.give_all_back(budgets[:number])
                raise

    def give_back(self, item: RateLimitItem, key: str) -> None:
        """Take one off a count that guards a secret again, after a success that should cost nothing.

        A failure to write is logged only.
        """
        try:
            self._spent(item, key, -1, KEPT)
        except OSError as error:
            log.warning("a budget was not given back: %s", error.strerror)

    def give_all_back(self, budgets: Sequence[Budget]) -> None:
        """The same for several budgets."""
        for item, key in budgets:
            self.give_back(item, key)

    def _spent(self, item: RateLimitItem, key: str, amount: int, part: Part = BRIEF) -> Spent:
        storage = cast("SharedStorage", self.limiter.storage)
        count, expires = storage.increment(item.key_for(key), item.get_expiry(), amount, part=part)
        return _spent(item, count, expires)


def _spent(item: RateLimitItem, count: int, expires: float) -> Spent:
    return Spent(item.amount, max(0, item.amount - count), math.ceil(expires), count > item.amount)


def ten_times(item: RateLimitItem) -> RateLimitItem:
    """Ten times as many in the same window."""
    return type(item)(item.amount * 10, item.multiples)


def wait(spent: Spent) -> int:
    """Seconds until a budget is whole again, at least 1."""
    return max(1, spent.reset - math.ceil(time.time()))


def address_key(address: str | None) -> str:
    """The key an address is counted by: itself, or its /64 for IPv6, of which one customer has 2^64 addresses."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "address:unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return f"address:{ip.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address:{ip}"
