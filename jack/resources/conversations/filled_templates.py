"""A message that is one of the hotel's own templates, filled in for the guest of its conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.core.errors import Invalid, NotFound
from jack.resources.conversations import message_templates, sendability, store
from jack.resources.templates import filling
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow
    from jack.resources.templates.filling import Subject
    from jack.resources.templates.store import Approved, TemplateRow


def said(
    db: Database, conversation_id: str, new: Mapping[str, object], *, by: str
) -> dict[str, Any]:
    """What is to be sent, for `messages.send`: with the `template_id`, if it has one, filled in by what is known now.

    Where WhatsApp takes no free text the template's approved one goes. Raises Invalid, naming it, for what has no value, for a
    template that there is not, and for one that is not for the channel.
    """
    wanted = dict(new)
    template_id, language = wanted.pop("template_id", None), wanted.pop("language", None)
    if template_id is None:
        return wanted
    conversation = store.get(db, conversation_id)
    template = _template(db, str(template_id), conversation["channel"])
    guest_id = conversation["guest_id"]
    if guest_id is None:
        return {**wanted, "content": template["name"]}  # who sends it is told that nobody is there
    subject = filling.of_guest(db, guest_id, by=by)
    spoken = None if language is None else str(language)
    approved = template["whatsapp_template"]
    if approved is not None and _is_closed(db, conversation, wanted.get("send_at")):
        files = wanted.get("attachment_ids")
        sent = _approved(db, approved, subject, spoken, files if isinstance(files, list) else [])
        return {**wanted, "type": "template", "template": sent}
    return {**wanted, "content": filling.to_send(db, template, subject, spoken)}


def _template(db: Database, template_id: str, channel: str) -> TemplateRow:
    """The template. Raises Invalid where there is none, and for one that is not for the channel."""
    try:
        found = templates.get(db, template_id)
    except NotFound:
        raise Invalid.field("templateId", "no_such", "No template has this id.") from None
    if channel not in found["channels"]:
        message = f"This template is not for {channel}, but for {', '.join(found['channels'])}."
        raise Invalid.field("templateId", "invalid", message)
    return found


def _is_closed(db: Database, conversation: ConversationRow, send_at: object) -> bool:
    """Whether only what WhatsApp has approved may be sent when the message leaves: now, or at `send_at`."""
    at = None if send_at is None else str(send_at)
    guest_id, channel = conversation["guest_id"], conversation["channel"]
    found = sendability.blocker(db, guest_id, channel, "text", at=at)
    return found is not None and found.reason == "window_closed"


def _approved(
    db: Database, approved: Approved, subject: Subject, language: str | None, files: list[str]
) -> dict[str, object]:
    """The approved template as a message has it. Raises Invalid for one that cannot be sent so, with what Meta wants."""
    if len(files) > 1:
        message = "Where the 24 hours are over, the one file of the template's header and no other."
        raise Invalid.field("attachmentIds", "too_many", message)
    sent = filling.approved_to_send(db, approved, subject, language)
    sent = message_templates.with_file(db, sent) if files else sent
    try:
        message_templates.checked(db, sent, has_file=bool(files))
    except Invalid as error:
        raise Invalid.field("templateId", "invalid", error.message) from None
    return sent
