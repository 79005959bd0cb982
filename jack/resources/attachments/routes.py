"""`/attachments`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.db import transaction
from jack.core.errors import Invalid, NotFound
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.context import caller, get_db
from jack.resources.attachments import mime_types, storage, store
from jack.resources.attachments.schemas import Attachment, AttachmentUpload
from jack.resources.conversations import sendability
from jack.resources.conversations import store as conversations

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.http.uploads import Upload
    from jack.resources.attachments.rows import ReadyFile, ShownAttachment

blp = Blueprint(
    "attachments",
    __name__,
    under="/attachments",
    description="Files of messages and tasks",
    scope="conversations",
)


@blp.post("")
@blp.upload(into=storage.FOLDER, limit=storage.LIMIT, form=AttachmentUpload)
@blp.response(201, Attachment, location="/attachments/{id}")
def create_attachment(sent: Upload) -> ShownAttachment:
    """Upload a file to send

    One file of up to 16 MiB: a picture, PDF, office document, text, sound or video. Its type is read from its bytes.
    Named in the `attachmentIds` of a message it is sent with it, in those of a task it belongs to that; one of which neither is done within a day is deleted.
    With `conversationId` a file that its channel does not take is refused at once (WhatsApp: pictures of up to 5 MB, videos as MP4), with a
    `reason` and what to do instead; without it, when it is sent.
    """
    form, db = load(AttachmentUpload(), {"file": sent.name, **sent.fields}), get_db()
    with transaction(db):
        made = store.create(db, sent.draft, name=sent.name, by=caller().id)
        if "conversation_id" in form:
            sendability.check_files(_channel_of(db, form["conversation_id"]), [made], "file")
        return made


def _channel_of(db: Database, conversation_id: str) -> str:
    """The channel of a conversation that a body names. Raises Invalid where there is none."""
    try:
        return conversations.get(db, conversation_id)["channel"]
    except NotFound:
        raise Invalid.field("conversationId", "no_such", "No such conversation.") from None


@blp.get("/<attachment_id>")
@blp.download(mime_types.ANY)
def get_attachment(attachment_id: str) -> ReadyFile:
    """Download a file

    404 with the `reason` `pending` while it is being fetched from the provider, `failed` when that did not succeed.
    """
    return store.get(get_db(), attachment_id)
