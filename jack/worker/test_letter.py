"""The letter with which somebody on the staff tries out e-mail: as guests get them, to their own address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels.types import OutboundMessage, Thread
from jack.core import translations
from jack.messaging import mail_additions
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from jack.channels.types import Account
    from jack.core.db import Database


def to(db: Database, staff_id: str, account: Account) -> OutboundMessage:
    """The letter to a member of staff, in the hotel's language.

    It is not marked as automatic: such mail leaves without a return path, and what is said of SPF would not be what guests' mail
    servers say.
    """
    hotel, member = settings.value(db, "hotel"), staff.get(db, staff_id)
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])]["testLetter"]
    signatures = account.settings.get("signatures") or {}
    letter_id = db.new_id("letter")
    return OutboundMessage(
        id=letter_id,
        key=letter_id,
        guest_id=None,
        conversation_id="",
        to=member["email"],
        text=texts["text"].format(name=member["name"], hotel=hotel["name"]),
        signature=mail_additions.chosen(signatures, hotel["language"]),
        thread=Thread(subject=texts["subject"].format(hotel=hotel["name"])),
    )
