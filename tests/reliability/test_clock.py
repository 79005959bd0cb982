"""The clock is set back by 20 seconds: nobody is signed out, no budget is given away, nothing leaves twice."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from jack import create_app
from jack.channels.results import Accepted
from jack.core.db import Database
from jack.core.migrations import migrate
from jack.messaging import outbox
from jack.resources.conversations import messages
from tests.builders import make_conversation, make_member
from tests.reliability.server import ADMIN, NO_LIMITS

BACK = 20.0


class Wall:
    """The clock on the wall, which can be wrong by some seconds."""

    def __init__(self) -> None:
        self.wrong_by = 0.0

    def __call__(self) -> float:
        return REAL() + self.wrong_by


REAL = time.time


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Everybody who asks for the time in this process is told by this clock."""
    found = Wall()

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return cls.fromtimestamp(found(), tz)

    monkeypatch.setattr("flask_jwt_extended.tokens.datetime", Shifted)
    monkeypatch.setattr("jwt.api_jwt.datetime", Shifted)
    monkeypatch.setattr(time, "time", found)
    return found


def opened(folder: Path, wall: Wall, **settings: str) -> Flask:
    return create_app(
        {
            **NO_LIMITS,
            "JACK_INSTANCE": str(folder / "instance"),
            "JACK_ADMIN_EMAIL": ADMIN["email"],
            "JACK_ADMIN_PASSWORD": ADMIN["password"],
            **settings,
        },
        clock=wall,
    )


@pytest.fixture
def closing() -> Iterator[list[Flask]]:
    apps: list[Flask] = []
    yield apps
    for app in apps:
        app.extensions["jack"].databases.close()


def token(app: Flask) -> dict[str, str]:
    answer = app.test_client().post("/api/v1/auth/login", json=ADMIN)
    assert answer.status_code == 200, answer.json
    return {"Authorization": f"Bearer {answer.json['data']['token']}"}


def test_a_fresh_token_is_accepted_by_a_process_that_never_saw_it(
    folder: Path, wall: Wall, closing: list[Flask]
) -> None:
    first = opened(folder, wall)
    fresh = token(first)
    wall.wrong_by = -BACK
    other = opened(folder, wall)  # forgets whatever was verified
    closing.extend([first, other])
    assert other.test_client().get("/api/v1/auth/me", headers=fresh).status_code == 200
    # The other way round it is the clock that was wrong before.
    wall.wrong_by = BACK
    ahead = token(other)
    wall.wrong_by = 0
    again = opened(folder, wall)
    closing.append(again)
    assert again.test_client().get("/api/v1/auth/me", headers=ahead).status_code == 200


def test_a_token_from_far_ahead_is_not(folder: Path, wall: Wall, closing: list[Flask]) -> None:
    """The leeway is seconds, not minutes: the test above could not fail otherwise."""
    app = opened(folder, wall)
    wall.wrong_by = 600.0
    ahead = token(app)
    wall.wrong_by = 0
    other = opened(folder, wall)
    closing.extend([app, other])
    assert other.test_client().get("/api/v1/auth/me", headers=ahead).status_code == 401


@pytest.mark.parametrize("window", ["minute", "day"])
def test_a_spent_budget_stays_spent(
    folder: Path, wall: Wall, closing: list[Flask], window: str
) -> None:
    app = opened(folder, wall, JACK_RATE_LIMIT=f"5/{window}")
    closing.append(app)
    headers, client = token(app), app.test_client()
    spent = [client.get("/api/v1/guests", headers=headers).status_code for _ in range(6)]
    assert spent == [200] * 5 + [429]
    wall.wrong_by = -BACK
    refused = client.get("/api/v1/guests", headers=headers)
    assert refused.status_code == 429
    longest = {"minute": 60, "day": 86_400}[window] + BACK + 1
    assert 0 < int(refused.headers["Retry-After"]) <= longest
    wall.wrong_by = longest
    assert client.get("/api/v1/guests", headers=headers).status_code in (200, 401)


def queued(db: Database) -> str:
    author, conversation = make_member(db), make_conversation(db)
    return str(messages.send(db, conversation["id"], content="Buenas", by=author["id"])["id"])


def test_a_lease_that_was_taken_before_is_neither_lost_nor_taken_again(
    folder: Path, wall: Wall
) -> None:
    db = Database(folder / "jack.db", time=wall)
    migrate(db)
    id = queued(db)
    (mine,) = outbox.claim(db, "me", "web")
    wall.wrong_by = -BACK
    assert outbox.expire(db, ["web"]) == 0
    assert outbox.claim(db, "another", "web") == []
    assert outbox.record_result(db, mine, "me", Accepted())
    assert messages.get(db, id)["status"] == "sent"
    db.close()


def test_what_was_queued_before_leaves_when_its_time_comes(folder: Path, wall: Wall) -> None:
    db = Database(folder / "jack.db", time=wall)
    migrate(db)
    queued(db)
    wall.wrong_by = -BACK
    fresh = queued(db)
    (first,) = outbox.claim(db, "me", "web", limit=5)
    assert first["message_id"] == fresh
    wall.wrong_by = 1.0
    assert len(outbox.claim(db, "me", "web", limit=5)) == 1
    db.close()


def test_who_has_just_been_seen_is_not_written_down_at_every_request(
    folder: Path, wall: Wall, closing: list[Flask]
) -> None:
    app = opened(folder, wall)
    closing.append(app)
    headers, client = token(app), app.test_client()
    db = app.extensions["jack"].databases.get()
    wall.wrong_by = -BACK
    before = db.value("SELECT last_seen_at FROM staff")
    for _ in range(3):
        assert client.get("/api/v1/guests", headers=headers).status_code == 200
    assert db.value("SELECT last_seen_at FROM staff") == before
