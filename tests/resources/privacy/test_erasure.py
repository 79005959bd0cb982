"""Personal data: gone from every file when a guest is erased, and never in the logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core.db import Database
from tests.checks import refused, succeeded
from tests.conftest import Person

# Everything a hotel may come to know of one guest; each word is nowhere else.
NAME = "Zebulonia Quixworth"
EMAIL = "zebulonia.quix@private.example"
PHONE = "+34600987654"
WORDS = {
    "name": NAME,
    "email": EMAIL,
    "phone": "600987654",
    "tag": "xylophonist",
    "notes": "allergic-to-wombats",
    "said": "my-passport-is-QQ771234",
    "answer": "dear-zebby-welcome",
    "note": "she-snores-loudly",
    "subject": "honeymoon-of-zebby",
    "title": "towels-for-zebby",
    "description": "behind-the-red-curtain",
    "task notes": "left-with-her-nephew",
    "room": "suite-99Z",
    "claimed": "zebby.claims@private.example",
    "client id": "zebbys-own-key",
    "old name": "Zebulonia Formerly",
    "old email": "zebulonia.formerly@private.example",
    "external id": "zebulonias-own-id",
    "metadata": "zebulonia-drinks-absinthe",
    "metadata key": "zebulonias-own-field",
    "conversation metadata": "zebulonia-talks-at-night",
    "task metadata": "zebulonia-needs-candles",
    "task id": "work-order-of-zebulonia",
}


def live(admin: Person, client: FlaskClient) -> str:
    """All that can happen with a guest; their id."""
    begun = client.post(
        "/api/v1/webchat/sessions",
        json={"name": WORDS["old name"], "email": WORDS["claimed"]},
        headers={"Idempotency-Key": "a"},
    )
    visitor = {"Authorization": f"Bearer {begun.json['data']['token']}"}
    said = {"content": WORDS["said"], "clientMessageId": WORDS["client id"]}
    sent = visitor | {"Idempotency-Key": "b"}
    succeeded(client.post("/api/v1/webchat/messages", json=said, headers=sent), 201)
    (conversation,) = succeeded(admin.get("/conversations"))
    guest, path = conversation["guestId"], f"/conversations/{conversation['id']}"
    keys = iter(range(100))

    def once(path: str, body: Any) -> Any:
        headers = {"Idempotency-Key": f"key {next(keys)}"}
        return succeeded(admin.post(path, body, headers=headers), 201)

    succeeded(admin.patch(f"/guests/{guest}", {"email": WORDS["old email"], "notes": "x"}))
    profile = {
        "name": NAME,
        "email": EMAIL,
        "phone": PHONE,
        "tags": [WORDS["tag"]],
        "notes": WORDS["notes"],
        "externalIds": {"pms": WORDS["external id"]},
        "metadata": {WORDS["metadata key"]: WORDS["metadata"]},
    }
    succeeded(admin.patch(f"/guests/{guest}", profile))
    once(f"{path}/messages", {"content": WORDS["answer"]})
    once(f"{path}/messages", {"content": WORDS["note"], "type": "note"})
    succeeded(
        admin.patch(
            path, {"subject": WORDS["subject"], "metadata": {"k": WORDS["conversation metadata"]}}
        )
    )
    task = {
        "title": WORDS["title"],
        "description": WORDS["description"],
        "notes": WORDS["task notes"],
        "room": WORDS["room"],
        "metadata": {"k": WORDS["task metadata"]},
        "department": "housekeeping",
    }
    once("/tasks", task | {"guestId": guest, "externalId": WORDS["task id"]})
    once("/tasks", task | {"conversationId": conversation["id"]})
    later = once("/tasks", task)
    succeeded(admin.patch(f"/tasks/{later['id']}", {"guestId": guest}))
    once("/conversations", {"guestId": guest, "channel": "web", "content": WORDS["answer"]})
    succeeded(client.get("/api/v1/webchat/messages", headers=visitor))
    return str(guest)


def left(folder: Path) -> set[str]:
    """The words that are in any file of the instance."""
    found = set()
    for path in folder.rglob("*"):
        held = path.read_bytes().lower() if path.is_file() else b""
        found |= {name for name, word in WORDS.items() if word.lower().encode() in held}
    return found


@pytest.fixture
def folder(app: Flask) -> Path:
    found: Path = app.extensions["jack"].config.instance
    return found


def test_before_they_are_erased_a_guests_data_are_there_to_be_found(
    admin: Person, client: FlaskClient, folder: Path
) -> None:
    """Or else the test below would find nothing for another reason."""
    live(admin, client)
    assert left(folder) >= set(WORDS) - {"old name", "old email", "client id"}


def test_an_erased_guest_is_in_no_file_of_the_instance(
    admin: Person, client: FlaskClient, folder: Path
) -> None:
    guest = live(admin, client)
    succeeded(admin.delete(f"/guests/{guest}"))
    assert left(folder) == set()


def test_with_if_match_as_well(admin: Person, client: FlaskClient, folder: Path) -> None:
    guest = live(admin, client)
    tag = admin.get(f"/guests/{guest}").headers["ETag"]
    succeeded(admin.delete(f"/guests/{guest}", headers={"If-Match": tag}))
    assert left(folder) == set()


def test_the_search_indexes_have_no_word_of_an_erased_guest(
    admin: Person, client: FlaskClient, app_db: Database
) -> None:
    guest = live(admin, client)
    succeeded(admin.delete(f"/guests/{guest}"))
    for index in ("guest_search", "guest_grams", "subject_search"):
        app_db.run(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {index}, row)")
        assert app_db.all("SELECT term FROM temp.words") == [], index
        app_db.run("DROP TABLE temp.words")
    app_db.run("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, message_search, row)")
    assert app_db.all("SELECT term FROM temp.words") == [{"term": "erased"}]


def test_another_guests_data_stay(admin: Person, client: FlaskClient) -> None:
    other = succeeded(admin.post("/guests", {"name": "Xaver", "notes": "tall"}), 201)
    task = {"title": "A bed for Xaver", "department": "housekeeping", "guestId": other["id"]}
    made = succeeded(admin.post("/tasks", task), 201)
    succeeded(admin.delete(f"/guests/{live(admin, client)}"))
    assert succeeded(admin.get(f"/guests/{other['id']}")) == other
    assert succeeded(admin.get(f"/tasks/{made['id']}")) == made
    assert [row["id"] for row in succeeded(admin.get("/guests?search=xaver"))] == [other["id"]]


# ------------------------------------------------------------------------------------------------ logs


def test_nothing_of_a_guest_is_ever_logged(
    admin: Person,
    client: FlaskClient,
    worker: Callable[[], bool],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    guest = live(admin, client)
    worker()
    for search in (NAME, EMAIL, PHONE):
        succeeded(admin.get("/guests", query_string={"search": search}))
        succeeded(admin.get("/conversations", query_string={"search": search}))
    refused(admin.post("/guests", {"name": NAME, "email": EMAIL, "phone": "call me"}), 400)
    refused(admin.post("/guests", {"name": NAME, "email": EMAIL}), 409)
    login = {"email": EMAIL, "password": NAME}
    refused(client.post("/api/v1/auth/login", json=login), 401)
    refused(client.get("/api/v1/guests", headers={"Authorization": f"Bearer {EMAIL}"}), 401)
    monkeypatch.setattr(
        "jack.resources.guests.profile._said",
        lambda _, rows: rows[0]["nothing of " + rows[0]["name"]],
    )
    refused(admin.get(f"/guests/{guest}"), 500)
    refused(admin.get("/guests", query_string={"search": NAME}), 500)
    assert "KeyError" in caplog.text
    for name, word in WORDS.items():
        assert word.lower() not in caplog.text.lower(), name


def test_no_password_or_token_is_ever_logged(
    admin: Person, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = succeeded(admin.post("/staff", {"name": "Jane", "email": "jane@x.example"}), 201)
    accept = {"token": made["invite"]["token"], "password": "correct horse battery"}
    answer = succeeded(client.post("/api/v1/auth/accept-invite", json=accept))
    login = {"email": "jane@x.example", "password": "correct horse battery"}
    succeeded(client.post("/api/v1/auth/login", json=login))
    refused(client.post("/api/v1/auth/login", json=login | {"password": "wrong horse"}), 401)
    secrets = (made["invite"]["token"], answer["token"], admin.token, "horse")
    assert [secret for secret in secrets if secret in caplog.text] == []
