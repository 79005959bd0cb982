"""Limits are exact, however many processes count."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.reliability.client import LOST, Answer, Client, at_once
from tests.reliability.conftest import serving
from tests.reliability.invariants import rows
from tests.reliability.server import ADMIN, Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

LIMIT, CALLS = 5, 40
TASKS = {"items": [{"title": "Extra towels", "department": "housekeeping"}]}


SETTINGS = {
    "JACK_RATE_LIMIT": f"{LIMIT}/day",
    "JACK_RATE_LIMIT_BULK": f"{LIMIT}/day",
    "JACK_RATE_LIMIT_CHAT": f"{LIMIT}/day",
    "JACK_LOGIN_FAILURES": f"{LIMIT}/day",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Four processes, and a limit of five for everything; no window ends while a test looks."""
    with serving(workers=4, settings=SETTINGS) as started:
        yield started


@pytest.fixture(autouse=True)
def new_budgets(server: Server) -> None:
    """Nobody has been counted yet."""
    (server.instance / "limits.bin").unlink(missing_ok=True)


def flood(call: Callable[[], Answer], calls: int = CALLS) -> list[Answer]:
    """The same call so many times at once."""
    return at_once([call] * calls)


def check(answers: list[Answer], *, allowed: int, status: int = 200) -> None:
    """Exactly so many were let through, and every answer says truly what is left."""
    expected = Counter({status: allowed, 429: len(answers) - allowed})
    assert Counter(answer.status for answer in answers) == +expected
    left = sorted(int(a.headers["X-RateLimit-Remaining"]) for a in answers if a.status == status)
    assert left == list(range(allowed))
    for answer in answers:
        assert answer.headers["X-RateLimit-Limit"] == str(LIMIT)
        assert int(answer.headers["X-RateLimit-Reset"]) > time.time()
        if answer.status == 429:
            assert answer.code == "RATE_LIMITED"
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["X-RateLimit-Remaining"] == "0"


def test_forty_at_once_at_a_limit_of_five(server: Server, figure: Callable[[str], None]) -> None:
    member = server.insider()
    answers = flood(lambda: member.get("/guests"))
    check(answers, allowed=LIMIT)
    check(flood(lambda: member.get("/tasks")), allowed=0)
    counted = Counter(answer.status for answer in answers)
    figure(f"rate limit 5, 40 at once, 4 processes: {counted[200]} × 200, {counted[429]} × 429")


def test_bulk_calls_have_a_limit_of_their_own(server: Server) -> None:
    manager = server.insider("manager")
    check(flood(lambda: manager.post("/tasks/bulk", TASKS)), allowed=LIMIT)
    assert manager.get("/tasks").json()["meta"]["total"] == LIMIT


def test_strangers_are_counted_by_address(server: Server) -> None:
    check(flood(lambda: server.nobody().get("/nothing")), allowed=LIMIT, status=404)


def test_a_visitor_says_no_more_than_allowed(server: Server) -> None:
    visitor = server.visitor()

    def say(number: int) -> Callable[[], Answer]:
        body = {"content": "Hola", "clientMessageId": f"{number}"}
        return lambda: visitor.post("/webchat/messages", body)

    answers = at_once([say(number) for number in range(CALLS)])
    assert Counter(answer.status for answer in answers) == {201: LIMIT, 429: CALLS - LIMIT}
    # Two budgets count each call, not in the same order: the scarcer one is told, so never more than is left.
    left = sorted(int(a.headers["X-RateLimit-Remaining"]) for a in answers if a.status == 201)
    assert all(told <= really for told, really in zip(left, range(LIMIT), strict=True))
    assert len(rows(server.database, "SELECT id FROM messages")) == LIMIT


def test_wrong_passwords_are_counted_and_right_ones_are_not(
    new_server: Callable[..., Server],
) -> None:
    server = new_server(workers=4, settings={"JACK_LOGIN_FAILURES": f"{LIMIT}/day"})
    server.ready_children()
    for _ in range(LIMIT + 1):
        server.sign_in()
    wrong = {**ADMIN, "password": "not the password"}
    answers = flood(lambda: server.nobody().post("/auth/login", wrong))
    assert Counter(answer.status for answer in answers) == {401: LIMIT, 429: CALLS - LIMIT}
    assert server.nobody().post("/auth/login", ADMIN).status == 429


def test_a_killed_process_takes_no_count_with_it(server: Server) -> None:
    member = server.insider()
    assert [member.get("/guests").status for _ in range(2)] == [200, 200]
    for pid in server.children()[:2]:
        server.kill_one(pid)
    answers = flood(lambda: _insist(member))
    assert Counter(answer.status for answer in answers)[200] == LIMIT - 2
    server.kill()
    server.start()
    assert member.get("/guests").status == 429
    server.ready_children()


def test_a_deleted_file_of_counts_is_replaced_for_all(server: Server) -> None:
    """It may be lost at any time: all begin anew, together."""
    member = server.insider()
    check(flood(lambda: member.get("/guests")), allowed=LIMIT)
    (server.instance / "limits.bin").unlink()
    check(flood(lambda: member.get("/guests")), allowed=LIMIT)


def _insist(client: Client) -> Answer:
    """A call that is made again if it met a process that was killed."""
    for _ in range(50):
        with suppress(*LOST):
            return client.get("/guests")
        time.sleep(0.05)
    raise AssertionError("nobody answers")
