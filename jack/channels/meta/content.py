"""What a WhatsApp message says, by its kind. A kind that is not known, or not as it should be, is `unsupported`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from jack.channels import content
from jack.channels import payload as reading
from jack.channels.content import Content
from jack.channels.payload import items, line, text, within, word
from jack.channels.types import Media

if TYPE_CHECKING:
    from collections.abc import Callable

Item = dict[str, Any]
MOST_ENTRIES = 20


def of(item: Item) -> Content:
    """What a message says."""
    kind = reading.kind(item.get("type"))
    reader = KINDS.get(kind)
    return (reader(item) if reader else None) or _unsupported(item, kind)


def circumstances(item: Item) -> dict[str, Any]:
    """What goes with a message of any kind: forwarded, or begun from an advertisement."""
    found: dict[str, Any] = {}
    if within(item, "context", "forwarded") or within(item, "context", "frequently_forwarded"):
        found["forwarded"] = True
    names = {"headline": "headline", "body": "body", "source_url": "url", "source_type": "source"}
    referral = {to: line(within(item, "referral", name)) for name, to in names.items()}
    if any(referral.values()):
        found["referral"] = {name: value for name, value in referral.items() if value}
    return found


def _unsupported(item: Item, kind: str) -> Content:
    """A placeholder, which says what it was as far as Meta does."""
    errors = items(item.get("errors"))
    inner = within(item, kind, "type")
    named = reading.kind(inner) if isinstance(inner, str) else kind
    return content.unsupported(named, code=word(within(errors[0], "code")) if errors else "")


def _text(item: Item) -> Content | None:
    body = text(within(item, "text", "body"))
    return Content(body) if body else None


def _file(item: Item) -> Content | None:
    """Pictures and stickers are images; the rest are files. The caption is the text."""
    kind = item["type"]
    held = item.get(kind)
    source = word(within(held, "id")) or text(within(held, "url"), 2048)
    if not source:
        return None
    media = Media(line(within(held, "filename")), line(within(held, "mime_type")), source)
    details = {"voice": True} if within(held, "voice") is True else {}
    shown: Literal["image", "file"] = "image" if kind in ("image", "sticker") else "file"
    return Content(text(within(held, "caption")), shown, details, (media,))


def _location(item: Item) -> Content | None:
    return content.location(
        within(item, "location", "latitude"),
        within(item, "location", "longitude"),
        within(item, "location", "name"),
        within(item, "location", "address"),
    )


def _contacts(item: Item) -> Content | None:
    cards = [_card(one) for one in items(item.get("contacts"))[:MOST_ENTRIES]]
    shown = [", ".join(filter(None, (card["name"], *card["phones"]))) for card in cards]
    said = "\n".join(filter(None, shown))
    return Content(said, details={"contacts": cards}) if said else None


def _card(one: Any) -> dict[str, Any]:
    phones = [line(within(phone, "phone")) for phone in items(within(one, "phones"))]
    return {
        "name": line(within(one, "name", "formatted_name")),
        "phones": [phone for phone in phones if phone][:MOST_ENTRIES],
    }


def _button(item: Item) -> Content | None:
    says, payload = text(within(item, "button", "text")), line(within(item, "button", "payload"))
    if not says and not payload:
        return None
    return Content(says or payload or "", details={"choice": {"id": payload, "title": says}})


def _interactive(item: Item) -> Content | None:
    held = item.get("interactive")
    if within(held, "type") == "nfm_reply":
        answer = text(within(held, "nfm_reply", "response_json"))
        says = text(within(held, "nfm_reply", "body")) or "A form, filled in."
        return Content(says, details={"form": answer}) if answer else None
    for kind in ("button_reply", "list_reply"):
        title = text(within(held, kind, "title"))
        if title:
            chosen = {"id": line(within(held, kind, "id")), "title": title}
            more = line(within(held, kind, "description"))
            return Content(
                title, details={"choice": {**chosen, **({"description": more} if more else {})}}
            )
    return None


def _reaction(item: Item) -> Content | None:
    """An emoji on one of our messages; without one, an earlier reaction is taken back."""
    about = word(within(item, "reaction", "message_id"))
    emoji = line(within(item, "reaction", "emoji"))
    if not about:
        return None
    details = {"reaction": {"emoji": emoji, "messageId": about}}
    return Content(emoji or "Reaction removed.", details=details, in_reply_to=(about,))


def _order(item: Item) -> Content | None:
    held = item.get("order")
    lines = [_order_line(one) for one in items(within(held, "product_items"))[:MOST_ENTRIES]]
    if not lines:
        return None
    note = text(within(held, "text"))
    says = "\n".join([*(f"{one['quantity']:g} × {one['product']}" for one in lines), note]).strip()
    return Content(
        says, details={"order": {"catalog": line(within(held, "catalog_id")), "items": lines}}
    )


def _order_line(one: Any) -> dict[str, Any]:
    return {
        "product": line(within(one, "product_retailer_id")) or "?",
        "quantity": reading.number(within(one, "quantity"), 10**9) or 0.0,
        "price": reading.number(within(one, "item_price"), 10**12),
        "currency": line(within(one, "currency")),
    }


KINDS: dict[str, Callable[[Item], Content | None]] = {
    "text": _text,
    **dict.fromkeys(("image", "sticker", "video", "audio", "voice", "document"), _file),
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
    "order": _order,
}
