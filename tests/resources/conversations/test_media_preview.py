"""The list says in words what files the last message brought, also when they come later."""

from __future__ import annotations

from jack.channels.types import Account, Address, Edit, Fetched, InboundMessage, Media
from jack.core.db import Database
from jack.messaging import inbound
from jack.resources.attachments import media_download
from jack.resources.conversations import media_preview
from tests.checks import succeeded
from tests.conftest import Person
from tests.resources.attachments.samples import PDF, PNG
from tests.resources.attachments.sounds import voice_note
from tests.resources.attachments.test_upload import upload

ACCOUNT = Account("whatsapp", "whatsapp:1", {})
ANA = (Address("+525512345678", "5215512345678"),)


def arrives(
    db: Database, *media: Media, text: str = "", key: str = "wamid.1", **more: object
) -> None:
    event = InboundMessage(key, ANA, text, db.now(), media=media, **more)
    inbound.store_events(db, ACCOUNT, [event])


def fetched(db: Database, content: bytes) -> None:
    for row in media_download.claim_due(db):
        media_download.fetch_one(
            db, row, lambda *_: Fetched(content), lambda id: media_preview.update(db, id)
        )


def shown(who: Person) -> tuple[str | None, dict[str, object] | None]:
    (row,) = succeeded(who.get("/conversations"))
    return row["preview"], row["previewMedia"]


def test_a_voice_note_says_how_long_it_is_once_it_is_here(member: Person) -> None:
    note = Media(mime="audio/ogg; codecs=opus", source="1")
    arrives(member.db, note, type="file", details={"voice": True})
    assert shown(member)[0] == "Voice note"
    before = succeeded(member.get("/conversations"))[0]["updatedAt"]
    fetched(member.db, voice_note(12.2))
    words, media = shown(member)
    assert words == "Voice note, 0:12"
    assert media == {"kind": "voice", "count": 1, "seconds": 12.2, "name": None, "caption": None}
    assert succeeded(member.get("/conversations"))[0]["updatedAt"] >= before
    file = succeeded(member.get(f"/conversations/{row_id(member)}/messages"))[0]["attachments"][0]
    assert (file["mime"], file["duration"]) == ("audio/ogg; codecs=opus", 12.2)


def row_id(who: Person) -> str:
    return str(succeeded(who.get("/conversations"))[0]["id"])


def test_pictures_and_files_are_told_in_words(member: Person) -> None:
    arrives(member.db, Media(content=PNG), text="our room", type="image")
    assert shown(member)[0] == "Photo: our room"
    arrives(member.db, Media(content=PNG), Media(content=PNG), key="wamid.2", type="image")
    assert shown(member)[0] == "2 photos"
    arrives(member.db, Media(name="pass.pdf", content=PDF), key="wamid.3", type="file")
    assert shown(member)[0] == "File, pass.pdf"
    arrives(member.db, Media(content=PNG), Media(content=PDF), key="wamid.4", type="file")
    assert shown(member)[0] == "2 files"
    arrives(member.db, text="Gracias", key="wamid.5")
    assert shown(member) == ("Gracias", None)


def test_what_the_hotel_sends_is_told_as_well(member: Person) -> None:
    arrives(member.db, text="Hola")
    member.db.run("UPDATE conversations SET channel = 'web'")
    file = succeeded(upload(member, PDF, "menu.pdf"), 201)["id"]
    body = {"content": "Our menu", "attachmentIds": [file]}
    succeeded(member.post(f"/conversations/{row_id(member)}/messages", body), 201)
    assert shown(member)[0] == "File, menu.pdf: Our menu"


def test_a_file_that_is_taken_back_is_not_told_of(member: Person) -> None:
    arrives(member.db, Media(content=PNG), type="image")
    inbound.store_events(member.db, ACCOUNT, [Edit("wamid.e", "wamid.1", None, member.db.now())])
    assert shown(member) == ("[deleted by the guest]", None)


def test_an_older_message_changes_no_preview(db: Database) -> None:
    arrives(db, Media(mime="audio/ogg", source="1"), type="file")
    arrives(db, text="Hola", key="wamid.2")
    db.run("UPDATE conversations SET last_message_at = '2100-01-01T00:00:00.000Z'")
    fetched(db, voice_note(3))
    assert db.value("SELECT preview_media FROM conversations") is None
