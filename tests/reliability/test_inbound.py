"""The same thing sent many times at once is done once, in whichever processes it lands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.reliability.client import Answer, Client, at_once, milliseconds, percentile
from tests.reliability.conftest import serving
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

TIMES = 50
ROUNDS = {False: 3, True: 20}
# The bar is 0.5 s; where other programs take the processors away, the clients themselves wait longer.
BAR = {False: 2.0, True: 0.5}
TASK = {"title": "Extra towels", "department": "housekeeping"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(workers=4) as started:
        yield started
        assert started.complaints() == []
        assert_whole(started.database)


def ids(answers: list[Answer]) -> set[str]:
    return {answer.data["id"] for answer in answers}


def test_the_same_message_fifty_times_at_once(
    server: Server, figure: Callable[[str], None], long: bool
) -> None:
    seconds: list[float] = []
    for _ in range(ROUNDS[long]):
        visitor = server.visitor()
        body = {"content": "Hola", "clientMessageId": "the-same"}
        answers = at_once([_post(visitor, "/webchat/messages", body)] * TIMES)
        assert Counter(answer.status for answer in answers) == {201: 1, 200: TIMES - 1}
        assert len(ids(answers)) == 1
        assert [message["id"] for message in visitor.get("/webchat/messages").data] == list(
            ids(answers)
        )
        seconds.extend(answer.seconds for answer in answers)
    assert_whole(server.database)
    slow = percentile(seconds, 99)
    figure(
        f"inbound: the same message ×{TIMES} at once, {ROUNDS[long]} rounds: one row each, answered in "
        f"{milliseconds(percentile(seconds, 50))} (median), {milliseconds(slow)} (p99)"
    )
    assert slow <= BAR[long]


def test_it_is_stored_before_it_is_answered(server: Server) -> None:
    """Whoever has an answer finds the message in the database, in every process."""
    visitor = server.visitor()

    def say(number: int) -> Callable[[], bool]:
        def work() -> bool:
            body = {"content": f"{number}", "clientMessageId": f"{number}"}
            id = visitor.post("/webchat/messages", body).data["id"]
            return bool(rows(server.database, f"SELECT 1 AS one FROM messages WHERE id = '{id}'"))

        return work

    assert all(at_once([say(number) for number in range(16)]))


@pytest.mark.parametrize("count", [2, 10])
def test_different_first_messages_at_once_make_one_guest(server: Server, count: int) -> None:
    for _ in range(5):
        visitor = server.visitor(name="Ana Nova", email="ana@guest.example")
        bodies = [{"content": f"no. {n}", "clientMessageId": f"{n}"} for n in range(count)]
        before = census(server)
        answers = at_once([_post(visitor, "/webchat/messages", body) for body in bodies])
        assert [answer.status for answer in answers] == [201] * count
        assert len(ids(answers)) == count
        after = census(server)
        assert {name: after[name] - before[name] for name in after} == {
            "guests": 1,
            "conversations": 1,
            "inbound": count,
            "notes": 1,
        }


def _post(
    client: Client, path: str, body: dict[str, str], headers: dict[str, str] | None = None
) -> Callable[[], Answer]:
    return lambda: client.post(path, body, headers)


def census(server: Server) -> dict[str, int]:
    """How many there are of each."""
    (row,) = rows(
        server.database,
        """SELECT (SELECT count(*) FROM guests) AS guests, (SELECT count(*) FROM conversations) AS conversations,
                  (SELECT count(*) FROM messages WHERE direction = 'inbound') AS inbound,
                  (SELECT count(*) FROM messages WHERE type = 'note') AS notes""",
    )
    return row


def test_one_key_twenty_times_at_once_makes_one_task(server: Server) -> None:
    member = server.insider()
    for number in range(5):
        key = {"Idempotency-Key": f"the-same-{number}"}
        answers = at_once([_post(member, "/tasks", TASK, key)] * 20)
        told = Counter((a.status, a.headers["Idempotency-Replayed"]) for a in answers)
        assert told[(201, None)] == 1
        assert told[(201, "true")] + told[(409, None)] == 19
        assert len({a.body for a in answers if a.status == 201}) == 1
    assert member.get("/tasks").json()["meta"]["total"] == 5


def test_one_key_with_different_bodies_does_one_of_them(server: Server) -> None:
    member = server.insider()
    key = {"Idempotency-Key": "not-the-same"}
    tasks = [{**TASK, "title": f"no. {number}"} for number in range(10)]
    answers = at_once([_post(member, "/tasks", task, key) for task in tasks])
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 9}
    reasons = {a.json()["error"]["reason"] for a in answers if a.status == 409}
    assert reasons == {"idempotency_key_reused"}


def test_one_address_at_once_makes_one_guest(server: Server) -> None:
    """Check-then-insert would let several through."""
    member = server.insider()
    guest = {"name": "Ana", "email": "only-one@guest.example", "phone": "+15551234567"}
    answers = at_once([lambda: member.post("/guests", guest)] * 20)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 19}


def test_the_last_administrator_stays_one(server: Server) -> None:
    """Two administrators who demote each other at once: one of them remains."""
    admin = server.sign_in()
    mine = admin.get("/auth/me").data["id"]
    for number in range(5):
        theirs, other = server.hire(admin, "admin", f"Other{number}")
        answers = at_once([_demote(admin, theirs), _demote(other, mine)])
        assert sorted(answer.status for answer in answers)[0] == 200
        admins = rows(server.database, "SELECT id FROM staff WHERE role = 'admin' AND active")
        assert len(admins) == 1
        if admins[0]["id"] != mine:
            assert other.patch(f"/staff/{mine}", {"role": "admin"}).status == 200
            assert admin.patch(f"/staff/{theirs}", {"role": "staff"}).status == 200


def _demote(client: Client, id: str) -> Callable[[], Answer]:
    return lambda: client.patch(f"/staff/{id}", {"role": "staff"})
