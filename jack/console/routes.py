"""The pages: `/`, `/setup`, `/invite`, `/chat`, and the files they are made of."""

from __future__ import annotations

from flask import Blueprint, Response, request

from jack.api import get_db
from jack.console import files
from jack.console.pages import page
from jack.settings import store as settings

blp = Blueprint("console", __name__, template_folder="templates")


@blp.get("/")
def home() -> Response:
    """Where to go from here."""
    return page("home.html")


@blp.get("/setup")
def set_up() -> Response:
    """Make the first administrator. The link's token is behind the `#`, which a browser keeps to itself."""
    return page("setup.html")


@blp.get("/invite")
def accept_invite() -> Response:
    """Choose a password with an invitation, whose token is behind the `#`."""
    return page("invite.html")


@blp.get("/chat")
def chat() -> Response:
    """The guest's chat."""
    hotel, web = (settings.value(get_db(), key) for key in ("hotel", "channels.web"))
    shown = {"hotel": hotel["name"], "greeting": web["greeting"], "enabled": web["enabled"]}
    return page("chat.html", usual=hotel["language"], **shown)


@blp.get("/static/<version>/<name>")
def static(version: str, name: str) -> Response:
    """A file of the pages."""
    return files.answer(name, version=version)


@blp.get("/favicon.ico")
@blp.get("/favicon.svg")
@blp.get("/robots.txt")
def well_known() -> Response:
    """What is asked for by a name that is not ours to choose."""
    return files.answer(request.path.removeprefix("/"))
