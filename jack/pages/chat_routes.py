"""The guest's chat: `/chat`, a page of its own; `/widget`, the same inside other sites; `/widget.js`, which puts it there."""

from __future__ import annotations

import re
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from jack.core import translations
from jack.http.context import get_db, request_state
from jack.http.public_path import own
from jack.http.security_headers import FOR_OTHERS
from jack.pages import colours, static_files
from jack.pages.templates import page
from jack.resources.settings import store as settings
from jack.resources.settings.values import HotelSetting, WebChannelSetting

blp = Blueprint("chat", __name__, template_folder="templates")


def _compact(name: str) -> bytes:
    """A script as every visitor of the hotel's site gets it: without indents and empty lines."""
    return re.sub(rb"^\s+", b"", static_files.FILES[name].body, flags=re.MULTILINE)


PARTS = _compact("chat/widget-parts.js").rstrip().removesuffix(b";")
SCRIPT = _compact("chat/widget.js").replace(b'"PARTS"', PARTS)
STYLE = " ".join(
    re.sub(r"/\*.*?\*/", "", static_files.FILES["chat/widget.css"].body.decode()).split()
)
PLACE = b'"HOTEL"'  # in the script, of what the hotel wants of it
# Every page of the hotel's site asks for it: kept for five minutes, and used a day longer while a new one comes.
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
OWN = "'self'"


@blp.get("/chat")
def chat() -> Response:
    """The guest's chat."""
    hotel, web = _settings()
    return page(
        "chat.html",
        hotel["language"],
        spoken=_chosen_language(),
        texts=translations.GUESTS,
        **_shown(hotel, web),
    )


@blp.get("/widget")
def widget() -> Response:
    """The chat as other sites show it: those of the setting `channels.web` and no others."""
    hotel, web = _settings()
    request_state().protection = FOR_OTHERS
    return page(
        "chat.html",
        hotel["language"],
        spoken=_chosen_language(),
        texts=translations.GUESTS,
        framed_by=(OWN, *web["sites"]),
        framed=True,
        sites=web["sites"],
        **_shown(hotel, web),
    )


@blp.get("/widget.js")
def script() -> Response:
    """The button that other sites show."""
    hotel, web = _settings()
    texts, usual = (
        translations.GUESTS,
        translations.nearest_language(hotel["language"], translations.GUESTS),
    )
    wants = {
        "enabled": web["enabled"] is True,
        "title": web["title"] or hotel["name"],
        "colour": web["colour"],
        "language": usual,
        "aliases": translations.ALIASES,
        "rtl": [name for name, one in texts.items() if one["direction"] == "rtl"],
        "open": {name: one["widget"]["open"] for name, one in texts.items()},
        # The rest of what it says, until the chat has loaded in the guest's language.
        "texts": texts[usual]["widget"],
        "style": STYLE,
    }
    body = SCRIPT.replace(PLACE, orjson.dumps(wants))
    request_state().protection = FOR_OTHERS
    response = static_files.packed(Response(body, content_type=static_files.TYPES[".js"]))
    response.add_etag()
    response.headers["Cache-Control"] = FOR_A_WHILE
    response.make_conditional(request)
    return response


@blp.get("/chat/<version>/<colour>.css")
def colour_sheet(version: str, colour: str) -> Response:
    """The styles of a colour (`0d6a5b`); the address holds the version of the files they belong to."""
    if not colours.COLOUR.fullmatch(f"#{colour}"):
        raise NotFound
    response = Response(colours.sheet(f"#{colour}"), content_type=static_files.TYPES[".css"])
    response.headers["Cache-Control"] = (
        static_files.FOR_EVER if version == static_files.VERSION else static_files.ASK_FIRST
    )
    return response


def _settings() -> tuple[HotelSetting, WebChannelSetting]:
    db = get_db()
    return settings.value(db, "hotel"), settings.value(db, "channels.web")


def _shown(hotel: HotelSetting, web: WebChannelSetting) -> dict[str, Any]:
    """What the page says of the hotel: named one by one, for there are secrets in the setting as well."""
    colour = _chosen_colour() or web["colour"]
    return {
        "hotel": hotel["name"],
        "title": web["title"] or hotel["name"],
        "languages": sorted(translations.GUESTS),
        "greeting": web["greeting"],
        "away": web["awayMessage"],
        "hours": web["hours"],
        "zone": hotel["timeZone"],
        "enabled": web["enabled"],
        "colours": _colour_sheet_url(colour) if colour else None,
    }


def _colour_sheet_url(colour: str) -> str:
    return own(f"/chat/{static_files.VERSION}/{colour[1:].lower()}.css")


def _chosen_colour() -> str | None:
    """The colour the site asks for, `?colour=%230d6a5b`."""
    colour = request.args.get("colour", "")
    return colour if colours.COLOUR.fullmatch(colour) else None


def _chosen_language() -> str | None:
    """The language the site asks for, `?language=es`, when it is spoken here."""
    return translations.find(request.args.get("language"), translations.GUESTS)
