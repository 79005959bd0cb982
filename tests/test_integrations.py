"""The programs that docs/integrations/ shows do what it says of them."""

from __future__ import annotations

import base64
import io
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from jack.resources.guests import merge
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from tests.builders import make_conversation, make_guest
from tests.checks import succeeded
from tests.conftest import Person

DOCS = Path(__file__).resolve().parents[1] / "docs" / "integrations"
Opened = Callable[..., Any]


def program(name: str) -> str:
    """The first Python program of a page."""
    return programs(name)[0]


def programs(name: str) -> list[str]:
    """The Python programs of a page."""
    return re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(), re.DOTALL)


def opener(app: Flask, refusals: list[int]) -> Opened:
    """`urlopen`, asking the app; it is refused with each of these statuses first, 0 for a Jack that is not there."""
    client = app.test_client()

    def urlopen(sent: urllib.request.Request, timeout: float) -> Any:
        if refusals and not refusals[-1]:
            refusals.pop()
            raise urllib.error.URLError(ConnectionRefusedError())
        if refusals:
            headers = Message()
            headers["Retry-After"] = "7"
            raise urllib.error.HTTPError(sent.full_url, refusals.pop(), "", headers, io.BytesIO())
        answer = client.open(
            sent.selector, method=sent.get_method(), data=sent.data, headers=dict(sent.headers)
        )
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)
        return io.BytesIO(answer.get_data())

    return urlopen


def test_a_pms_brings_its_guests_in(
    app: Flask, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = make_guest(manager.db, name="A. Perez", email="guest7@x.example")
    waited: list[float] = []
    monkeypatch.setenv("JACK_URL", "http://localhost")
    monkeypatch.setenv("JACK_TOKEN", manager.token)
    monkeypatch.setattr("urllib.request.urlopen", opener(app, [503, 0, 429]))
    monkeypatch.setattr("time.sleep", waited.append)
    space: dict[str, Any] = {}
    exec(program("pms.md"), space)  # noqa: S102 (the page's program)
    guests = [
        {"externalId": f"pms:{n}", "name": f"Guest {n}", "email": f"guest{n}@x.example"}
        for n in range(1_100)
    ]
    guests[1_050]["email"] = "nobody"
    ((failed, error),) = space["sync"](guests)
    assert (failed, error["details"][0]["field"]) == ("pms:1050", "items.50.email")
    assert waited == [7, 5, 7]
    found = succeeded(manager.get("/guests?externalId=pms:7"))
    assert [(one["id"], one["name"]) for one in found] == [(known["id"], "Guest 7")]
    assert manager.get("/guests").json["meta"]["total"] == 1_099
    assert json.dumps(space["sync"](guests[:500])) == "[]"


def test_a_copy_is_kept_by_one_loop(
    app: Flask, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = manager.db
    ids = [make_guest(db)["id"] for _ in range(120)]
    waited: list[float] = []
    monkeypatch.setenv("JACK_URL", "http://localhost")
    monkeypatch.setenv("JACK_TOKEN", manager.token)
    monkeypatch.setattr("urllib.request.urlopen", opener(app, [503, 0, 429]))
    monkeypatch.setattr("time.sleep", waited.append)
    space: dict[str, Any] = {}
    exec(program("sync.md"), space)  # noqa: S102 (the page's program)
    rows: dict[str, Any] = {}
    cursor = space["catch_up"]("guests", rows)
    assert (list(rows), waited) == (ids, [7, 5, 7])
    guests.change(db, ids[3], name="Ana")
    merge.merge(db, ids[4], ids[5])
    erasure.erase(db, ids[6])
    new = make_guest(db)["id"]
    assert space["catch_up"]("guests", rows, cursor) != cursor
    assert set(rows) == {*ids, new} - {ids[5], ids[6]}
    assert rows[ids[3]]["name"] == "Ana"


def test_a_receiver_takes_what_is_signed_and_answers_a_guest_once(
    app: Flask, member: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    receiving, answering = programs("webhooks.md")
    space: dict[str, Any] = {"__name__": "receiver"}
    exec(receiving.replace("whsec_…", secret), space)  # noqa: S102 (the page's program)
    conversation = make_conversation(member.db)["id"]
    event = {"id": "dlv-1", "type": "conversation.message.created", "actor": {"type": "guest"}}
    body = json.dumps(event | {"data": {"conversationId": conversation}})
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "dlv-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("dlv-1", now, body),
    }
    space["app"].testing = True
    client = space["app"].test_client()
    for _ in range(2):
        assert client.post("/jack", data=body, headers=headers).status_code == 204
    assert space["seen"] == {"dlv-1"}
    with pytest.raises(WebhookVerificationError):
        client.post("/jack", data=body + " ", headers=headers)
    monkeypatch.setenv("JACK_URL", "http://localhost")
    monkeypatch.setenv("JACK_TOKEN", member.token)
    monkeypatch.setattr("urllib.request.urlopen", opener(app, []))
    exec(answering, space)  # noqa: S102 (the page's program)
    path = f"/conversations/{conversation}/messages"
    before = member.get(path).json["meta"]["total"]
    for _ in range(2):
        space["answer"](json.loads(body), "Until 10 PM.")
    space["answer"]({"type": "conversation.message.created", "actor": {"type": "staff"}}, "Echo")
    said = succeeded(member.get(path))
    assert (len(said), said[-1]["content"]) == (before + 1, "Until 10 PM.")
