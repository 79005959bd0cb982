"""The content of an inbound message as it is stored, whichever provider brought it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from jack.channels.payload import line, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.types import Media


@dataclass(frozen=True, slots=True)
class Content:
    """The text shown to staff, the type and details of the message, and its files."""

    text: str
    type: Literal["text", "image", "file", "location", "unsupported"] = "text"
    details: Mapping[str, object] = field(default_factory=dict)
    media: tuple[Media, ...] = ()


def unsupported(kind: str, code: str = "") -> Content:
    """A placeholder for what cannot be shown, with the provider's name for it and its error code, if there is one."""
    what = {"kind": kind, **({"code": code} if code else {})}
    text = f"A message of a kind that cannot be shown here ({kind})."
    return Content(text, "unsupported", {"unsupported": what})


def location(latitude: object, longitude: object, name: object, address: object) -> Content | None:
    """A place on the map; None without coordinates."""
    north, east = number(latitude, 90), number(longitude, 180)
    if north is None or east is None:
        return None
    label, street = line(name), line(address)
    place = {"latitude": north, "longitude": east, "name": label, "address": street}
    text = ", ".join(part for part in (label, street) if part) or f"{north}, {east}"
    return Content(text, "location", {"location": place})
