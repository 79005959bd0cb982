"""What a guest has come from: an advertisement or a post, as the provider tells it with their first message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels.payload import text

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 2048

# By the name that Jack has for it: what Meta calls it (`referral` of a message), and Twilio (`Referral…` of a form).
NAMES = {
    "headline": ("headline", "ReferralHeadline"),
    "body": ("body", "ReferralBody"),
    "url": ("source_url", "ReferralSourceUrl"),
    "source": ("source_type", "ReferralSourceType"),
    "sourceId": ("source_id", "ReferralSourceId"),
    "clickId": ("ctwa_clid", "ReferralCtwaClid"),
    "mediaType": ("media_type", "ReferralMediaContentType"),
    "mediaId": ("media_id", "ReferralMediaId"),
    "mediaUrl": ("media_url", "ReferralMediaUrl"),
    "imageUrl": ("image_url",),
    "videoUrl": ("video_url",),
    "thumbnailUrl": ("thumbnail_url",),
    "welcomeMessage": ("welcome_message",),
}


def details(told: Mapping[str, object]) -> dict[str, object]:
    """The `referral` of a message's details, of what is told; nothing where nothing is."""
    found = {name: _first(told, names) for name, names in NAMES.items()}
    said = {name: value for name, value in found.items() if value}
    return {"referral": said} if said else {}


def _first(told: Mapping[str, object], names: tuple[str, ...]) -> str:
    """The text under one of these names; of the greeting that an advertisement shows, an object, its `text`."""
    values = (told.get(name) for name in names)
    texts = (value.get("text") if isinstance(value, dict) else value for value in values)
    return next((shown for one in texts if (shown := text(one, LONGEST))), "")
