"""What providers tell many times, all at once, is stored once, in whichever processes it lands."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jack.core.db import Database
from jack.resources.settings import store as settings
from tests.peers import signing
from tests.reliability.client import Answer, Client, at_once, milliseconds, percentile
from tests.reliability.conftest import serving
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

TIMES = 50
ROUNDS = {False: 3, True: 20}
BAR = {False: 2.0, True: 0.5}
SECRET = "0123456789abcdef0123456789abcdef"
ACCOUNT = {
    "enabled": True,
    "provider": "meta",
    "phoneNumberId": "1065",
    "accessToken": "EAAG",
    "appSecret": SECRET,
    "verifyToken": "verify",
    "baseUrl": "http://127.0.0.1:9",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(workers=4) as started:
        db = Database(started.database, deadline=20)
        settings.put(db, "channels.whatsapp", ACCOUNT)
        db.close()
        yield started
        assert started.complaints() == []
        assert_whole(started.database)


def told(*messages: dict[str, Any], **contact: str) -> Callable[[Client], Answer]:
    """A signed webhook with these messages."""
    value = {"metadata": {"phone_number_id": "1065"}, "messages": list(messages)}
    if contact:
        value["contacts"] = [{"profile": {"name": "Ana"}, **contact}]
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    raw = json.dumps(body)  # as the client writes it
    signed = {"X-Hub-Signature-256": signing.meta(SECRET, raw.encode())}
    return lambda client: client.call("POST", "/webhooks/whatsapp", body, signed)


def message(number: str, key: str, kind: str = "text", **content: Any) -> dict[str, Any]:
    content = content or {"body": "Hola"}
    stamp = str(int(time.time()))
    return {"from": number, "id": key, "timestamp": stamp, "type": kind, kind: content}


def everywhere(server: Server, calls: list[Callable[[Client], Answer]]) -> list[Answer]:
    client = Client(server.port, prefix="")
    return at_once([lambda call=call: call(client) for call in calls])  # type: ignore[misc]


def of_number(server: Server, number: str) -> dict[str, int]:
    """How many rows there are for whoever writes from there."""
    (row,) = rows(
        server.database,
        f"""SELECT (SELECT count(*) FROM guests WHERE phone = '+{number}') AS guests,
                   (SELECT count(*) FROM conversations JOIN guests ON guests.id = guest_id
                    WHERE phone = '+{number}') AS conversations,
                   (SELECT count(*) FROM messages JOIN conversations ON conversations.id = conversation_id
                    JOIN guests ON guests.id = guest_id WHERE phone = '+{number}') AS messages""",
    )
    return row


def test_the_same_event_fifty_times_at_once(
    server: Server, figure: Callable[[str], None], long: bool
) -> None:
    seconds: list[float] = []
    for number in range(ROUNDS[long]):
        guest = f"1555123{number:04}"
        hook = told(message(guest, f"wamid.{number}"), wa_id=guest)
        answers = everywhere(server, [hook] * TIMES)
        assert {answer.status for answer in answers} == {200}
        assert of_number(server, guest) == {"guests": 1, "conversations": 1, "messages": 1}
        seconds.extend(answer.seconds for answer in answers)
    assert_whole(server.database)
    slow = percentile(seconds, 99)
    figure(
        f"webhook: the same event ×{TIMES} at once, {ROUNDS[long]} rounds: one row each, answered in "
        f"{milliseconds(percentile(seconds, 50))} (median), {milliseconds(slow)} (p99)"
    )
    assert slow <= BAR[long]


def test_ten_pictures_at_once_from_a_new_guest(server: Server, long: bool) -> None:
    for number in range(ROUNDS[long]):
        guest = f"1555124{number:04}"
        hooks = [
            told(
                message(
                    guest, f"wamid.{number}.{place}", "image", id=f"{place}", mime_type="image/jpeg"
                ),
                wa_id=guest,
            )
            for place in range(10)
        ]
        answers = everywhere(server, hooks)
        assert Counter(answer.status for answer in answers) == {200: 10}
        assert of_number(server, guest) == {"guests": 1, "conversations": 1, "messages": 10}
    assert_whole(server.database)


def test_it_is_stored_before_it_is_answered(server: Server) -> None:
    """Whoever has an answer finds the message in the database."""

    def tell(number: int) -> Callable[[Client], bool]:
        hook = told(message("15551250000", f"wamid.s{number}", body=f"no. {number}"))

        def call(client: Client) -> bool:
            assert hook(client).status == 200
            sql = f"SELECT 1 AS one FROM messages WHERE content = 'no. {number}'"
            return bool(rows(server.database, sql))

        return call

    client, calls = Client(server.port, prefix=""), [tell(number) for number in range(16)]
    assert all(at_once([lambda call=call: call(client) for call in calls]))  # type: ignore[misc]
