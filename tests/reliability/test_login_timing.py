"""Whether an account exists must not show in how long a wrong password takes."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jack import create_app
from tests.conftest import PASSWORD
from tests.reliability.client import milliseconds
from tests.reliability.server import ADMIN, NO_LIMITS, Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

TRIES = {False: 25, True: 200}
# Fewer tries, on a machine that does other things as well, spread more.
BAR = {False: 0.25, True: 0.05}
WRONG = "this is not the password"

Try = Callable[[str], None]


def known_and_unknown(attempt: Try, tries: int, timer: Callable[[], float]) -> list[list[float]]:
    """Seconds of so many tries each for one account that exists and for ones that do not, in pairs of random order."""
    found: list[list[float]] = [[], []]
    for number in range(tries):
        for kind in random.sample([0, 1], 2):
            email = f"nobody{number}@hotel.example" if kind else ADMIN["email"]
            began = timer()
            attempt(email)
            found[kind].append(timer() - began)
    return found


def by_the_clock(attempt: Try, tries: int, bar: float) -> list[list[float]]:
    """As an attacker measures. What other programs do to the medians fades with more tries; a difference would stay."""
    found = known_and_unknown(attempt, tries, time.perf_counter)
    for _ in range(2):
        if difference(found) < bar:
            break
        more = known_and_unknown(attempt, tries, time.perf_counter)
        found = [one + other for one, other in zip(found, more, strict=True)]
    return found


def difference(found: list[list[float]]) -> float:
    """By which part the medians differ."""
    known, unknown = (statistics.median(seconds) for seconds in found)
    return abs(known - unknown) / known


def told(where: str, found: list[list[float]]) -> str:
    known, unknown = (milliseconds(statistics.median(seconds)) for seconds in found)
    return (
        f"login, {where}: wrong password {known}, unknown account {unknown} (medians of "
        f"{len(found[0])}), {difference(found):.1%} apart"
    )


@pytest.fixture
def attempt(folder: Path) -> Try:
    """A try in this process."""
    app = create_app(
        {
            **NO_LIMITS,
            "JACK_INSTANCE": str(folder / "instance"),
            "JACK_ADMIN_EMAIL": ADMIN["email"],
            "JACK_ADMIN_PASSWORD": PASSWORD,
        }
    )
    client = app.test_client()

    def make(email: str) -> None:
        body = {"email": email, "password": WRONG}
        assert client.post("/api/v1/auth/login", json=body).status_code == 401

    return make


def test_the_work_is_the_same(attempt: Try, figure: Callable[[str], None], long: bool) -> None:
    """Time of this thread on the processor: what other programs do does not show in it."""
    found = known_and_unknown(attempt, TRIES[long], time.thread_time)
    figure(told("processor time", found))
    assert difference(found) < (
        0.05 if long else 0.15
    )  # 25 tries beside other programs spread more


def test_the_first_try_for_nobody_takes_no_longer(attempt: Try) -> None:
    """What is prepared once must not be prepared by the first unknown account."""
    began = time.thread_time()
    attempt("the-very-first@hotel.example")
    first = time.thread_time() - began
    later = known_and_unknown(attempt, 5, time.thread_time)[0]
    assert first < 1.7 * statistics.median(later)


def test_nobody_can_tell_by_the_clock(
    attempt: Try, figure: Callable[[str], None], long: bool
) -> None:
    found = by_the_clock(attempt, TRIES[long], BAR[long])
    figure(told("in one process", found))
    assert difference(found) < BAR[long]


def test_nobody_can_tell_over_http(
    new_server: Callable[..., Server], figure: Callable[[str], None], long: bool
) -> None:
    server = new_server()
    server.ready_children()

    def attempt(email: str) -> None:
        body = {"email": email, "password": WRONG}
        assert server.nobody().post("/auth/login", body).status == 401

    found = by_the_clock(attempt, TRIES[long], BAR[long])
    figure(told("over HTTP", found))
    assert difference(found) < BAR[long]
