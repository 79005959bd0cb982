"""What files the last message of a conversation brought, for lists: in words ("Voice note, 0:12") and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

import orjson

from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.resources.attachments import store as attachments
from jack.resources.conversations import arrival

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.query import AnyRow

Kind = Literal["photo", "voice", "audio", "video", "file"]
OPUS = ("audio/ogg", "audio/ogg; codecs=opus")  # what telephones record, and hardly anything else
LONGEST_NAME = 80
WORDS: dict[Kind, str] = {
    "photo": "Photo",
    "voice": "Voice note",
    "audio": "Audio",
    "video": "Video",
    "file": "File",
}
SEVERAL: dict[Kind, str] = {
    "photo": "{} photos",
    "voice": "{} voice notes",
    "audio": "{} audio files",
    "video": "{} videos",
    "file": "{} files",
}


class Media(TypedDict):
    """Files of a message: `seconds` is the length of a single sound or video, `name` that of a single other file."""

    kind: Kind
    count: int
    seconds: float | None
    name: str | None


class MessageRow(TypedDict):
    """The message whose files are looked at; `details` is JSON text."""

    message_id: str
    id: str  # of the conversation
    ordered_at: str
    voice: int | None


MESSAGE = Query[
    MessageRow
]("""
    SELECT id AS message_id, conversation_id AS id, ordered_at, details ->> 'voice' AS voice FROM messages WHERE id = :id""")

SET = f"""
    UPDATE conversations SET preview_media = :media, updated_at = :now
    WHERE id = :id AND preview_media IS NOT :media AND {arrival.IS_LAST}"""


def update(db: Database, message_id: str) -> None:
    """Note what files a message has in its conversation, as long as that shows this message."""
    with transaction(db):
        message = db.one(MESSAGE, {"id": message_id})
        if message is not None:
            files = attachments.of_messages(db, [message_id])[message_id]
            db.run(
                SET, {**message, "media": stored(files, bool(message["voice"])), "now": db.now()}
            )


def stored(files: Sequence[AnyRow], voice: bool = False) -> str | None:
    """What is stored of these files: JSON text, None without files. `voice`: a sound is said to be a voice note."""
    found = _media(files, voice)
    return as_json(found) if found else None


def read(text: str | None) -> Media | None:
    """What has been stored."""
    found: Media | None = orjson.loads(text) if text else None
    return found


def in_words(media: Media | None, caption: str | None) -> str | None:
    """The preview of a message with files and a text; of one without files its text."""
    if media is None:
        return caption
    kind, count = media["kind"], media["count"]
    words = WORDS[kind] if count == 1 else SEVERAL[kind].format(count)
    if media["seconds"] is not None:
        minutes, seconds = divmod(round(media["seconds"]), 60)
        words += f", {minutes}:{seconds:02}"
    if media["name"]:
        words += f", {media['name']}"
    return f"{words}: {caption}" if caption else words


def _media(files: Sequence[AnyRow], voice: bool) -> Media | None:
    if not files:
        return None
    kinds = {_kind(str(file["mime"]), voice) for file in files}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "file"
    one = files[0] if len(files) == 1 else None
    length = one["duration"] if one and kind in ("voice", "audio", "video") else None
    name = str(one["name"])[:LONGEST_NAME] if one and kind == "file" else None
    seconds = length if isinstance(length, float) else None
    return Media(kind=kind, count=len(files), seconds=seconds, name=name)


def _kind(mime: str, voice: bool) -> Kind:
    main = mime.partition("/")[0]
    if main == "image":
        return "photo"
    if main == "audio":
        return "voice" if voice or mime in OPUS else "audio"
    return "video" if main == "video" else "file"
