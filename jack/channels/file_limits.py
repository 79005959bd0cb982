"""What files a channel takes, as its provider documents them: known before one is sent, so that whoever sends it learns of a way out.

WhatsApp (Meta's Cloud API, also by way of Twilio): pictures of 5 MB, sound and video of 16 MB in some forms; what it cannot show is a
document of up to 100 MB. SMS (Twilio's MMS): pictures of 5 MB, other files of 500 kB. E-mail and the web chat take what Jack takes.
"""

from __future__ import annotations

from typing import NamedTuple

MIB = 1024 * 1024
# What WhatsApp shows as a picture, plays as a sound, or as a video.
PICTURES = ("image/jpeg", "image/png")
SOUNDS = ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg; codecs=opus")
VIDEOS = ("video/mp4", "video/3gpp")
PICTURE_BYTES = 5 * MIB
PLAYED_BYTES = 16 * MIB
DOCUMENT_BYTES = 100 * MIB
MMS_PICTURE_BYTES = 5 * MIB
MMS_FILE_BYTES = 500 * 1024


class Refusal(NamedTuple):
    """Why a channel does not take a file, and what can be done: `reason` for programs, `message` in words."""

    reason: str
    message: str


PICTURE_SIZE = Refusal(
    "whatsapp_picture_size",
    "WhatsApp takes pictures of up to 5 MB. Make it smaller, or send it as a PDF.",
)
PLAYED_SIZE = Refusal(
    "whatsapp_media_size",
    "WhatsApp takes sound and video of up to 16 MB. Shorten it, or send a link to it.",
)
DOCUMENT_SIZE = Refusal(
    "whatsapp_document_size",
    "WhatsApp takes documents of up to 100 MB. Send a link to it.",
)
VIDEO_FORM = Refusal(
    "whatsapp_video_form",
    "WhatsApp takes videos as MP4 or 3GP. Save it as MP4, or send a link to it.",
)
SOUND_FORM = Refusal(
    "whatsapp_sound_form",
    "WhatsApp takes sound as MP3, M4A, AAC, AMR, or Ogg with Opus. Save it as MP3.",
)
MMS_PICTURE_SIZE = Refusal(
    "sms_picture_size",
    "By SMS a picture may have up to 5 MB. Make it smaller, or send a link to it.",
)
MMS_FILE_SIZE = Refusal(
    "sms_file_size",
    "By SMS a file may have up to 500 kB. Send a link to it, or send it by e-mail or WhatsApp.",
)


def refusal(channel: str, mime: str, size: int) -> Refusal | None:
    """Why a channel does not take a file of this type and so many bytes; None when it does."""
    if channel == "whatsapp":
        return _whatsapp(mime, size)
    if channel == "sms":
        return _sms(mime, size)
    return None


def whatsapp_kind(mime: str) -> str:
    """The type of a WhatsApp message for a file: what WhatsApp cannot show or play is a `document`."""
    kinds = {"image": PICTURES, "audio": SOUNDS, "video": VIDEOS}
    return next((kind for kind, mimes in kinds.items() if mime in mimes), "document")


def _whatsapp(mime: str, size: int) -> Refusal | None:
    kind, main = whatsapp_kind(mime), mime.partition("/")[0]
    if kind == "document" and main in ("audio", "video"):
        return SOUND_FORM if main == "audio" else VIDEO_FORM
    most, refused = {
        "image": (PICTURE_BYTES, PICTURE_SIZE),
        "audio": (PLAYED_BYTES, PLAYED_SIZE),
        "video": (PLAYED_BYTES, PLAYED_SIZE),
        "document": (DOCUMENT_BYTES, DOCUMENT_SIZE),
    }[kind]
    return refused if size > most else None


def _sms(mime: str, size: int) -> Refusal | None:
    if mime.startswith("image/"):
        return MMS_PICTURE_SIZE if size > MMS_PICTURE_BYTES else None
    return MMS_FILE_SIZE if size > MMS_FILE_BYTES else None
