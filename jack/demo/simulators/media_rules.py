"""What files WhatsApp and Twilio take, as they document it."""

from __future__ import annotations

from dataclasses import dataclass

KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Rule:
    """Types (a main type with `/*` for all of it; None: any) and how many bytes one may have."""

    types: frozenset[str] | None
    most: int

    def allows(self, mime: str, content: bytes) -> bool:
        """Whether a file of this type is taken, whatever its size. Sound in Ogg is taken with the codec Opus only."""
        bare = mime.partition(";")[0].strip().lower()
        if bare == "audio/ogg" and b"OpusHead" not in content[:4096]:
            return False
        wanted = self.types
        return wanted is None or bool({bare, bare.partition("/")[0] + "/*"} & wanted)


# https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media, by the type of the message.
META = {
    "image": Rule(frozenset({"image/jpeg", "image/png"}), 5 * MB),
    "audio": Rule(
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}), 16 * MB
    ),
    "video": Rule(frozenset({"video/mp4", "video/3gpp"}), 16 * MB),
    "sticker": Rule(frozenset({"image/webp"}), 500 * KB),
    "document": Rule(None, 100 * MB),
}

# https://www.twilio.com/docs/messaging/guides/accepted-mime-types: pictures of these types may be large.
MMS_PICTURES = Rule(frozenset({"image/jpeg", "image/png", "image/gif"}), 5 * MB)
MMS = Rule(
    frozenset(
        {"audio/*", "video/*", "image/*", "application/pdf", "application/vcard"}
        | {"text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/calendar", "text/plain"}
    ),
    500 * KB,
)
# https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
OFFICE = "application/vnd.openxmlformats-officedocument"
TWILIO_WHATSAPP = Rule(
    frozenset(
        {"image/jpeg", "image/png", "image/webp", "video/mp4", "application/pdf", "text/vcard"}
        | {"audio/ogg", "audio/amr", "audio/3gpp", "audio/aac", "audio/mpeg", "audio/mp4"}
        | {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}
        | {f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet"}
        | {f"{OFFICE}.presentationml.presentation"}
    ),
    16 * MB,
)


def meta_takes(kind: str, mime: str, content: bytes) -> bool:
    """Whether a message of this type may have this file."""
    rule = META[kind]
    return 0 < len(content) <= rule.most and rule.allows(mime, content)


def meta_takes_upload(mime: str, content: bytes) -> bool:
    """Whether a file may be uploaded, for some type of message."""
    return any(meta_takes(kind, mime, content) for kind in META)


def twilio_code(whatsapp: bool, mime: str, content: bytes) -> int | None:
    """The error of a file that Twilio has fetched; None when it takes it."""
    if whatsapp:
        rule, wrong_type = TWILIO_WHATSAPP, 63021
    else:
        rule = MMS_PICTURES if MMS_PICTURES.allows(mime, content) else MMS
        wrong_type = 12300
    if not content or not rule.allows(mime, content):
        return wrong_type
    return 11751 if len(content) > rule.most else None
