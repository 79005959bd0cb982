"""What a message says, as the house stores it, whichever provider brought it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jack.channels.payload import line, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.types import Media


@dataclass(frozen=True, slots=True)
class Content:
    """The text staff read, the type of the message, what else is known of it, and its files."""

    text: str
    type: Literal["text", "image", "file", "location", "unsupported"] = "text"
    details: Mapping[str, Any] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    in_reply_to: tuple[str, ...] = ()


def unsupported(kind: str, code: str = "") -> Content:
    """A placeholder for what cannot be shown, with the provider's word for it and its code, if there is one."""
    what = {"kind": kind, **({"code": code} if code else {})}
    says = f"A message of a kind that cannot be shown here ({kind})."
    return Content(says, "unsupported", {"unsupported": what})


def location(latitude: Any, longitude: Any, name: Any, address: Any) -> Content | None:
    """A place on the map; None without coordinates."""
    north, east = number(latitude, 90), number(longitude, 180)
    if north is None or east is None:
        return None
    named, where = line(name), line(address)
    place = {"latitude": north, "longitude": east, "name": named, "address": where}
    says = ", ".join(part for part in (named, where) if part) or f"{north}, {east}"
    return Content(says, "location", {"location": place})
