"""Files go to those whose they are, as downloads: to staff, to their own visitor, and by link to a provider."""

from __future__ import annotations

import io
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.channels.types import Media
from jack.core.db import Database
from jack.http.downloads import disposition
from jack.resources.attachments import storage, store
from jack.resources.attachments.signed_links import signed
from jack.resources.conversations import messages
from jack.resources.webchat import store as webchat
from tests.builders import make_guest, make_visitor
from tests.checks import check_headers, refused, succeeded
from tests.conftest import Person
from tests.resources.attachments.samples import PAGE, PDF, PNG


class Visitor:
    """A web visitor who has sent a file."""

    def __init__(self, app: Flask, db: Database, content: bytes = PNG) -> None:
        self._client = app.test_client()
        session, self.token = make_visitor(db)
        said, _ = webchat.receive(db, session, content="Hola", client_message_id="1")
        self.message, self.conversation = said["id"], said["conversation_id"]
        self.file = give(db, self.message, content)

    def get(self, path: str) -> object:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self._client.get(f"/api/v1/webchat{path}", headers=headers, buffered=True)


def give(db: Database, message_id: str, content: bytes, name: str = "view.png") -> str:
    """A message's file; its id."""
    store.create_received(db, message_id, "web:1", [Media(name=name, content=content)])
    return str(store.of_messages(db, [message_id])[message_id][-1]["id"])


@pytest.fixture
def vera(app: Flask, app_db: Database) -> Visitor:
    return Visitor(app, app_db)


# ------------------------------------------------------------------------------------------------ staff


@pytest.mark.parametrize("content", [PNG, PAGE, b"GIF89a/*" + PAGE, PDF])
def test_a_file_is_saved_and_never_shown(content: bytes, app: Flask, member: Person) -> None:
    vera = Visitor(app, member.db, content)
    answer = member.get(f"/attachments/{vera.file}")
    check_headers(answer)
    assert answer.data == content
    assert answer.headers["Content-Type"] in ("image/png", "image/gif", "application/pdf", "application/octet-stream")  # fmt: skip
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert int(answer.headers["Content-Length"]) == len(content)


def test_a_file_is_read_again_only_when_it_is_another(member: Person, vera: Visitor) -> None:
    path = f"/attachments/{vera.file}"
    tag = member.get(path).headers["ETag"]
    same = member.get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert member.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    head = member.open(path, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(PNG)


def test_what_is_not_here_says_why(member: Person, vera: Visitor, app: Flask) -> None:
    store.create_received(member.db, vera.message, "whatsapp:1", [Media(source="1"), Media()])
    rows = store.of_messages(member.db, [vera.message])[vera.message]
    for row in rows[1:]:
        refused(member.get(f"/attachments/{row['id']}"), 404, reason=row["status"])
    for path in storage.folder(member.db).rglob("*"):
        if path.is_file():
            path.unlink()
    for method in ("GET", "HEAD"):
        assert member.open(f"/attachments/{vera.file}", method=method).status_code == 404


def test_a_message_tells_of_its_files(member: Person, vera: Visitor) -> None:
    (message,) = succeeded(member.get(f"/conversations/{vera.conversation}/messages"))
    assert message["attachments"] == [
        {
            "id": vera.file,
            "name": "view.png",
            "mime": "image/png",
            "size": len(PNG),
            "url": f"/api/v1/attachments/{vera.file}",
            "previewUrl": None,
            "duration": None,
            "status": "ready",
            "error": None,
        }
    ]


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("view.png", "view.png", None),
        ("Café.png", "Cafe.png", "Café.png"),
        ("שלום.png", ".png", "שלום.png"),
        ("😀", "file", "😀"),
        ('a"b\\c.png', "a_b_c.png", 'a"b\\c.png'),
        ("50%.png", "50_.png", "50%.png"),
        ("a;b='c'.png", "a;b='c'.png", None),
        ("a\r\nX: y.png", "a__X: y.png", "a\r\nX: y.png"),
    ],
)
def test_a_name_survives_the_header(name: str, plain: str, whole: str | None) -> None:
    first, _, star = disposition(name).partition("; filename*=UTF-8''")
    assert first == f'attachment; filename="{plain}"'
    assert (unquote(star) or None) == whole
    assert not set(disposition(name)) & set("\r\n")
    assert disposition(name).isascii()


# ------------------------------------------------------------------------------------------------ visitors


