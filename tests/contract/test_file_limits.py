"""Files that a channel does not take are refused before they are sent, when they are uploaded for it or named, with a way out."""

from __future__ import annotations

from typing import Any

import pytest

from jack.channels import file_limits
from jack.channels.types import Account, Address, InboundMessage
from jack.messaging import inbound
from tests.builders import make_conversation
from tests.checks import named, refused, succeeded
from tests.conftest import Person
from tests.resources.attachments.samples import JPEG, PDF
from tests.resources.attachments.sounds import HEIC, voice_note
from tests.resources.attachments.test_upload import EDGE, part, send

MIB = 1024 * 1024
MOV = b"\0\0\0\x14ftypqt  " + bytes(30)
VORBIS = voice_note(1).replace(b"OpusHead", b"\x01vorbis\0")
TWILIO = {"accountSid": "AC" + "1" * 32, "authToken": "secret", "from": "+15550100100"}
META = {
    "provider": "meta",
    "phoneNumberId": "1",
    "accessToken": "t",
    "appSecret": "s",
    "verifyToken": "v",
}


def padded(content: bytes, size: int) -> bytes:
    return content + bytes(size - len(content))


REFUSED = [
    ("whatsapp", padded(JPEG, 5 * MIB + 1), "photo.jpg", "whatsapp_picture_size", "PDF"),
    ("whatsapp", MOV, "film.mov", "whatsapp_video_form", "MP4"),
    ("whatsapp", VORBIS, "song.ogg", "whatsapp_sound_form", "MP3"),
    ("sms", padded(JPEG, 5 * MIB + 1), "photo.jpg", "sms_picture_size", "smaller"),
    ("sms", padded(PDF, 501 * 1024), "menu.pdf", "sms_file_size", "link"),
]
TAKEN = [
    ("whatsapp", padded(JPEG, 5 * MIB), "photo.jpg"),
    ("whatsapp", padded(PDF, 6 * MIB), "menu.pdf"),
    ("whatsapp", voice_note(2), "voice.ogg"),
    ("whatsapp", HEIC, "door.heic"),
    ("sms", padded(PDF, 500 * 1024), "menu.pdf"),
    ("web", padded(JPEG, 6 * MIB), "photo.jpg"),
    ("web", MOV, "film.mov"),
]


@pytest.fixture
def talk(admin: Person, member: Person) -> Any:
    """A conversation on a channel, whose guest has just written."""
    settings = {"whatsapp": META, "sms": TWILIO, "web": {}}

    def begin(channel: str) -> str:
        value = {"enabled": True, **settings[channel]}
        succeeded(admin.put(f"/settings/channels.{channel}", {"value": value}))
        if channel == "web":
            return str(make_conversation(member.db)["id"])
        people = (Address("+525512345678", "+525512345678"),)
        event = InboundMessage("1", people, "Hola", member.db.now())
        inbound.store_events(member.db, Account(channel, f"{channel}:1", {}), [event])
        return str(member.db.value("SELECT id FROM conversations"))

    return begin


def upload(who: Person, content: bytes, name: str, **fields: str) -> Any:
    whole = b"".join(field(key, value) for key, value in fields.items()) + part(content, name=name)
    return send(who, whole + f"--{EDGE}--\r\n".encode())


def field(name: str, value: str) -> bytes:
    """A part of a form that is no file."""
    return f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


@pytest.mark.parametrize(("channel", "content", "name", "reason", "way_out"), REFUSED)
def test_a_file_that_a_channel_does_not_take_is_refused_with_a_way_out(
    channel: str, content: bytes, name: str, reason: str, way_out: str, talk: Any, member: Person
) -> None:
    conversation = talk(channel)
    early = refused(upload(member, content, name, conversationId=conversation), 400)
    assert (named(early), early["reason"]) == ({"file"}, reason)
    assert way_out in early["message"]
    assert member.db.value("SELECT count(*) FROM attachments") == 0
    file = succeeded(upload(member, content, name), 201)["id"]
    path = f"/conversations/{conversation}/messages"
    late = refused(member.post(path, {"attachmentIds": [file]}), 400)
    assert (named(late), late["reason"]) == ({"attachmentIds.0"}, reason)
    assert member.db.value("SELECT count(*) FROM outbox") == 0


@pytest.mark.parametrize(("channel", "content", "name"), TAKEN)
def test_what_a_channel_takes_is_sent(
    channel: str, content: bytes, name: str, talk: Any, member: Person
) -> None:
    conversation = talk(channel)
    file = succeeded(upload(member, content, name, conversationId=conversation), 201)["id"]
    path = f"/conversations/{conversation}/messages"
    succeeded(member.post(path, {"attachmentIds": [file]}), 201)


def test_a_file_for_a_conversation_that_there_is_not_is_refused(member: Person) -> None:
    answer = upload(member, JPEG, "photo.jpg", conversationId="conv-none")
    assert named(refused(answer, 400)) == {"conversationId"}


def test_what_is_larger_than_jack_takes_has_a_rule_all_the_same() -> None:
    video = file_limits.refusal("whatsapp", "video/mp4", 16 * MIB + 1)
    document = file_limits.refusal("whatsapp", "application/pdf", 100 * MIB + 1)
    assert (video, document) == (file_limits.PLAYED_SIZE, file_limits.DOCUMENT_SIZE)
