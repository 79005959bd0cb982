"""The pages: the staff's at `/`, `/setup`, `/invite`, and the files they are made of."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from jack.core import translations
from jack.http.context import app_state, get_db
from jack.http.public_path import own
from jack.pages import static_files
from jack.pages.templates import page
from jack.resources.auth import password_reset, sessions
from jack.resources.settings import store as settings

blp = Blueprint("staff_page", __name__, template_folder="templates")


# Named on the page, all are fetched at once instead of one after the other. What else there is in `staff/` the scripts load when
# it is first shown.
SCRIPTS = static_files.imported(static_files.STAFF_PAGE)
LANGUAGES = {name: texts["language"] for name, texts in translations.TEXTS.items()}
COLOUR = "#0d6a5b"


@blp.get("/")
def staff() -> Response:
    """The staff's page. What it shows, it asks the API for."""
    db = get_db()
    hotel = settings.value(db, "hotel")
    response = page(
        "staff.html",
        hotel["language"],
        spoken=_chosen_language(),
        hotel=hotel["name"],
        staffed=sessions.has_admin(db),
        resets=password_reset.possible(db, app_state().config.public_url),
        languages=LANGUAGES,
        scripts=SCRIPTS,
    )
    response.vary.add("Cookie")
    return response


def _chosen_language() -> str | None:
    """The language somebody has chosen on this device."""
    chosen = request.cookies.get("language")
    return chosen if chosen in LANGUAGES else None


@blp.get("/manifest.webmanifest")
def manifest() -> Response:
    """What makes the staff's page one that can be installed."""
    name = settings.value(get_db(), "hotel")["name"]
    icons = [
        {
            "src": own(static_files.url(f"icon-{size}.png")),
            "sizes": f"{size}x{size}",
            "type": "image/png",
        }
        for size in (192, 512)
    ]
    described = {
        "id": own("/"),
        "name": f"Jack · {name}",
        "short_name": "Jack",
        "start_url": own("/"),
        "scope": own("/"),
        "display": "standalone",
        "background_color": "#f3f5f2",
        "theme_color": COLOUR,
        "icons": [*icons, {**icons[1], "purpose": "maskable"}],
    }
    response = Response(orjson.dumps(described), content_type=static_files.TYPES[".webmanifest"])
    response.headers["Cache-Control"] = static_files.ASK_FIRST
    response.add_etag()
    response.make_conditional(request)
    return response


@blp.get("/setup")
def set_up() -> Response:
    """Make the first administrator. The link's token is behind the `#`, which a browser keeps to itself."""
    return page("setup.html")


@blp.get("/invite")
def accept_invite() -> Response:
    """Choose a password with an invitation, whose token is behind the `#`."""
    return page("invite.html")


@blp.get("/static/<version>/<path:name>")
def static(version: str, name: str) -> Response:
    """A file of the pages."""
    return static_files.answer(name, version=version)


@blp.get("/favicon.ico")
@blp.get("/favicon.svg")
@blp.get("/robots.txt")
@blp.get("/service-worker.js")
@blp.get("/icon-192.png")
def well_known() -> Response:
    """What is asked for by a name that is not ours to choose, or must not change with its content."""
    return static_files.answer(request.path.removeprefix("/"))
