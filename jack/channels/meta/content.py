"""The content of a WhatsApp message, by its type. A type that is not known, or malformed, is `unsupported`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypedDict

from jack.channels import content, referral
from jack.channels import payload as reading
from jack.channels.content import Content
from jack.channels.payload import identifier, items, line, text, within
from jack.channels.types import Media

Item = Mapping[str, object]
MOST_ENTRIES = 20


def parse(item: Item) -> Content:
    """The content of a message."""
    kind = reading.kind(item.get("type"))
    reader = KINDS.get(kind)
    return (reader(item) if reader else None) or _unsupported(item, kind)


def common_details(item: Item) -> dict[str, object]:
    """Details that a message of any type may have: forwarded, or begun from an advertisement."""
    found: dict[str, object] = {}
    if within(item, "context", "forwarded") or within(item, "context", "frequently_forwarded"):
        found["forwarded"] = True
    told = item.get("referral")
    return found | (referral.details(told) if isinstance(told, dict) else {})


def _unsupported(item: Item, kind: str) -> Content:
    """A placeholder with the type and error code that Meta names."""
    errors = items(item.get("errors"))
    inner = within(item, kind, "type")
    shown = reading.kind(inner) if isinstance(inner, str) else kind
    return content.unsupported(shown, code=identifier(within(errors[0], "code")) if errors else "")


def _text(item: Item) -> Content | None:
    body = text(within(item, "text", "body"))
    return Content(body) if body else None


def _file(item: Item) -> Content | None:
    """Pictures and stickers are images; the rest are files. The caption is the text."""
    kind = str(item["type"])
    file = item.get(kind)
    source = identifier(within(file, "id")) or text(within(file, "url"), 2048)
    if not source:
        return None
    media = Media(line(within(file, "filename")), line(within(file, "mime_type")), source)
    details = {"voice": True} if within(file, "voice") is True else {}
    shown: Literal["image", "file"] = "image" if kind in ("image", "sticker") else "file"
    return Content(text(within(file, "caption")), shown, details, (media,))


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
    joined = "\n".join(filter(None, shown))
    return Content(joined, details={"contacts": cards}) if joined else None


class _Card(TypedDict):
    name: str | None
    phones: list[str]


def _card(one: object) -> _Card:
    phones = [line(within(phone, "phone")) for phone in items(within(one, "phones"))]
    return {
        "name": line(within(one, "name", "formatted_name")),
        "phones": [phone for phone in phones if phone][:MOST_ENTRIES],
    }


def _button(item: Item) -> Content | None:
    title, payload = text(within(item, "button", "text")), line(within(item, "button", "payload"))
    if not title and not payload:
        return None
    return Content(title or payload or "", details={"choice": {"id": payload, "title": title}})


def _interactive(item: Item) -> Content | None:
    reply = item.get("interactive")
    if within(reply, "type") == "nfm_reply":
        form = text(within(reply, "nfm_reply", "response_json"))
        summary = text(within(reply, "nfm_reply", "body")) or "A form, filled in."
        return Content(summary, details={"form": form}) if form else None
    for kind in ("button_reply", "list_reply"):
        title = text(within(reply, kind, "title"))
        if title:
            chosen = {"id": line(within(reply, kind, "id")), "title": title}
            description = line(within(reply, kind, "description"))
            more = {"description": description} if description else {}
            return Content(title, details={"choice": {**chosen, **more}})
    return None


def _order(item: Item) -> Content | None:
    order = item.get("order")
    lines = [_order_line(one) for one in items(within(order, "product_items"))[:MOST_ENTRIES]]
    if not lines:
        return None
    note = text(within(order, "text"))
    shown = [*(f"{one['quantity']:g} × {one['product']}" for one in lines), note]
    catalog = line(within(order, "catalog_id"))
    return Content(
        "\n".join(shown).strip(), details={"order": {"catalog": catalog, "items": lines}}
    )


class _OrderLine(TypedDict):
    product: str
    quantity: float
    price: float | None
    currency: str | None


def _order_line(one: object) -> _OrderLine:
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
    "order": _order,
}