def test_a_visitor_has_the_files_of_their_own_chat(vera: Visitor) -> None:
    (message,) = succeeded(vera.get("/messages"))
    (file,) = message["attachments"]
    assert file.keys() == {"id", "name", "mime", "size", "url", "status"}
    answer = vera.get(file["url"].removeprefix("/api/v1/webchat"))
    check_headers(answer)
    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_visitor_has_nobody_elses(app: Flask, vera: Visitor, member: Person) -> None:
    other = Visitor(app, member.db)
    refused(vera.get(f"/attachments/{other.file}"), 404)
    note = messages.note(member.db, vera.conversation, "She snores", by=member.id)
    refused(vera.get(f"/attachments/{give(member.db, note['id'], PNG)}"), 404)
    guest = member.db.value(
        "SELECT guest_id FROM conversations WHERE id = :id", {"id": vera.conversation}
    )
    mail = member.db.new_id("conv")
    member.db.run(
        "INSERT INTO conversations (id, guest_id, channel, active_at, created_at, updated_at)"
        " VALUES (:id, :guest, 'email', '', '', '')",
        {"id": mail, "guest": guest},
    )
    mailed = messages.note(member.db, mail, "x")
    member.db.run("UPDATE messages SET type = 'text', status = 'sent' WHERE id = :id", mailed)
    refused(vera.get(f"/attachments/{give(member.db, mailed['id'], PNG)}"), 404)


def test_an_upload_nobody_has_sent_is_no_visitors(member: Person, vera: Visitor) -> None:
    data = {"file": (io.BytesIO(PNG), "a.png")}
    made = member.open("/attachments", method="POST", data=data, content_type="multipart/form-data")
    refused(vera.get(f"/attachments/{made.json['data']['id']}"), 404)


# ------------------------------------------------------------------------------------------------ links


def test_a_link_is_answered_until_it_ends(app: Flask, client: FlaskClient, vera: Visitor) -> None:
    secret = app.extensions["jack"].secret
    answer = client.get(signed(secret, vera.file, int(time.time()) + 60), buffered=True)
    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert len(answer.headers.getlist("X-Content-Type-Options")) == 1
    good = signed(secret, vera.file, int(time.time()) + 60)
    for path in (
        signed(secret, vera.file, int(time.time()) - 1),
        signed("x" * 64, vera.file, int(time.time()) + 60),
        good.replace(vera.file, "file-none"),
        good.replace("expires=", "expires=1"),
        good[:-1],
        f"/files/{vera.file}",
        f"/files/{vera.file}?expires=&signature=%ff",
        good.replace("expires=", "expires=٣"),
    ):
        found = client.get(path, buffered=True)
        assert (found.status_code, found.mimetype) == (404, "text/html"), path


def test_a_guest_who_was_erased_has_no_file(
    app: Flask, admin: Person, vera: Visitor, client: FlaskClient
) -> None:
    secret = app.extensions["jack"].secret
    folder = storage.folder(admin.db)
    other = Visitor(app, admin.db, PDF)
    guest = succeeded(admin.get(f"/conversations/{vera.conversation}"))["guestId"]
    tag = admin.get(f"/guests/{guest}").headers["ETag"]
    link = signed(secret, vera.file, int(time.time()) + 60)
    succeeded(admin.delete(f"/guests/{guest}", headers={"If-Match": tag}))
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in left] == [PDF]
    refused(admin.get(f"/attachments/{vera.file}"), 404)
    assert client.get(link).status_code == 404
    assert admin.get(f"/attachments/{other.file}").data == PDF


def test_an_erasure_that_fails_keeps_the_files(
    admin: Person, vera: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = succeeded(admin.get(f"/conversations/{vera.conversation}"))["guestId"]

    def fail(*_: object, **__: object) -> None:
        raise OSError("out of luck")

    monkeypatch.setattr("jack.resources.privacy.erasure.events.record", fail)
    assert admin.delete(f"/guests/{guest}").status_code == 500
    monkeypatch.undo()
    assert admin.get(f"/attachments/{vera.file}").data == PNG


def test_a_file_that_cannot_be_deleted_does_not_stop_an_erasure(
    admin: Person, vera: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = succeeded(admin.get(f"/conversations/{vera.conversation}"))["guestId"]

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    succeeded(admin.delete(f"/guests/{guest}"))
    refused(admin.get(f"/attachments/{vera.file}"), 404)


def test_a_guest_without_files_is_erased_as_ever(admin: Person) -> None:
    succeeded(admin.delete(f"/guests/{make_guest(admin.db)['id']}"))
